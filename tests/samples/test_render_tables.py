"""The helper that prints the published tables: every fact verbatim, as text, in the cell the map names."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from support.render_tables import INDICATOR_WORDS, Geometry, Rendered, load, names, render

GEOMETRIES = {
    "plain": Geometry(),
    "margins": Geometry(blank_rows={"title": 2, "funds": 1, "indicators": 3, "total": 1}, blank_columns=(0, 4)),
    "three title rows": Geometry(title=("附件2", "项目支出绩效自评表", "（{year}年度）")),
    "split headers": Geometry(split_headers=True, levels="first"),
    "swapped": Geometry(indicator_order=tuple(reversed(INDICATOR_WORDS)), levels="every"),
    "gaps": Geometry(blank_lines=frozenset({1, 3}), levels="merged"),
}


def check(rendered: Rendered) -> None:
    """Every fact of every form stands at the cell named, and is stored as text."""
    book = openpyxl.load_workbook(rendered.path)
    for form in rendered.forms:
        sheet = book[form.sheet]
        facts = [(ref, form.table[name]) for name, ref in form.head.items()]
        for refs, row in zip(form.indicators, form.table["indicators"], strict=True):
            facts += [(refs[name], row[name]) for name in INDICATOR_WORDS]
        for refs, row in zip(form.funds, form.table["funds"]["rows"], strict=True):
            facts += [(refs[name], row[name]) for name in refs]
        for ref, text in facts:
            assert (sheet[ref].value or "") == text, (form.table["project_name"], ref)
            assert sheet[ref].data_type == "s" or not text


def test_there_are_forty_tables_each_with_its_source() -> None:
    tables = {name: load(name) for name in names()}
    assert len(tables) == 40
    without_page = [name[:3] for name, table in tables.items() if not table["source_url"].startswith("http")]
    assert without_page == ["019", "023", "027"]  # named by unit, year and title only


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES)
def test_all_tables_are_printed_verbatim(geometry: Geometry, tmp_path: Path) -> None:
    check(render([load(name) for name in names()], tmp_path / "表.xlsx", geometry))


def test_forms_stacked_in_one_sheet_keep_their_cells_apart(tmp_path: Path) -> None:
    rendered = render([load("007"), load("019"), load("002")], tmp_path / "表.xlsx", stacked=True, gap=1)
    check(rendered)
    used = [refs[name] for form in rendered.forms for refs in form.indicators for name in ("target", "score")]
    assert {form.sheet for form in rendered.forms} == {"自评表"}
    assert len(used) == len(set(used))
