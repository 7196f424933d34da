"""Whole sheets: hidden parts, merges, stray cells, names, and the extremes that must stay cheap."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import workbooks as wb

from perfbatch.intake import Limits, read_book
from perfbatch.intake.grids import NOTE_CODES
from perfbatch.model import Book, Range, column_letters

HEAD = '<row r="1"><c r="A1" t="str"><v>绩效</v></c></row>'


def read(folder: Path, data: bytes, **options: object) -> Book:
    path = folder / "表.xlsx"
    path.write_bytes(data)
    return read_book(path, name="表.xlsx", **options)  # type: ignore[arg-type]


def one(folder: Path, rows: str, **options: str) -> Book:
    return read(folder, wb.xlsx({"表": wb.sheet(rows, **options)}))


def refs(book: Book) -> list[str]:
    return [cell.ref for cell in book.grids[0].cells.values()]


def codes(book: Book) -> list[tuple[str, str]]:
    assert all(note.code in NOTE_CODES and note.text.endswith("。") for note in book.notes)
    return [(note.code, note.cell) for note in book.notes]


def text(ref: str, value: str = "x") -> str:
    return f'<c r="{ref}" t="str"><v>{value}</v></c>'


def test_hidden_sheets_are_read_and_said(tmp_path: Path) -> None:
    states = {"乙": "hidden", "丙": "veryHidden", "丁": "hidden"}
    sheets = {name: wb.sheet(HEAD) for name in "甲乙丙"} | {"丁": wb.sheet("")}
    book = read(tmp_path, wb.xlsx(sheets, states=states))
    assert [(grid.sheet, grid.hidden, len(grid.cells)) for grid in book.grids] == [
        ("甲", False, 1), ("乙", True, 1), ("丙", True, 1), ("丁", True, 0),
    ]  # fmt: skip
    assert [(note.code, note.sheet) for note in book.notes] == [("hidden_sheet", "乙"), ("hidden_sheet", "丙")]


def test_hidden_rows_count_when_they_hold_something(tmp_path: Path) -> None:
    rows = f'<row r="1" hidden="0">{text("A1")}</row><row r="2" hidden="1">{text("A2")}</row>'
    rows += f'<row r="3" ht="12" hidden="true" customHeight="1"/><row r="4">{text("A4")}</row>'
    book = one(tmp_path, rows)
    assert book.grids[0].hidden_rows == {2, 3}
    assert codes(book) == [("hidden_rows", "A2")]


def test_hidden_columns_are_said(tmp_path: Path) -> None:
    book = one(tmp_path, HEAD, before='<cols><col min="1" max="1"/><col min="3" max="4" hidden="1"/></cols>')
    assert codes(book) == [("hidden_columns", "C1")]


def test_values_under_a_merge_are_not_what_the_clerk_sees(tmp_path: Path) -> None:
    rows = f'<row r="1">{text("A1", "产出指标")}{text("B1", "产出指标")}</row><row r="2">{text("A2", "别的")}</row>'
    book = one(tmp_path, rows, after='<mergeCells><mergeCell ref="A1:B2"/></mergeCells>')
    assert refs(book) == ["A1"]
    assert book.grids[0].merges == (Range(1, 1, 2, 2),)
    assert codes(book) == [("covered_value", "A2")]


def test_odd_merges(tmp_path: Path) -> None:
    merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in ("B2:A1", "C3:C3", "$D$4:$E$4", "A0:B1", "XFE1:XFF1", "x"))
    book = one(tmp_path, HEAD, after=f"<mergeCells>{merges}</mergeCells>")
    assert book.grids[0].merges == (Range(1, 1, 2, 2), Range(4, 4, 4, 5))


def test_merge_of_the_whole_sheet_is_cut_to_what_is_used(tmp_path: Path) -> None:
    rows = f'<row r="1">{text("A1")}</row><row r="7"><c r="F7"><f>1</f></c></row>'
    book = one(tmp_path, rows, after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    assert book.grids[0].merges == (Range(1, 1, 1, 1),)
    assert codes(book) == [("formula_without_value", "F7"), ("merge_clipped", "A1")]


def test_stray_far_cell_does_not_cost_the_form(tmp_path: Path) -> None:
    rows = f'{HEAD}<row r="2">{text("XFD2", " ")}</row><row r="1048576">{text("B1048576", "走失")}</row>'
    book = one(tmp_path, rows)
    assert refs(book) == ["A1"]
    assert codes(book) == [("far_cell_ignored", "B1048576")]


def test_rows_after_an_ordinary_gap_are_kept(tmp_path: Path) -> None:
    rows = HEAD + "".join(f'<row r="{r}">{text(f"A{r}")}</row>' for r in (900, 1_800))
    book = one(tmp_path, rows)
    assert refs(book) == ["A1", "A900", "A1800"]
    assert codes(book) == []


def test_sheet_of_nothing_but_stray_cells_is_empty_not_clean(tmp_path: Path) -> None:
    sheets = {"表": wb.sheet(HEAD), "远": wb.sheet(f'<row r="900000">{text("A900000")}</row>')}
    book = read(tmp_path, wb.xlsx(sheets))
    assert [len(grid.cells) for grid in book.grids] == [1, 0]
    assert [(note.code, note.sheet) for note in book.notes] == [("far_cell_ignored", "远")]


def test_references_outside_the_sheet_are_said(tmp_path: Path) -> None:
    rows = HEAD + f'<row r="2">{text("XFE2")}</row><row r="1048577">{text("A1048577")}</row>'
    book = one(tmp_path, rows)
    assert refs(book) == ["A1"]
    assert codes(book) == [("unreadable_cell", "XFE2"), ("unreadable_cell", "A1048577")]


def test_hundred_thousand_styled_empty_rows(tmp_path: Path) -> None:
    rows = HEAD + "".join(f'<row r="{r}" s="0"><c r="A{r}" s="0"/></row>' for r in range(2, 100_002))
    assert refs(one(tmp_path, rows)) == ["A1"]


def test_all_16384_columns(tmp_path: Path) -> None:
    cells = "".join(text(f"{column_letters(c)}1") for c in range(1, 16_385))
    assert len(refs(one(tmp_path, f'<row r="1">{cells}</row>'))) == 16_384


def test_two_sheets_of_one_name_are_both_read(tmp_path: Path) -> None:
    rows = [wb.sheet(f'<row r="1">{text("A1", value)}</row>') for value in ("前", "后")]
    book = read(tmp_path, wb.xlsx([("自评表", rows[0]), ("自评表", rows[1])]))
    assert [grid.cells[1, 1].text for grid in book.grids] == ["前", "后"]
    assert [(note.code, note.sheet) for note in book.notes] == [("duplicate_sheet_names", "自评表")]


@pytest.mark.parametrize("kind", ["chartsheet", "dialogsheet", "xlMacrosheet"])
def test_other_kinds_of_sheets_are_said(tmp_path: Path, kind: str) -> None:
    parts = wb.xlsx_parts({"表": wb.sheet(HEAD), "图": wb.sheet(HEAD)})
    relations = "xl/_rels/workbook.xml.rels"
    first, _, last = str(parts[relations]).rpartition('/worksheet"')
    parts[relations] = f'{first}/{kind}"{last}'
    book = read(tmp_path, wb.zipped(parts))
    assert [grid.sheet for grid in book.grids] == ["表"]
    assert [(note.code, note.sheet) for note in book.notes] == [("not_a_worksheet", "图")]


def test_sheet_without_a_part_is_said(tmp_path: Path) -> None:
    parts = wb.xlsx_parts({"表": wb.sheet(HEAD), "空": wb.sheet(HEAD)})
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace('r:id="rId2"', 'r:id="rId99"')
    book = read(tmp_path, wb.zipped(parts))
    assert [(note.code, note.sheet) for note in book.notes] == [("unreadable_cell", "空")]


def test_macros_links_and_signatures_are_said(tmp_path: Path) -> None:
    parts = wb.xlsx_parts({"表": wb.sheet(HEAD)}, extra={"xl/vbaProject.bin": b"x"})
    more = [("rIdV", "vbaProject", "vbaProject.bin"), ("rIdL", "externalLink", "externalLinks/externalLink1.xml")]
    inserted = wb.relations(more).split("<Relationship ", 1)[1]
    whole = str(parts["xl/_rels/workbook.xml.rels"])
    parts["xl/_rels/workbook.xml.rels"] = whole.replace("</Relationships>", "<Relationship " + inserted)
    parts["_rels/.rels"] = wb.relations(
        [("rId1", "officeDocument", "xl/workbook.xml"), ("rId2", "origin", "_xmlsignatures/origin.sigs")]
    )
    book = read(tmp_path, wb.zipped(parts))
    assert book.container == "xlsm"
    assert codes(book) == [("macro_workbook", ""), ("external_links", ""), ("digital_signature", "")]


def test_notes_of_one_kind_are_capped_and_the_rest_counted(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{r}"><c r="A{r}" t="e"><v>#N/A</v></c></row>' for r in range(1, 131))
    book = one(tmp_path, rows)
    assert len(refs(book)) == 130
    assert len(book.notes) == 51
    assert book.notes[-1].code == "more_notes"
    assert "130" in book.notes[-1].text


def test_cells_are_counted_over_the_whole_book(tmp_path: Path) -> None:
    data = wb.xlsx({name: wb.sheet(f'<row r="1">{text("A1")}{text("B1")}</row>') for name in "甲乙"})
    assert len(read(tmp_path, data, limits=Limits(cells=4)).grids) == 2
    with pytest.raises(Exception, match="超过 3 个"):
        read(tmp_path, data, limits=Limits(cells=3))


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    data = wb.xlsx({"表": wb.sheet(HEAD)}, states={"表": "hidden"})
    assert read(tmp_path, data) == read(tmp_path, data)


def test_file_name_and_hash_travel(tmp_path: Path) -> None:
    book = read(tmp_path, wb.xlsx({"表": wb.sheet(HEAD)}))
    assert (book.file, book.grids[0].file) == ("表.xlsx", "表.xlsx")
    assert len(book.sha256) == 64
