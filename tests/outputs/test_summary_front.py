"""The first sheet can be attached to the report alone: whole, on A4 pages of its own, no word about the program."""

import re
from decimal import Decimal as D
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from support.batches import RULESET, batch, finding, indicator, project, township

from perfbatch import rulesets, schema
from perfbatch.followup.ledger_reader import LedgerSheet
from perfbatch.followup.previous import Previous
from perfbatch.identity.roster import Attendance
from perfbatch.model import Frames
from perfbatch.outputs.cells import lines_of, parts_of
from perfbatch.outputs.summary import write_summary
from perfbatch.scoring import score

PAGE = 880  # points of rows that Excel puts on an A4 page at 85 %


def front_of(made, folder: Path) -> Worksheet:
    write_summary(folder / "s.xlsx", made)
    return openpyxl.load_workbook(folder / "s.xlsx", data_only=True)["汇总"]


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Worksheet:
    return front_of(township(), tmp_path_factory.mktemp("front"))


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def section(sheet: Worksheet, title: str) -> list[list]:
    """The rows of a section as lists of the values that are not blank, its headings first."""
    rows = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    at = next(
        n
        for n, row in enumerate(rows)
        if row and title in str(row[0]) and re.match("[一二三四五六七八九十]、", str(row[0]))
    )
    after = (
        n for n in range(at + 1, len(rows)) if rows[n] and re.match("[一二三四五六七八九十]、|说明：", str(rows[n][0]))
    )
    return [row for row in rows[at + 1 : next(after)] if row]


def below(sheet: Worksheet, title: str):
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == title)
    return sheet.cell(cell.row + 1, cell.column).value


def test_it_states_the_totals_of_the_batch(front):
    assert front["A1"].value == "示例镇人民政府2023年度预算项目绩效自评汇总表"
    assert front["A2"].value == "填报单位：示例镇人民政府"
    total = sum(D(at) * D("3.17") for at in range(1, 84))
    idle = (7 + 11) * D("3.17")
    assert (below(front, "项目个数"), below(front, "指标条数")) == (83, 83 * 12)
    assert below(front, "全年预算数") == float(total)
    assert below(front, "全年执行数") == pytest.approx(float(total - idle), abs=1e-9)
    assert below(front, "预算执行率") == pytest.approx(float((total - idle) / total))
    assert below(front, "最高、最低得分") == "100，15"
    assert below(front, "未执行项目") == 2
    assert below(front, "需核实的问题") == "错误9条，疑问8条"


def test_bands_and_grades_stand_side_by_side(front):
    rows = section(front, "得分分布")
    assert rows[0] == ["得分段", "项目个数", "占项目总数", "等级", "项目个数", "占项目总数"]
    assert [row[:2] for row in rows[1:4]] == [["90分以上（含90分）", 81], ["60（含）至90分", 0], ["60分以下", 2]]
    assert [row[-3:-1] for row in rows[1:]] == [["优", 81], ["良", 0], ["中", 0], ["差", 2]]


def test_money_is_divided_by_origin_category_and_source(tmp_path):
    made = batch([], [])
    rows = [
        project(1, origin="年初预算", category="甲", budget_initial=D(100), budget_adjusted=D(120), executed=D(90)),
        project(2, origin="追加预算", category="乙", budget_initial=D(0), budget_adjusted=D(30), executed=D(30)),
        project(3, origin="年初预算", category="乙", budget_initial=D(10), budget_adjusted=D(10), executed=D(10)),
    ]
    funds = [
        ("P0001", "其中：当年财政拨款", 70, 90, 60), ("P0001", "上年结转资金", 30, 30, 30),
        ("P0001", "其他资金", 0, 0, 0), ("P0002", "中央财政资金", 0, 20, 20), ("P0002", "单位自筹", 0, 10, 10),
        ("P0003", "其中：财政拨款", 8, 8, 8),  # 8 of 10: does not add up, so nothing is said of its source
    ]  # fmt: skip
    made.frames = score(
        Frames(
            schema.frame(rows, schema.PROJECTS),
            schema.frame(
                [
                    {
                        "project_id": key,
                        "role": "sub",
                        "source": source,
                        "initial": D(a),
                        "adjusted": D(b),
                        "executed": D(c),
                    }
                    for key, source, a, b, c in funds
                ],
                schema.FUNDS,
            ),
            schema.frame([], schema.INDICATORS),
        ),
        {RULESET: rulesets.load(RULESET)},
    )
    rows = section(front_of(made, tmp_path), "预算安排与执行")
    assert rows[0] == ["分类", "名称", "项目个数", "年初预算数", "调整数", "全年预算数", "全年执行数", "结余", "执行率"]
    assert {row[1]: row[2:] for row in rows[1:-1]} == {
        "年初预算": [2, 110, 20, 130, 100, 30, pytest.approx(100 / 130)],
        "追加预算": [1, 0, 30, 30, 30, 0, 1],
        "甲": [1, 100, 20, 120, 90, 30, 0.75],
        "乙": [2, 10, 30, 40, 40, 0, 1],
        "财政拨款": [2, 70, 40, 110, 80, 30, pytest.approx(80 / 110)],
        "上年结转": [1, 30, 0, 30, 30, 0, 1],
        "其他资金": [1, 0, 10, 10, 10, 0, 1],
        "来源未列明": [1, 10, 0, 10, 10, 0, 1],
    }
    assert rows[-1] == ["合计", 3, 110, 50, 160, 130, 30, pytest.approx(130 / 160)]


def test_no_difference_is_made_of_amounts_that_not_all_projects_state(tmp_path):
    made = batch([project(1, executed=None), project(2)], [])
    rows = section(front_of(made, tmp_path), "预算安排与执行")
    whole = next(row for row in rows if row[0] == "合计")
    assert whole == ["合计", 2, 20, 0, 20, 10, 0.5]  # no 结余


def test_indicators_are_counted_by_level_one_with_mean_scores(tmp_path):
    rows = [
        indicator(1, 9),
        indicator(1, 10, actual_text="5个", actual_value=D(5), actual_base=D(5), score_declared=D(3)),
        indicator(2, 9),
        indicator(1, 11, level1="满意度指标", level2="服务对象满意度指标", points=D(10), score_declared=D(10),
                  target_text="≥90%", actual_text="91.5%", actual_value=D("91.5"), actual_base=D("91.5"), unit="%",
                  actual_unit="%", target_value=D(90), target_base=D(90)),
        indicator(2, 11, level1="满意度指标", level2="服务对象满意度指标", points=D(10), score_declared=D(10),
                  target_text="≥90%", actual_text="98%", actual_value=D(98), actual_base=D(98), unit="%",
                  actual_unit="%", target_value=D(90), target_base=D(90)),
        indicator(3, 11, level1="满意度指标", level2="服务对象满意度指标", points=D(10), score_declared=D(0),
                  target_text="≥90%", actual_text="0%", actual_value=D(0), actual_base=D(0), unit="%",
                  actual_unit="%", target_value=D(90), target_base=D(90)),
        indicator(2, 12, level1="效益指标", kind="qualitative", comparison="none", target_value=None, target_base=None,
                  actual_value=None, actual_base=None, actual_text="", score_declared=None),
    ]  # fmt: skip
    made = batch([project(1), project(2), project(3, executed=D(0), execution_score_declared=D(0))], rows)
    sheet = front_of(made, tmp_path)
    assert below(sheet, "满意度") == "91.5%至98%", "the project that was not executed does not count"
    assert section(sheet, "绩效指标完成情况")[1:] == [
        ["预算执行率", 10, 6.67, pytest.approx(20 / 30)],
        ["产出指标", 3, 2, 1, 0, pytest.approx(2 / 3), 11.25, 9, 0.8],
        ["满意度指标", 3, 2, 1, 0, pytest.approx(2 / 3), 10, 6.67, pytest.approx(2 / 3)],
        ["效益指标", 1, 0, 0, 1, 0],
        ["合计", 7, 4, 2, 1, pytest.approx(4 / 7)],
    ]


def test_every_unexecuted_drawn_and_deviating_project_stands_there_with_its_whole_reason(front):
    assert [row[1:3] for row in section(front, "未执行项目（2个）")[1:]] == [
        ["农村公路日常养护及桥涵修缮补助资金（示例11）", pytest.approx(11 * 3.17)],
        ["人民调解工作经费（示例7）", pytest.approx(7 * 3.17)],
    ][::-1]  # fmt: skip
    drawn = section(front, "抽查项目（5个，占项目数的6.02%，占执行数的3.58%）")
    assert [row[0] for row in drawn[1:]] == [1, 2, 3, 4, 5]
    rows = section(front, "主要偏差指标（未达目标9条，超额完成8条，其他失分0条；未执行项目的指标不列）")
    listed = [row for row in rows if isinstance(row[0], int)]
    assert len(listed) == 17
    assert listed[0][-1] == "因财力紧张等原因，项目无法全部完成，只补偿了部分地块"
    text = "".join(texts(front))
    assert "…" not in text
    assert "另有" not in text


def test_it_names_no_program_and_no_other_file_or_sheet(front):
    text = "\n".join(texts(front))
    assert "有1个文件未能读取" in text
    for word in ("perfbatch", "程序", "data/", "findings", "见“", "问题清单", ".toml"):
        assert word not in text, word


def test_a_reason_longer_than_a_row_can_be_goes_on_in_the_next_row(tmp_path):
    reason = "；".join(f"第{n}个地块因占地协调、施工图审查和资金拨付时间较长未能按期开工" for n in range(40))
    made = batch([project(1, executed=D(0), fund_reason=reason), project(2)], [])
    sheet = front_of(made, tmp_path)
    rows = section(sheet, "未执行项目")[1:]
    parts = [row[-1] for row in rows if isinstance(row[-1], str) and "地块" in row[-1]]
    assert len(parts) > 1
    assert "".join(parts) == reason
    own = [row for row in rows[1:] if row[0] != "序号"]  # the heading is repeated on the next page
    assert all(len(row) == 1 for row in own), "figures and name stand in the first row only"


def pages(sheet: Worksheet) -> list[float]:
    """Points of rows on each page, by the breaks of the sheet."""
    breaks = [brk.id for brk in sheet.row_breaks.brk]
    edges = [0, *breaks, sheet.max_row]
    heights = [sheet.row_dimensions[at].height for at in range(1, sheet.max_row + 1)]
    assert None not in heights, "a row without a height of its own is as high as a program likes"
    return [sum(heights[a:b]) for a, b in pairwise(edges)]


@pytest.mark.parametrize("count", [1, 20, 40, 60, 83, 150])
def test_its_pages_are_known_and_stated_in_the_footer(tmp_path, count):
    sheet = front_of(township(count), tmp_path)
    setup = sheet.page_setup
    assert (setup.paperSize, setup.orientation, setup.fitToHeight) == (9, "portrait", 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_area == f"'汇总'!$A$1:$X${sheet.max_row}"
    high = pages(sheet)
    assert sheet.oddFooter.center.text == f"第 &P 页，共 {len(high)} 页"
    assert max(high) <= PAGE * 0.98
    # a program that breaks pages by itself, as Excel does on a fitted sheet, comes to the same number
    heights = [sheet.row_dimensions[at].height for at in range(1, sheet.max_row + 1)]
    used, number = 0.0, 1
    for height in heights:
        number, used = (number + 1, height) if used + height > PAGE else (number, used + height)
    assert number == len(high)


def test_a_table_that_goes_on_repeats_its_heading(tmp_path):
    sheet = front_of(township(150), tmp_path)
    for brk in sheet.row_breaks.brk:
        first = [cell.value for cell in sheet[brk.id + 1] if cell.value is not None]
        assert first[0] == "序号" or re.match("[一二三四五六七八九十]、|说明：|注：", str(first[0])), first


def test_charts_stand_only_where_they_say_something(tmp_path):
    plain = batch([project(at) for at in range(1, 9)], [indicator(at, 9) for at in range(1, 9)])
    assert front_of(plain, tmp_path)._charts == []
    made = [project(at, budget_adjusted=D(100), executed=D(10 * at)) for at in range(1, 11)]
    sheet = front_of(batch(made, []), tmp_path)
    rows = section(sheet, "执行率低于90%的项目（8个）")
    assert [row[4] for row in rows if isinstance(row[0], int)] == [at / 10 for at in range(1, 9)]
    write_summary(tmp_path / "c.xlsx", batch(made, []))
    assert len(openpyxl.load_workbook(tmp_path / "c.xlsx")["汇总"]._charts) == 1


def test_several_units_come_first_ranked_on_one_basis_with_those_that_handed_in_nothing(tmp_path):
    scores = [("甲镇", 100, 1), ("乙镇", 70, 30), ("乙镇", 90, 10), ("丙镇", 95, 5), ("丁镇", 95, 5)]
    made = batch(
        [
            project(at, unit=unit, total_declared=D(score), budget_adjusted=D(money), executed=D(money))
            for at, (unit, score, money) in enumerate(scores)
        ],
        [],
    )
    made.attendance = Attendance(6, ("戊镇", "己镇"), ("丁镇",), "单位名单.xlsx")
    sheet = front_of(made, tmp_path)
    assert sheet["A2"].value == "填报单位：示例镇人民政府（共4个单位）"
    assert sheet["A3"].value == "一、各单位情况（4个单位，应报送6个，未报送2个；名次按平均自评得分由高到低）"
    rows = section(sheet, "各单位情况")
    assert [row[:2] for row in rows[1:5]] == [[1, "甲镇"], [2, "丁镇"], [2, "丙镇"], [4, "乙镇"]]
    assert rows[4][2:] == [2, 40, 40, 1, 80, 0]
    assert rows[5:] == [["戊镇", "未报送"], ["己镇", "未报送"], ["注：有1个单位不在单位名单中：丁镇。"]]


def test_last_years_value_stands_beside_this_years(tmp_path):
    row = indicator(
        1, 9, actual_text="5个", actual_value=D(5), actual_base=D(5), score_declared=D(3), level3="补偿面积"
    )
    before = batch([project(7, project_name="示例项目1")], [indicator(7, 9, level3="补偿面积", actual_text="8")]).frames
    made = batch([project(1)], [row], previous=Previous(before, LedgerSheet(), 2022))
    rows = section(front_of(made, tmp_path), "主要偏差指标")
    assert rows[0][3:6] == ["指标值", "本年完成值", "上年完成值"]
    assert rows[1][3:6] == ["≥10个", "5个", "8个"]


def test_doubts_about_recomputed_bands_are_told(tmp_path):
    rows = [indicator(1, at, actual_text="1个", actual_value=D(1), actual_base=D(1)) for at in range(9, 21)]
    made = batch([project(1)], rows, [finding(1)])
    assert any("按复算得分统计" in text for text in texts(front_of(made, tmp_path)))


def test_parts_of_a_text_are_the_text():
    text = "一二三。" * 100
    parts = parts_of(text, 22, 5)
    assert "".join(parts) == text
    assert all(lines_of(part, 22) <= 5 for part in parts)
    assert all(part.endswith("。") for part in parts)
    assert parts_of("短", 22, 5) == ["短"]
