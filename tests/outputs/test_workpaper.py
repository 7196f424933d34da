"""The spot-check workpaper read back: figures, links, evidence, validation, keys, names, injected text."""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from support.batches import batch, finding, indicator, project, township
from support.workpapers import beside, heading, row_of

from perfbatch.evidence.kinds import evidence_for, remark
from perfbatch.followup.workpaper_reader import read_workpaper
from perfbatch.intake import read_book
from perfbatch.outputs.summary import write_summary
from perfbatch.outputs.workpaper import parts_of, write_workpaper
from perfbatch.outputs.workpaper.form import sheet_names
from perfbatch.totals.sampling import Drawn, Sample


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("workpaper") / "抽查工作底稿.xlsx"
    made = township(24, 6)
    made.draw = Sample(tuple(Drawn(key, "certain", "金额最大") for key in made.sample), made.draw.note)
    write_workpaper(target, made)
    return target


@pytest.fixture(scope="module")
def book(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


def values(sheet: Worksheet, row: int) -> dict[str, object]:
    return {word: sheet.cell(row, column).value for word, column in heading(sheet)[1].items()}


def test_a_sheet_for_each_drawn_project_behind_a_list(book):
    assert book.sheetnames[0] == "目录"
    assert [name[:2] for name in book.sheetnames[1:-1]] == ["01", "02", "03"]
    assert book["校验"].sheet_state == "veryHidden"


def test_the_figures_of_the_form_stand_in_the_table(book):
    sheet = book.worksheets[1]
    found = values(sheet, row_of(sheet, "完成数量11"))
    assert (found["指标值"], found["实际完成值"], found["分值"], found["自评得分"]) == ("≥10个", "10个", 7.5, 7.5)
    money = values(sheet, row_of(sheet, "预算执行率"))
    assert (money["指标值"], money["实际完成值"], money["分值"]) == ("预算9.51万元", "执行9.51万元", 10)
    assert beside(sheet, "全年执行数").value == pytest.approx(9.51)
    assert beside(sheet, "抽取方式").value == "按风险确定（金额最大）"


def test_columns_for_the_reviewer_are_empty(book):
    for sheet in book.worksheets[1:-1]:
        top, columns = heading(sheet)
        for word in ("佐证材料是否齐全", "核查完成值", "核查分数", "核查意见"):
            assert sheet.cell(top + 1, columns[word]).value is None
        for label in ("项目核查意见", "核查人", "核查日期"):
            assert beside(sheet, label).value is None


def test_figures_lead_to_their_cells_of_the_annotated_form(book):
    sheet = book.worksheets[1]
    row, columns = row_of(sheet, "完成数量11"), heading(sheet)[1]
    cells = {"指标值": "D11", "实际完成值": "E11", "分值": "F11", "自评得分": "G11"}
    for word, cell in cells.items():
        link = sheet.cell(row, columns[word]).hyperlink
        assert (link.target, link.location) == ("自评表_批注.xlsx", f"'表3'!{cell}"), word


def test_scores_are_validated_against_the_points_of_their_row(book):
    sheet = book.worksheets[1]
    top, columns = heading(sheet)
    rules = {rule.type: rule for rule in reversed(sheet.data_validations.dataValidation)}  # the table's come first
    points = openpyxl.utils.get_column_letter(columns["分值"])
    score = openpyxl.utils.get_column_letter(columns["核查分数"])
    assert (rules["decimal"].formula1, rules["decimal"].formula2) == ("0", f"${points}{top + 1}")
    assert str(rules["decimal"].sqref).startswith(f"{score}{top + 1}:{score}")
    assert rules["list"].formula1 == '"是,部分,否"'
    assert rules["decimal"].showErrorMessage


def test_sums_are_live(book):
    sheet = book.worksheets[1]
    top, columns = heading(sheet)
    below = next(r for r in range(top, sheet.max_row) if sheet.cell(r, 2).value == "合计")
    assert sheet.cell(below, columns["自评得分"]).value.startswith("=SUM(")
    assert "COUNT(" in sheet.cell(below, columns["核查分数"]).value


def test_computed_scores_are_added_up_only_where_every_scored_row_has_one(tmp_path):
    words = {"kind": "qualitative", "target_base": None, "actual_base": None, "comparison": "none"}
    made = batch([project(1), project(2)], [indicator(1, 9), indicator(2, 9), indicator(2, 10, **words)])
    made.sample = ["P0001", "P0002"]
    write_workpaper(tmp_path / "抽查工作底稿.xlsx", made)
    book = openpyxl.load_workbook(tmp_path / "抽查工作底稿.xlsx", data_only=True)
    found = []
    for sheet in book.worksheets[1:3]:
        below = next(r for r in range(1, sheet.max_row) if sheet.cell(r, 2).value == "合计")
        found.append([sheet.cell(below, heading(sheet)[1][word]).value for word in ("自评得分", "复算得分")])
    assert found == [[17.5, 17.5], [25, None]]


def test_keys_are_hidden_and_unique(book):
    keys = []
    for sheet in book.worksheets[1:-1]:
        top, columns = heading(sheet)
        letter = openpyxl.utils.get_column_letter(columns["校验码"])
        assert sheet.column_dimensions[letter].hidden
        keys += [c.value for (c,) in sheet.iter_rows(top + 1, min_col=columns["校验码"], max_col=columns["校验码"])]
    keys = [key for key in keys if key]
    assert len(keys) == len(set(keys)) == 3 * (6 + 1 + 2 + 5)


def test_prints_on_landscape_paper_with_its_heading_repeated(book):
    for sheet in book.worksheets[:-1]:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows
    last = book.worksheets[1].print_area.split("$")[-2]
    assert last == openpyxl.utils.get_column_letter(heading(book.worksheets[1])[1]["核查意见"])


def test_evidence_by_kind_names_its_source_and_no_doubt_of_ours(book):
    sheet = book.worksheets[1]
    assert values(sheet, row_of(sheet, "完成数量11"))["应备佐证材料"] == "合同、签到表、发放清册、验收单"
    assert "一般做法" in remark()
    assert not any("据记忆" in str(cell.value) for page in book.worksheets for row in page.iter_rows() for cell in row)
    assert any(remark() in str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)


@pytest.mark.parametrize(
    ("level1", "level2", "words"),
    [
        ("产出指标", "质量指标", "验收报告"),
        ("效益指标", "经济效益指标", "统计表"),
        ("效益指标", "可持续影响指标", "管护协议"),
        ("满意度指标", "服务对象满意度指标", "调查问卷"),
        ("预算执行", "", "支付凭证"),
        ("成本指标", "", "会计凭证"),
        ("其他", "自设", "证明材料"),
    ],
)
def test_evidence(level1, level2, words):
    assert words in evidence_for(level1, level2)


def test_same_batch_same_bytes(path, tmp_path):
    made = township(24, 6)
    made.draw = Sample(tuple(Drawn(key, "certain", "金额最大") for key in made.sample), made.draw.note)
    write_workpaper(tmp_path / "again.xlsx", made)
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_without_a_sample_the_list_says_so(tmp_path):
    made = township(2, 4)
    made.sample, made.draw = [], Sample()
    write_workpaper(tmp_path / "none.xlsx", made)
    texts = [cell.value for row in openpyxl.load_workbook(tmp_path / "none.xlsx")["目录"].iter_rows() for cell in row]
    assert "金额单位：万元。本次运行未抽取项目。" in texts
    assert "无" in texts


def several(units: dict[str, int]):
    """A batch in which each unit has so many projects, all of them drawn."""
    names = [unit for unit, count in units.items() for _ in range(count)]
    made = batch(
        [project(at, unit=unit) for at, unit in enumerate(names)], [indicator(at, 9) for at in range(len(names))]
    )
    made.sample = made.frames.projects["project_id"].tolist()
    return made


def test_up_to_sixty_projects_are_one_workbook_more_are_one_a_unit():
    made = several({"甲局": 30, "乙局": 30})
    assert [(part.name, len(part.lines)) for part in parts_of(made)] == [("抽查工作底稿.xlsx", 60)]
    made = several({"甲局": 250, "乙/局": 20, "": 1})
    parts = parts_of(made)
    assert [(part.name, len(part.lines)) for part in parts] == [
        ("抽查工作底稿/抽查工作底稿_甲局.xlsx", 200), ("抽查工作底稿/抽查工作底稿_甲局_2.xlsx", 50),
        ("抽查工作底稿/抽查工作底稿_乙_局.xlsx", 20), ("抽查工作底稿/抽查工作底稿_未填列.xlsx", 1),
    ]  # fmt: skip
    assert [line.project_id for part in parts for line in part.lines] == made.sample, "none is left out"


def test_the_workbook_of_a_unit_says_of_how_many_it_is_and_is_reached_from_the_summary(tmp_path):
    made = several({"甲局": 40, "乙局": 30})
    parts = parts_of(made)
    write_workpaper(tmp_path / "乙.xlsx", made, lines=parts[1].lines)
    book = openpyxl.load_workbook(tmp_path / "乙.xlsx")
    assert len(book.sheetnames) == 1 + 30 + 1
    assert "本次共抽查70个项目，本底稿为乙局的30个" in book["目录"]["A3"].value
    made.workpapers = {part.name: part.name for part in parts}
    write_summary(tmp_path / "s.xlsx", made)
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "s.xlsx")["抽查名单"].iter_rows() for cell in row]
    links = [cell.hyperlink for cell in cells if cell.hyperlink and "底稿" in cell.hyperlink.target]
    assert (links[40].target.replace("\\", "/"), links[40].location) == (
        "抽查工作底稿/抽查工作底稿_乙局.xlsx",
        "'01示例项目40'!A1",
    )
    assert len(links) == 70


def test_what_the_checks_found_on_the_form_is_printed_on_its_sheet(tmp_path):
    found = [
        finding(1, "E9", "warning", "IN12", message="指标“完成数量9”超额较多。", state="accepted", reason="按实际需求"),
        finding(1, "G9", message="自评得分与复算得分不一致。"), finding(1, "D9", "info", "IN10"), finding(2, "G9"),
        finding(1, "N9", "error", "XP15", file="抽查工作底稿.xlsx", message="核查分数超过分值。"),
    ]  # fmt: skip
    made = batch([project(1), project(2)], [indicator(1, 9), indicator(2, 9)], found, sample=["P0001"])
    write_workpaper(tmp_path / "w.xlsx", made)
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx").worksheets[1]
    rows = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    top = next(at for at, row in enumerate(rows) if row and "自评表核对发现的问题（2条" in str(row[0]))
    assert rows[top + 1] == [1, "错误", "SC06", "G9", "自评得分与复算得分不一致。"]
    assert rows[top + 2] == [2, "疑问", "IN12", "E9", "指标“完成数量9”超额较多。（已说明：按实际需求）"]
    assert rows[top + 3][0] == "项目核查意见"
    assert read_workpaper(tmp_path / "w.xlsx").problems == [], "printed rows are no entries"


HOSTILE = [
    "=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2", "<r><t>x</t></r>", "\u202e反\u202c", "_x0041_", "a\tb\nc", "　空　",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_form_stays_text(tmp_path, text):
    made = batch(
        [project(1, project_name=text, goal_expected=text, project_code=text)],
        [indicator(1, 10, level3=text, target_text=text, actual_text=text, reason=text)],
        sample=["P0001"],
    )
    write_workpaper(tmp_path / "w.xlsx", made)
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx", rich_text=False).worksheets[1]
    top, columns = heading(sheet)
    row = top + 2
    for word in ("三级指标", "指标值", "实际完成值", "偏差原因"):
        cell = sheet.cell(row, columns[word])
        assert (cell.value, cell.data_type) == (text, "s"), word
    assert beside(sheet, "项目名称").value == text


def test_overlong_text_is_cut_with_a_remark(tmp_path):
    made = batch([project(1)], [indicator(1, 10, reason="长" * 40_000)], sample=["P0001"])
    write_workpaper(tmp_path / "w.xlsx", made)
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx").worksheets[1]
    top, columns = heading(sheet)
    assert sheet.cell(top + 2, columns["偏差原因"]).value.endswith("…（全文见 findings.jsonl）")


@given(st.lists(st.text(max_size=60), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_sheet_names_are_legal_whatever_the_projects_are_called(projects):
    names = sheet_names(projects)
    assert len({name.casefold() for name in names}) == len(projects)
    for name in names:
        assert 4 <= len(name.encode("utf-16-le")) <= 62
        assert not set(name) & set("[]:*?/\\'")
        assert name == name.strip()


def test_rows_without_points_of_their_own_take_part_but_have_none(tmp_path):
    made = batch([project(1)], [indicator(1, 10), indicator(1, 11, role="child", points=None, score_declared=None)])
    made.sample = ["P0001"]
    write_workpaper(tmp_path / "w.xlsx", made)
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx").worksheets[1]
    assert values(sheet, row_of(sheet, "完成数量11"))["分值"] is None
    assert values(sheet, row_of(sheet, "完成数量10"))["分值"] == float(D("7.5"))


def test_control_characters_and_names_that_differ_in_case_only_do_no_harm(tmp_path):
    name = "'=cmd|' /C calc'!A0\u202e\x07"
    made = batch(
        [project(1, project_name=name), project(2, project_name=name.upper()), project(3, project_name="长" * 32_767)],
        [indicator(at, 10, level3=name * 2000) for at in (1, 2, 3)],
        sample=["P0001", "P0002", "P0003"],
    )
    write_workpaper(tmp_path / "w.xlsx", made)
    names = openpyxl.load_workbook(tmp_path / "w.xlsx").sheetnames
    assert len({name.casefold() for name in names}) == 5
    first = read_book(tmp_path / "w.xlsx", name="w").grids[0]
    assert name in {cell.text for cell in first.cells.values()}
