"""The summary workbook as written: read back with openpyxl, formulas and cached values both."""

from decimal import Decimal as D
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from support.batches import FILE, batch, finding, indicator, project, township

from perfbatch.model import CheckOutcome, WorkbookResult
from perfbatch.outputs.cells import width_of
from perfbatch.outputs.summary import write_summary
from perfbatch.totals import lines

LISTS = ["项目得分", "指标明细", "偏差分析", "未执行项目", "抽查名单", "问题清单"]
LISTS += ["目标设定质量", "整改台账", "规则依据"]
SHEETS = ["汇总", *LISTS, "读取情况"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("summary") / "绩效自评汇总表.xlsx"
    write_summary(target, township())
    return target


@pytest.fixture(scope="module")
def values(path):
    return openpyxl.load_workbook(path, data_only=True)


@pytest.fixture(scope="module")
def formulas(path):
    return openpyxl.load_workbook(path)


def header_row(sheet: Worksheet, title: str) -> int:
    """Row of the heading `title`."""
    return next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == title)


def records(sheet: Worksheet, title: str = "序号") -> list[dict]:
    """Rows under the heading row that starts with `title`, as dicts by heading, down to the first other row."""
    top = header_row(sheet, title)
    heads = [cell.value for cell in sheet[top]]
    rows = [dict(zip(heads, [c.value for c in row], strict=True)) for row in sheet.iter_rows(min_row=top + 1)]
    return [row for row in rows if isinstance(row[title], int)]


def texts(sheet: Worksheet) -> str:
    """All texts of a sheet, for searching."""
    return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)


def by_first(sheet: Worksheet, column: int) -> dict[str, list]:
    """Rows of a sheet by the text in `column` (1-based)."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return {row[column - 1]: row for row in rows if isinstance(row[column - 1], str)}


def test_sheets_come_in_the_order_of_the_paperwork(values):
    assert values.sheetnames == SHEETS


@pytest.mark.parametrize("name", LISTS)
def test_lists_print_as_a4_pages_with_repeated_headings(formulas, name):
    sheet = formulas[name]
    head = header_row(sheet, "序号")
    assert sheet.print_title_rows == f"${head}:${head}"
    assert sheet.freeze_panes.endswith(str(head + 1))
    assert sheet.auto_filter.ref.startswith(f"A{head}:")
    assert sheet.print_area.startswith(f"'{name}'!$A$1:")
    setup = sheet.page_setup
    assert (setup.paperSize, setup.orientation, setup.fitToWidth or 1, setup.fitToHeight) == (9, "landscape", 1, 0)
    assert (sheet.oddFooter.center.text, setup.useFirstPageNumber) == ("&A　第 &P 页", True)


def test_scores_of_projects_stand_side_by_side_with_live_differences(values, formulas):
    cached, live = records(values["项目得分"]), records(formulas["项目得分"])
    assert len(cached) == 83
    ninth = cached[8]
    assert (ninth["自评总分"], ninth["分项得分合计"], ninth["复算总分"]) == (100, 98.5, 98.09)
    assert ninth["差额"] == pytest.approx(1.91)
    head = header_row(formulas["项目得分"], "序号")
    at = {cell.value: f"{cell.column_letter}{head + 9}" for cell in formulas["项目得分"][head]}
    assert live[8]["差额"] == f"={at['自评总分']}-{at['复算总分']}"
    budget, executed = at["全年预算"], at["全年执行"]
    assert live[8]["执行率"] == f'=IF(N({budget})=0,"",ROUND({executed}/{budget},8))'
    assert live[8]["执行率复算得分"].startswith("=IF(COUNT(")
    assert cached[6]["执行率"] == 0
    assert (cached[8]["错误"], cached[9]["疑问"]) == (1, 1)


def test_sums_stand_under_the_list_of_projects(values, formulas):
    sheet = values["项目得分"]
    row = by_first(sheet, 2)["合计"]
    heads = [cell.value for cell in sheet[header_row(sheet, "序号")]]
    assert row[heads.index("全年预算")] == float(sum(D(at) * D("3.17") for at in range(1, 84)))
    live = by_first(formulas["项目得分"], 2)["合计"]
    first = header_row(sheet, "序号") + 1
    budget, executed = (get_column_letter(heads.index(title) + 1) for title in ("全年预算", "全年执行"))
    assert live[heads.index("全年预算")] == f"=SUM({budget}{first}:{budget}{first + 82})"
    rate = f'=IF({budget}{first + 83}=0,"",{executed}{first + 83}/{budget}{first + 83})'
    assert live[heads.index("执行率")] == rate


def test_indicators_carry_live_formulas_with_the_figures_of_the_program(values, formulas):
    cached, live = records(values["指标明细"]), records(formulas["指标明细"])
    assert len(cached) == 996
    row = next(at for at, item in enumerate(cached) if item["三级指标"] == "补偿面积")
    item, texts_ = cached[row], live[row]
    assert (item["指标值"], item["实际完成值"]) == ("=156.9亩", "116.95亩")
    assert (item["目标数"], item["完成数"]) == (156.9, 116.95)
    assert item["完成率"] == pytest.approx(0.74537922)
    assert item["偏差"] == pytest.approx(-0.25462078)
    assert (item["自评得分"], item["复算得分"]) == (6, 5.59)
    assert item["差额"] == pytest.approx(0.41)
    assert all(texts_[title].startswith("=") for title in ("完成率", "偏差", "复算得分", "差额"))
    assert "116.95" in item["计算说明"]


def test_declared_and_computed_scores_are_compared_in_one_line(values):
    line = "自评得分与复算得分：一致821条，容许差以内0条，不一致9条，不能复算166条。"
    assert line in texts(values["指标明细"])


def test_qualitative_rows_have_no_invented_score(values):
    rows = [row for row in records(values["指标明细"]) if row["方向"] == "定性"]
    assert len(rows) == 166
    assert {(row["复算得分"], row["差额"], row["完成率"]) for row in rows} == {(None, None, None)}
    assert all("得分应在" in row["计算说明"] for row in rows)


def test_deviations_are_listed_worst_first_with_reasons_and_links(values, formulas):
    rows = records(values["偏差分析"])
    assert [row["情形"] for row in rows] == ["未达目标"] * 9 + ["超额完成"] * 8 + ["项目未执行"] * 20
    assert (rows[0]["扣分"], rows[0]["偏差原因"]) == (1.5, "因财力紧张等原因，项目无法全部完成，只补偿了部分地块")
    assert rows[9]["偏差原因"] == "（未填写）"
    cell = formulas["偏差分析"].cell(header_row(formulas["偏差分析"], "序号") + 1, 13)
    assert (cell.value, cell.hyperlink.location) == ("E10", "'表9'!E10")


def test_findings_are_one_row_each_in_order(values):
    rows = records(values["问题清单"])
    assert len(rows) == 17
    assert [row["工作表"] for row in rows][:3] == ["表9", "表10", "表18"]
    assert rows[0]["级别"] == "错误"
    assert rows[1]["级别"] == "疑问"


def test_reading_says_what_became_of_files_sheets_checks_and_notes(values):
    text = texts(values["读取情况"])
    assert "共2个文件：已读取1个，未读取1个，处理失败0个；读取83个项目、996条指标。" in text
    assert "“损坏.xlsx”不完整，请重新导出。" in text
    assert "批注文件：自评表_批注.xlsx" in text
    assert "工作表“数据字典”是隐藏的，已照常读取。" in text
    assert "发现问题" in text


def test_a_unit_that_states_no_spending_has_blanks_and_no_rate(tmp_path):
    made = [project(1, unit="甲站"), project(2, unit="乙站", executed=None)]
    write_summary(tmp_path / "s.xlsx", batch(made, []))
    book = openpyxl.load_workbook(tmp_path / "s.xlsx", data_only=True)
    found = {row["填报单位"]: (row["全年执行"], row["执行率"]) for row in records(book["单位汇总"], "名次")}
    assert found == {"甲站": (10, 1), "乙站": (None, None)}


def test_rules_in_force_are_listed_with_their_sources(values):
    rows = {row["参数"]: row for row in records(values["规则依据"])}
    assert rows["report_bands"]["取值"] == "90、60"
    assert rows["report_bands"]["出处"] == "自评工作报告填报实务"
    assert rows["exec_steps"]["取值"] == "1→1、0.8→0.7、0.6→0.5、0→0"
    assert rows["pass_threshold"]["取值"] == "关闭"
    notes = [text for text in texts(values["规则依据"]).splitlines() if "据记忆" in text]
    assert len(notes) == 1, "one footnote"
    assert "grades" in notes[0]
    assert "sichuan_10_90（执行率 10）；guangshui_85（项目决策 2，项目管理 13" in rows["weight_profiles"]["取值"]
    assert "83个项目适用《财预〔2020〕10号" in texts(values["规则依据"])


def test_numbers_are_numbers_in_the_formats_of_an_accountant(formulas):
    sheet = formulas["项目得分"]
    row = sheet[header_row(sheet, "序号") + 1]
    heads = [cell.value for cell in sheet[header_row(sheet, "序号")]]
    formats = {head: cell.number_format for head, cell in zip(heads, row, strict=True)}
    assert (formats["全年预算"], formats["执行率"], formats["差额"]) == ("#,##0.00", "0.00%", "0.00")
    assert all(cell.data_type in "nf" for cell in row[4:15])
    assert {cell.font.name for cell in row} == {"宋体"}


def test_no_number_is_wider_than_its_column(formulas, values):
    for name in ("项目得分", "指标明细", "偏差分析", "抽查名单"):
        sheet = values[name]
        for row in sheet.iter_rows(min_row=header_row(sheet, "序号") + 1):
            for cell in row:
                if isinstance(cell.value, float) and "0.00" in cell.number_format:
                    shown = f"{cell.value:,.2%}" if "%" in cell.number_format else f"{cell.value:,.2f}"
                    assert len(shown) < sheet.column_dimensions[cell.column_letter].width, cell


def test_same_batch_same_bytes(tmp_path, path):
    write_summary(tmp_path / "again.xlsx", township())
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def heights(sheet: Worksheet) -> dict[int, float | None]:
    return {at: row.height for at, row in sheet.row_dimensions.items()}


def test_streamed_to_disk_the_sheets_are_the_same(tmp_path, monkeypatch, values):
    monkeypatch.setattr("perfbatch.outputs.summary.STREAM_FROM", 0)
    write_summary(tmp_path / "streamed.xlsx", township())
    other = openpyxl.load_workbook(tmp_path / "streamed.xlsx", data_only=True)
    for sheet in values:
        assert [[c.value for c in r] for r in other[sheet.title].iter_rows()] == [
            [c.value for c in r] for r in sheet.iter_rows()
        ]
        if sheet.title != "汇总":  # of which a row holds nothing but a chart
            assert heights(other[sheet.title]) == heights(sheet) != {}


def test_a_list_too_long_for_a_sheet_is_a_stated_selection(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "LISTED", 4)
    found = [finding(1, f"E{at}", "info") for at in range(9, 15)] + [finding(1, "E20"), finding(1, "E2", "warning")]
    made = batch([project(1)], [indicator(1, at) for at in range(9, 15)], found)
    write_summary(tmp_path / "s.xlsx", made)
    book = openpyxl.load_workbook(tmp_path / "s.xlsx", data_only=True)
    shown = records(book["问题清单"])
    assert [(row["级别"], row["单元格"]) for row in shown] == [
        ("疑问", "E2"), ("提示", "E9"), ("提示", "E10"), ("错误", "E20"),
    ]  # fmt: skip
    assert "共8条问题，本表列出先错误、后疑问、再提示的4条问题，全部见 findings.jsonl。" in texts(book["问题清单"])
    assert len(records(book["指标明细"])) == 4
    assert "共6条指标，本表列出问题最多的项目的4条指标，全部见 data/indicators.parquet。" in texts(book["指标明细"])


def test_links_fit_their_columns_since_linked_text_does_not_wrap_everywhere(formulas):
    linked = [cell for sheet in formulas.worksheets for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert len(linked) > 10
    for cell in linked:
        width = cell.parent.column_dimensions[cell.column_letter].width
        assert width_of(str(cell.value)) + 1 <= width, (cell.parent.title, cell.coordinate, cell.value)


def test_several_units_are_ranked_on_a_sheet_of_their_own(tmp_path):
    rows = [("甲镇", 100, 1), ("乙镇", 70, 30), ("乙镇", 90, 10), ("丙镇", 95, 5), ("丁镇", 95, 5)]
    made = batch(
        [project(at, unit=unit, total_declared=D(score), budget_adjusted=D(money), executed=D(money))
         for at, (unit, score, money) in enumerate(rows)],
        [],
    )  # fmt: skip
    write_summary(tmp_path / "s.xlsx", made)
    book = openpyxl.load_workbook(tmp_path / "s.xlsx", data_only=True)
    ranked = records(book["单位汇总"], "名次")
    columns = ("名次", "填报单位", "平均自评得分", "按预算加权自评得分")
    assert [tuple(row[column] for column in columns) for row in ranked] == [
        (1, "甲镇", 100, 100), (2, "丁镇", 95, 95), (2, "丙镇", 95, 95), (4, "乙镇", 80, 75),
    ]  # fmt: skip
    foot = dict(zip([cell.value for cell in book["单位汇总"][header_row(book["单位汇总"], "名次")]],
                    by_first(book["单位汇总"], 2)["合计"], strict=True))  # fmt: skip
    assert foot["项目个数"] == 5
    assert (foot["平均自评得分"], foot["按预算加权自评得分"]) == (90, 79.41)
    assert book["汇总"]["A2"].value == "填报单位：示例镇人民政府（共4个单位）"
    assert "填报单位" in [cell.value for cell in book["项目得分"][header_row(book["项目得分"], "序号")]]


def test_a_unit_whose_mean_is_nought_goes_before_one_without_any_score(tmp_path):
    made = batch([project(1, unit="甲镇", total_declared=None), project(2, unit="乙镇", total_declared=D(0))], [])
    write_summary(tmp_path / "s.xlsx", made)
    book = openpyxl.load_workbook(tmp_path / "s.xlsx", data_only=True)
    ranked = [(row["名次"], row["填报单位"], row["平均自评得分"]) for row in records(book["单位汇总"], "名次")]
    assert ranked == [(1, "乙镇", 0), (2, "甲镇", None)]


def test_an_empty_batch_still_says_what_happened(tmp_path):
    made = batch([], [])
    made.results = [WorkbookResult(FILE, "", "refused", "“自评表.xlsx”已加密，请取消密码后重试。", "encrypted")]
    write_summary(tmp_path / "s.xlsx", made)
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    assert book.sheetnames == SHEETS
    assert "“自评表.xlsx”已加密，请取消密码后重试。" in texts(book["读取情况"])
    assert "无" in texts(book["项目得分"])


def test_a_broken_check_is_named_without_its_traceback(tmp_path):
    trace = "Traceback (most recent call last):\n  File \"/x/y.py\", line 1\nKeyError: 'points'\n"
    made = batch([project(1)], [])
    made.checks = [CheckOutcome("SC06", "errored", 0, trace), CheckOutcome("RP01", "unchecked", 0, "没有上年数据")]
    write_summary(tmp_path / "s.xlsx", made)
    text = texts(openpyxl.load_workbook(tmp_path / "s.xlsx")["读取情况"])
    assert "程序内部错误，其他检查不受影响：KeyError: 'points'" in text
    assert "/x/y.py" not in text
    assert "没有上年数据" in text
    assert "未检查" in text


def test_money_beyond_excel_is_shown_as_text(tmp_path):
    made = batch([project(1, budget_initial=D("1E+400"))], [])
    write_summary(tmp_path / "s.xlsx", made)
    (row,) = records(openpyxl.load_workbook(tmp_path / "s.xlsx", data_only=True)["项目得分"])
    assert row["年初预算"] == "1" + "0" * 400


def test_range_targets_and_deductions_get_columns_only_when_there_are_any(tmp_path, values):
    heads = [cell.value for cell in values["指标明细"][header_row(values["指标明细"], "序号")]]
    assert "目标上限" not in heads
    row = indicator(1, 9, operator="range", target_text="5-8个", target_base=D(5), target_base2=D(8), actual_base=D(10))
    write_summary(tmp_path / "s.xlsx", batch([project(1)], [row]))
    (item,) = records(openpyxl.load_workbook(tmp_path / "s.xlsx", data_only=True)["指标明细"])
    assert (item["目标数"], item["目标上限"], item["复算得分"]) == (5, 8, 6)


def test_a_finding_about_a_file_without_annotated_copy_names_its_cell_only(tmp_path):
    made = batch([project(1)], [], [finding(1, "N9", file="抽查工作底稿.xlsx", sheet="01示例项目1")])
    write_summary(tmp_path / "s.xlsx", made)
    (row,) = records(openpyxl.load_workbook(tmp_path / "s.xlsx")["问题清单"])
    assert (row["工作表"], row["单元格"]) == ("01示例项目1", "N9")
