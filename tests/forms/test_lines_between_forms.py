"""Which form the lines between two forms belong to; forms beside one another, level or not; page numbers."""

from __future__ import annotations

import pytest
from support import drawing
from support.reading import build

from perfbatch.forms import money_unit, recognise
from perfbatch.forms.recognise import Recognition
from perfbatch.model import Book, Cell, Grid, Range

TITLE = "项目支出绩效自评表 │ < │ < │ < │ < │ < │ <\n（2023年度） │ < │ < │ < │ < │ < │ <"
FORM = """
项目名称 │ {name} │ < │ < │ 主管部门 │ 云溪县水利局 │ <
项目资金 │ │ 全年预算数 │ 全年执行数 │ 分值 │ 执行率 │ 得分
^ │ 年度资金总额 │ {money} │ {money} │ 10 │ 100% │ 10
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分
产出指标 │ 数量指标 │ 巡查次数 │ ≥2400次 │ 2436次 │ 50 │ 50
效益指标 │ 社会效益指标 │ 受益村庄 │ ≥26个 │ 26个 │ 40 │ 40
总分 │ < │ < │ < │ < │ 100 │ 100
"""
BLANK = "│ │ │ │ │ │"
UNITS = ("万元", "元", "万元")
MERGED = pytest.mark.parametrize("merged", [True, False], ids=["merged", "as csv"])


def form(number: int, unit: str = "万元", title: str = TITLE) -> str:
    return f"{title}{FORM.rstrip()}".format(name=f"项目{number}", money="20" if unit == "万元" else "200000")


def parsed(text: str, merged: bool) -> tuple[dict[tuple[int, int], str], tuple[Range, ...]]:
    sheet = drawing.parse(text if merged else text.replace("<", "").replace("^", ""))
    return sheet.cells, sheet.merges


def recognised(*lines: str, merged: bool = True) -> Recognition:
    cells, merges = parsed("\n".join(lines), merged)
    return of_grid({at: Cell(*at, text) for at, text in cells.items()}, merges)


def of_grid(cells: dict[tuple[int, int], Cell], merges: tuple[Range, ...]) -> Recognition:
    found = recognise.recognise(Book("表.xlsx", "xlsx", "", [Grid("表.xlsx", "表", cells, merges)]))
    money_unit.settle(found.forms, "")
    return found


def fields(found: Recognition, *names: str) -> list[tuple[object, ...]]:
    projects = build(found.forms).projects
    return [tuple(row) for row in projects[["project_name", *names]].itertuples(index=False)]


def unread(found: Recognition) -> list[str]:
    return [left.cell for sheet in found.sheets for left in sheet.unread]


@MERGED
@pytest.mark.parametrize("gap", [0, 1, 2])
@pytest.mark.parametrize(
    ("line", "name", "values"),
    [
        ("附表{n} │ │ │ │ │ 单位：{v} │ <", "money_unit", UNITS),
        ("金额单位 │ {v} │ │ │ │ │", "money_unit", UNITS),
        ("填报单位：{v} │ < │ < │ < │ 填报日期：2024年3月1日 │ < │ <", "unit", ("甲站", "乙站", "丙站")),
        ("单位名称 │ {v} │ < │ < │ < │ < │ <", "unit", ("甲站", "乙站", "丙站")),
        ("项目编码：{v} │ < │ < │ < │ < │ < │ <", "project_code", ("4113002311", "4113002312", "4113002313")),
        ("自评等级：{v} │ < │ < │ < │ < │ < │ <", "grade_declared", ("优", "良", "优")),
    ],
)
def test_a_line_above_the_title_is_of_the_form_below(
    line: str, name: str, values: tuple[str, ...], gap: int, merged: bool
) -> None:
    """As one unit after another put its forms on a sheet; above the first one too, and where it is the only one."""
    blocks = []
    for number, value in enumerate(values, 1):
        unit = value if name == "money_unit" else "万元"
        blocks += [line.format(n=number, v=value), form(number, unit), *[BLANK] * gap]
    found = recognised(*blocks, merged=merged)
    assert fields(found, name, "year") == [(f"项目{n}", value, 2023) for n, value in enumerate(values, 1)]
    assert (unread(found), found.sheets[0].remark) == ([], "")
    alone = recognised(*blocks[:2], merged=merged)
    assert (fields(alone, name), unread(alone)) == ([("项目1", values[0])], [])


@MERGED
def test_the_year_above_the_title(merged: bool) -> None:
    bare = TITLE.partition("\n")[0]
    lines = [line for n in (1, 2) for line in (f"{2021 + n}年度 │ │ │ │ │ │", form(n, title=bare), BLANK)]
    assert fields(recognised(*lines, merged=merged), "year") == [("项目1", 2022), ("项目2", 2023)]


@MERGED
@pytest.mark.parametrize("gap", [0, 1])
@pytest.mark.parametrize(
    ("line", "name", "values"),
    [
        ("│ │ │ │ │ 单位：{v} │ <", "money_unit", UNITS),
        ("填报单位（盖章）：{v} │ < │ 填报人：王一 │ < │ 2024年3月1日 │ < │ <", "unit", ("甲站", "乙站", "丙站")),
        ("自评等级 │ {v} │ < │ < │ < │ < │ <", "grade_declared", ("优", "良", "优")),
    ],
)
def test_a_line_below_the_table_is_of_the_form_above(
    line: str, name: str, values: tuple[str, ...], gap: int, merged: bool
) -> None:
    """Where the last form has it too; also when the whole sheet has its unit above the first title."""
    whole = "填报单位：云溪县水利局 │ < │ < │ < │ 单位：万元 │ < │ <"
    for above in ([], [whole] if name != "money_unit" else []):
        blocks = [*above]
        for number, value in enumerate(values, 1):
            unit = value if name == "money_unit" else "万元"
            blocks += [form(number, unit), line.format(v=value), *[BLANK] * gap]
        found = recognised(*blocks, merged=merged)
        own = ["云溪县水利局" if above and name == "unit" else values[0], *values[1:]]
        assert fields(found, name, "year") == [(f"项目{n}", value, 2023) for n, value in enumerate(own, 1)]


@pytest.mark.parametrize(
    ("above", "below", "units"),
    [
        ([BLANK], [], ("", "元")),  # parted from the form above alone
        ([], [BLANK], ("元", "")),  # from the form below alone
        (["注：本表由云溪县水利局填报。 │ < │ < │ < │ < │ < │ <"], [], ("", "")),
        ([], [], ("", "")),  # from neither
        ([BLANK], [BLANK], ("", "")),
        ([], ["— 1 — │ < │ < │ < │ < │ < │ <"], ("元", "")),
    ],
)
def test_blank_rows_tell_else_a_line_is_of_neither_form_and_told(
    above: list[str], below: list[str], units: tuple[str, ...]
) -> None:
    line = "│ │ │ │ │ 单位：元 │ <"
    found = recognised(form(1), *above, line, *below, form(2))
    assert [form.head["money_unit"].text[-1:] if "money_unit" in form.head else "" for form in found.forms] == [*units]
    told = f"F{10 + len(above)}“单位：元”在两张表之间，看不出属于哪一张，没有读取"
    assert found.sheets[0].remark == ("" if any(units) else told)
    # the first form has such a line above its title, so the one between is of the second
    like_first = recognised(line.replace("元", "万元"), form(1), *above, line, *below, form(2))
    assert [form.head["money_unit"].text for form in like_first.forms] == ["单位：万元", "单位：元"]


def test_who_fills_in_a_form_beside_who_carries_it_out_is_known() -> None:
    """填报单位 of the whole sheet above 实施单位 of each form; a date alone on its row is no year."""
    lines = ["填报单位 │ 云溪县水利局 │ < │ < │ 金额单位 │ 万元 │ <", "2024年3月1日 │ │ │ │ │ │"]
    found = recognised(*lines, form(1).replace("主管部门", "实施单位").replace("水利局", "水库所"))
    assert fields(found, "unit", "year", "money_unit") == [("项目1", "云溪县水库所", 2023, "万元")]
    assert unread(found) == []


@MERGED
@pytest.mark.parametrize("mark", ["— 1 —", "- 1 -", "－1－", "1/3", "第1页 共3页", "第 2 页", "2024 年 3 月 1 日"])
def test_page_numbers_are_read_past(mark: str, merged: bool) -> None:
    """In the middle of a form, where the header is repeated (converted from PDF), below it and between two."""
    first = form(1).splitlines()
    page = f"{mark} │ < │ < │ < │ < │ < │ <"
    found = recognised(*first[:-2], page, first[5], *first[-2:], page, "单位：万元 │ │ │ │ │ │", form(2), merged=merged)
    assert [(form.text("project_name"), len(form.lines)) for form in found.forms] == [("项目1", 2), ("项目2", 2)]
    assert unread(found) == []


Placed = list[tuple[int, int, str]]  # row and column of the first cell, and what stands there


def beside(parts: Placed, merged: bool) -> Recognition:
    cells, merges = {}, []
    for row, column, text in parts:
        own, areas = parsed(text, merged)
        down, right = row - 1, column - 1
        cells |= {(r + down, c + right): Cell(r + down, c + right, t) for (r, c), t in own.items()}
        merges += [Range(m.top + down, m.left + right, m.bottom + down, m.right + right) for m in areas]
    return of_grid(cells, tuple(merges))


def block(text: str, label: str) -> str:
    """A form with a column of block labels before it (基本情况), as many units draw it."""
    first, *rest = text.splitlines()
    rows = [f"{label} │ {rest[1]}", *(f"^ │ {row}" for row in rest[2:])]
    return "\n".join([f"{first} │ <", f"{rest[0]} │ <", *rows])


@MERGED
@pytest.mark.parametrize(
    "placed",
    [
        [(1, 1), (1, 9)], [(1, 1), (3, 9)], [(4, 1), (2, 9)], [(1, 1), (3, 11)], [(1, 1), (3, 8)],
        [(1, 1), (3, 9), (2, 17)], [(1, 1), (11, 1), (2, 9), (13, 9)], [(1, 1), (3, 9), (12, 9)],
    ],
)  # fmt: skip
def test_forms_beside_one_another_need_not_start_level(placed: list[tuple[int, int]], merged: bool) -> None:
    """With one empty column, several or none between them; each is read as if it stood alone."""
    parts: Placed = [(row, column, form(n)) for n, (row, column) in enumerate(placed, 1)]
    found = beside(parts, merged)
    names = [f"项目{n}" for n in range(1, len(placed) + 1)]
    assert fields(found, "total_declared") == [(name, 100) for name in names]
    assert {len(form.lines) for form in found.forms} == {2} and unread(found) == []
    last = max(row for row, _ in placed) + 12
    over = " │ <" * 16
    parts += [(last, 1, f"注：以上各表金额单位为万元。{over}")]
    assert fields(beside(parts, merged)) == [(name,) for name in names]


@MERGED
def test_forms_beside_one_another_with_block_labels_and_lines_above(merged: bool) -> None:
    parts: Placed = [(1, 1, block(form(1), "基本情况")), (3, 10, block(form(2), "基本情况"))]
    assert fields(beside(parts, merged)) == [("项目1",), ("项目2",)]
    line = "│ │ │ │ │ 单位：{} │ <\n"
    parts = [(1, 1, line.format("元") + form(1, "元")), (4, 9, line.format("万元") + form(2))]
    assert fields(beside(parts, merged), "money_unit") == [("项目1", "元"), ("项目2", "万元")]


def test_forms_that_cannot_be_parted_are_no_list_of_projects() -> None:
    """No project is called 项目资金 or 绩效指标; a text is merged over columns of both forms, beside another one."""
    for second in (form(2), block(form(2), "绩效指标")):
        parts: Placed = [(1, 1, form(1)), (3, 9, second), (14, 7, "复核 │ < │ < │ 已核")]
        found = beside(parts, merged=True)
        assert {form.text("project_name") for form in found.forms} <= {"项目2"}
        assert found.sheets[0].remark == recognise.MIXED or unread(found)
