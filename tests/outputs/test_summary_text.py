"""Text of the input is text in the workbook: never a formula, a link, markup or a number, and never lost."""

import string
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook
from support.batches import batch, finding, indicator, project

from perfbatch.outputs.cells import CUT, cell_link, clean, lines_of, shortened, width_of
from perfbatch.outputs.paper import LINK_LIMIT, Paper
from perfbatch.outputs.summary import write_summary

NASTY = [
    '=HYPERLINK("http://x","y")', "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "001", "1e5", "TRUE", "http://x.cn",
    "mailto:a@b.cn", "internal:A1", "{=1}", "<r><t>假</t></r>", "<r></r>", "</t>&amp;", "_x0041_",
    "\x00\x01\x1f", "\u202e反向",
    " 前后空格 ", "换行\n两行\r\n三行", "'引号", "#N/A", "\ufffe\uffff", "😀" * 3, "\x85\u2028\u2029", "a" * 255,
]  # fmt: skip


def written(texts: list[str], folder: Path, *, streamed: bool = False) -> Path:
    """A workbook with `texts` in column A."""
    target = folder / f"texts{streamed}.xlsx"
    with Paper(target, title="t", run_date="2024-03-18", streamed=streamed) as paper:
        page = paper.page("表")
        for row, text in enumerate(texts):
            page.text(row, 0, text, paper.body("text"))
    return target


def column(path: Path) -> list[str]:
    """Column A as calamine reads it, which undoes the `_xHHHH_` escapes of Excel (all but the last two)."""
    rows = load_workbook(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [str(row[0]).replace("_xFFFE_", "\ufffe").replace("_xFFFF_", "\uffff") for row in rows]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("text")


@pytest.mark.parametrize("streamed", [False, True])
@settings(max_examples=25, deadline=None)
@example(texts=NASTY)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=30))
def test_any_text_comes_out_as_the_same_text(folder, streamed, texts):
    path = written(texts, folder, streamed=streamed)
    assert column(path) == texts
    cells = [row[0] for row in openpyxl.load_workbook(path).active.iter_rows()]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_text_that_looks_like_a_formula_stays_text_when_the_cell_is_edited(folder):
    cells = openpyxl.load_workbook(written(["=1+1", "+1", "-1", "@x", "\tx", "正常"], folder)).active["A"]
    assert [bool(cell.quotePrefix) for cell in cells] == [True] * 5 + [False]


def test_markup_with_control_characters_is_written_as_harmless_text(folder):
    path = written(["<r>\x01</r>", "<r>_x0041_</r>"], folder)
    assert column(path) == ["＜r>\x01</r>", "＜r>_x0041_</r>"]


def test_lone_surrogates_become_the_replacement_character(folder):
    assert column(written(["前\ud800后", "\udfff"], folder)) == ["前\ufffd后", "\ufffd"]


@pytest.mark.parametrize("char", ["长", "😀", "a"])
def test_text_over_the_limit_of_a_cell_is_cut_and_says_so(folder, char):
    fits = char * (32767 // (len(char.encode("utf-16-le")) // 2))
    kept, cut = column(written([fits, fits + "多一字"], folder))
    assert kept == fits
    assert cut.endswith(CUT)
    assert cut.removesuffix(CUT) == char * len(cut.removesuffix(CUT))
    assert 32767 - 2 <= len(cut.encode("utf-16-le")) // 2 <= 32767


def test_cut_texts_are_counted(tmp_path):
    write_summary(tmp_path / "s.xlsx", batch([project(1)], [], [finding(1, message="长" * 40000)]))
    # in 问题清单 and in 整改台账
    assert "有2处文字超过一个单元格的容量" in openpyxl.load_workbook(tmp_path / "s.xlsx")["读取情况"]["A3"].value


def test_nasty_texts_reach_every_sheet_unharmed(tmp_path):
    projects = [project(at, project_name=text, fund_reason=text, unit=text) for at, text in enumerate(NASTY)]
    rows = [indicator(at, 9, level3=text, reason=text, target_text=text) for at, text in enumerate(NASTY)]
    found = [finding(at, project=text, seen=text, message=text) for at, text in enumerate(NASTY)]
    write_summary(tmp_path / "s.xlsx", batch(projects, rows, found))
    book = load_workbook(tmp_path / "s.xlsx")
    for sheet in ("项目得分", "指标明细", "问题清单"):
        grid = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        at = next(row.index("项目名称") for row in grid if "项目名称" in row)
        names = [str(row[at]).replace("_xFFFE_", "\ufffe").replace("_xFFFF_", "\uffff") for row in grid]
        assert [name for name in names if name in NASTY] == NASTY


def test_only_our_own_formulas_are_formulas(tmp_path):
    row = indicator(1, 9, reason="=cmd|' /C calc'!A0")
    made = batch([project(1, project_name="=1+1")], [row], [finding(1, seen="=1")])
    write_summary(tmp_path / "s.xlsx", made)
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    formulas = [str(c.value) for ws in book for row in ws.iter_rows() for c in row if c.data_type == "f"]
    allowed = set(string.ascii_uppercase + string.digits + '=(),.:+-*/<>"')
    assert formulas
    assert all(set(text) <= allowed for text in formulas)


LINKS = [
    ("表_批注.xlsx", "表1", "A1", "表_批注.xlsx", "'表1'!A1"),
    ("含 空格.xlsx", "it's", "B2", "含%20空格.xlsx", "'it''s'!B2"),
    ("第#1批.xlsx", "a#b", "C3", "第%231批.xlsx", "'a#b'!C3"),
    ("90%完成#.xlsx", "表", "C3", "90%25完成%23.xlsx", "'表'!C3"),
    ("a%20b.xlsx", "表", "C3", "a%2520b.xlsx", "'表'!C3"),
]


@pytest.mark.parametrize(("book", "sheet", "cell", "target", "location"), LINKS)
def test_a_finding_leads_to_its_cell_in_the_annotated_workbook(tmp_path, book, sheet, cell, target, location):
    made = batch([project(1)], [], [finding(1, cell, sheet=sheet)], annotated={"自评表.xlsx": book})
    write_summary(tmp_path / "s.xlsx", made)
    cells = [c for row in openpyxl.load_workbook(tmp_path / "s.xlsx")["问题清单"].iter_rows() for c in row]
    (link,) = [c.hyperlink for c in cells if c.value == cell]
    assert (link.target, link.location) == (target, location)


UNLINKABLE = [("", "表"), ("表.xlsx", ""), ("表.xlsx", "坏\x01"), ("表\ud800.xlsx", "表")]


@pytest.mark.parametrize(("book", "sheet"), UNLINKABLE)
def test_a_place_that_cannot_be_linked_is_plain_text(book, sheet):
    assert cell_link(book, sheet, "A1") == ""


def test_links_stop_at_the_limit_of_excel(tmp_path, monkeypatch):
    assert LINK_LIMIT == 65_530
    monkeypatch.setattr("perfbatch.outputs.paper.LINK_LIMIT", 2)
    monkeypatch.setattr("perfbatch.outputs.summary.problems.LINK_LIMIT", 2)
    write_summary(tmp_path / "s.xlsx", batch([project(1)], [], [finding(1, f"E{at}") for at in range(9, 14)]))
    page = openpyxl.load_workbook(tmp_path / "s.xlsx")["问题清单"]
    linked = [c.value for row in page.iter_rows() for c in row if c.hyperlink]
    assert linked == ["E9", "E10"]
    assert "只有前2条带有链接" in page["A4"].value


@given(st.text(), st.integers(4, 60))
def test_shortened_text_fits_and_keeps_its_beginning(text, width):
    short = shortened(text, width)
    assert width_of(short) <= width
    whole = " ".join(text.split())
    assert short == whole or (short.endswith("…") and whole.startswith(short[:-1]))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_clean_keeps_text_that_fits(text):
    assert clean(text) == text


def test_lines_are_counted_by_display_width():
    assert (width_of("中a"), width_of("a\n中中")) == (3, 4)
    assert lines_of("中" * 9, 20) == 1
    assert lines_of("中" * 10, 20) == 2
    assert lines_of("一\n二\n三", 20) == 3
