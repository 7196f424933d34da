"""What a mark looks like: colours, wording, size, and which cell shows it."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from support.rich_books import finding, parts_of
from support.workbooks import cells_of_part

from perfbatch.model import Range, Severity, a1
from perfbatch.outputs.annotate import annotate
from perfbatch.outputs.cells import lines_of
from perfbatch.outputs.fidelity import _without_equal_rows
from perfbatch.outputs.marks import PALETTE, box, clean, comment_text, marks_of, parse_ref
from perfbatch.outputs.patch import Patch
from perfbatch.outputs.sheetxml import SheetXml

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


def brightness(rgb: str) -> float:
    """Grey value of a colour by Rec. 601, 0 to 255."""
    red, green, blue = (int(rgb[at : at + 2], 16) for at in (0, 2, 4))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_the_fills_stay_apart_in_grey_and_leave_black_text_readable() -> None:
    greys = [brightness(PALETTE[severity.value]) for severity in Severity]
    assert greys == sorted(greys)
    assert all(later - earlier >= 25 for earlier, later in pairwise(greys))
    assert min(greys) > 150


def test_what_is_not_known_is_not_mentioned() -> None:
    bare = finding("甲", "A1", "warning", "RS01", seen="", expected="", basis="", hint="", message="没有填写偏差原因。")
    assert comment_text([bare]) == "【疑问 RS01】没有填写偏差原因。"
    assert comment_text([bare._replace(expected="写明原因")]) == "【疑问 RS01】没有填写偏差原因。\n应为：写明原因"


def shown(text: str) -> int:
    """Lines that a comment takes in its box."""
    width = box(text)[0]
    return lines_of(text, (width - 12) / 4.6)


LONG = (
    "指标“修补破损点位数量”的指标值与实际完成值不能比较，因为一个按处计、一个按平方米计；请先统一计量单位再计算。" * 3
)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9])
def test_a_comment_has_at_most_six_lines_whatever_is_said_at_a_cell(count: int) -> None:
    said = [
        finding("甲", "A1", code=f"SC{at:02d}", message=LONG, seen=LONG, expected=LONG, hint=LONG, next_year=LONG)
        for at in range(count)
    ]
    text = comment_text(said, ["复算：" + LONG])
    assert shown(text) <= 6
    assert all(item.code in text for item in said), "what has no room is named"
    assert text.startswith("【")


def test_one_finding_says_what_is_wrong_what_should_stand_there_and_what_to_do() -> None:
    text = comment_text([finding("甲", "A1", message="得分超过分值。", expected="≤10", hint="请改为不超过10分。")])
    assert text.split("\n") == ["【错误 SC01】得分超过分值。", "应为：≤10", "处理：请改为不超过10分。"]
    kept = finding("甲", "A1", "warning", message="超额较多。", state="accepted", reason="按实际需求", expected="")
    assert comment_text([kept]).split("\n") == ["【已说明 SC01】超额较多。", "说明：按实际需求"]


@given(st.lists(ANY_TEXT, min_size=1, max_size=4), ANY_TEXT)
def test_any_texts_keep_to_six_lines(texts: list[str], remark: str) -> None:
    assert shown(comment_text([finding("甲", "A1", message=text * 9, hint=text * 5) for text in texts], [remark])) <= 6


def test_the_worst_severity_gives_the_colour() -> None:
    findings = [finding("甲", "A1", severity) for severity in ("info", "error", "warning")]
    assert marks_of(findings[::2], {}, ())[0].rgb == PALETTE["warning"]
    marks = marks_of(findings, {}, ())
    assert [mark.rgb for mark in marks] == [PALETTE["error"]]
    assert [line[1:3] for line in marks[0].text.split("\n") if line.startswith("【")] == ["错误", "疑问", "提示"]


def test_the_same_finding_twice_is_said_once() -> None:
    marks = marks_of([finding("甲", "A1")] * 3, {}, ())
    assert marks[0].text.count("【") == 1


@pytest.mark.parametrize(
    ("ref", "place"),
    [
        ("A1", (1, 1)),
        ("$B$3", (3, 2)),
        ("xfd1048576", (1_048_576, 16_384)),
        ("XFE1", None),
        ("A0", None),
        ("A1048577", None),
        ("", None),
        ("A1:B2", None),
        ("甲1", None),
    ],
)
def test_references(ref: str, place: tuple[int, int] | None) -> None:
    assert parse_ref(ref) == place


def test_boxes_fit_their_text_and_wide_characters_count_two() -> None:
    assert box("指标" * 8)[0] == box("abcd" * 8)[0] > box("指标")[0]
    assert box("字" * 400)[1] > box("字" * 100)[1] > box("字")[1]
    assert box("a\nb\nc")[1] > box("a")[1]
    assert box("字" * 30_000) == (330.0, 400.0)


@given(ANY_TEXT, st.integers(40, 80))
def test_clean_text_is_legal_and_short_enough(text: str, longest: int) -> None:
    cleaned = clean(text, longest)
    element = etree.Element("t")
    element.text = cleaned
    assert len(cleaned.encode("utf-16-le")) <= 2 * longest
    assert clean(cleaned, longest) == cleaned


MERGES = (Range(1, 1, 2, 4), Range(4, 2, 9, 2), Range(5, 5, 5, 9))


@given(st.lists(st.tuples(st.integers(1, 10), st.integers(1, 10)), max_size=20))
def test_every_finding_is_shown_by_exactly_one_cell(places: list[tuple[int, int]]) -> None:
    marks = marks_of([finding("甲", a1(*place)) for place in places], {}, MERGES)
    shown = {mark.place for mark in marks}
    expected = {
        next(((m.top, m.left) for m in MERGES if m.top <= r <= m.bottom and m.left <= c <= m.right), (r, c))
        for r, c in places
    }
    assert shown == expected
    assert [mark.place for mark in marks] == sorted(shown)
    rights = {(1, 1): 4, (4, 2): 2, (5, 5): 9}
    assert all(mark.right == rights.get(mark.place, mark.column) for mark in marks)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_any_text_arrives_in_the_comment(texts: list[str], tmp_path: Path) -> None:
    source = tmp_path / "in.xlsx"
    book = xlsxwriter.Workbook(str(source))
    book.add_worksheet("甲").write_number("A1", 1)
    book.close()
    findings = [finding("甲", f"B{row}", message=text) for row, text in enumerate(texts, start=1)]
    report = annotate(source, tmp_path / "out.xlsx", findings)
    assert isinstance(report.marking, Patch)
    root = etree.fromstring(parts_of(report.path)["xl/comments1.xml"])
    said = [re.sub("_x005F_(?=x[0-9A-Fa-f]{4}_)", "_", t.text) for t in root.iterfind(".//{*}t")]
    assert said == [clean(comment_text([item])) for item in findings]


SPARSE = st.dictionaries(st.integers(1, 12), st.sets(st.integers(1, 6)), max_size=6)


@given(SPARSE, st.sets(st.tuples(st.integers(1, 14), st.integers(1, 8)), max_size=12), st.booleans())
def test_restyling_adds_and_changes_nothing_but_format_numbers(
    rows: dict[int, set[int]], wanted: set[tuple[int, int]], closed: bool
) -> None:
    body = "".join(
        f'<row r="{row}" ht="9"/>'
        if closed and not rows[row]
        else f'<row r="{row}">'
        + "".join(f'<c r="{a1(row, c)}" s="1"><v>{c}</v></c>' for c in sorted(rows[row]))
        + "</row>"
        for row in sorted(rows)
    )
    xml = f'<worksheet xmlns="m"><sheetData>{body}</sheetData></worksheet>'.encode()
    sheet = SheetXml(xml)
    sheet.restyle(wanted, lambda _, present: present + 7)
    before = {cell[0]: cell for cell in cells_of_part(xml)}
    after = list(cells_of_part(sheet.to_bytes()))
    places = [parse_ref(cell[0]) or (0, 0) for cell in after]
    assert places == sorted(set(places))
    assert {cell[0] for cell in after} == {*before, *(a1(*place) for place in wanted)}
    for ref, kind, style, value, formula in after:
        old = before.get(ref, (ref, "n", 0, None, None))
        assert (kind, value, formula) == (old[1], old[3], old[4])
        assert style == old[2] + 7 * ((parse_ref(ref) or (0, 0)) in wanted)
    numbers = [int(n) for n in re.findall(rb'<row r="(\d+)"', sheet.to_bytes())]
    assert numbers == sorted(set(numbers))


ROWS = st.lists(st.tuples(st.integers(1, 6), st.sampled_from("ab")), max_size=8)


@given(ROWS, ROWS)
def test_leaving_equal_rows_out_never_hides_a_difference(
    old: list[tuple[int, str]], new: list[tuple[int, str]]
) -> None:
    parts = [
        ("<s><d>" + "".join(f'<row r="{n}">{text}</row>' for n, text in rows) + "</d></s>").encode()
        for rows in (old, new)
    ]
    left = _without_equal_rows(*parts)
    assert (left[0] == left[1]) == (old == new)
    assert all(etree.fromstring(part) is not None for part in left)
