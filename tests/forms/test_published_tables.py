"""The forty published tables, printed as national forms in several geometries: every cell comes out verbatim."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import render_tables as tables
from support.reading import frames_of, recognised

GEOMETRIES = {
    "plain": tables.Geometry(),
    "split_headers": tables.Geometry(split_headers=True),
    "levels_in_first_row": tables.Geometry(levels="first"),
    "levels_in_every_row": tables.Geometry(levels="every"),
    "blank_rows_and_columns": tables.Geometry(
        title=("附件1", "{year}年度", "项目支出绩效自评表"),
        blank_columns=(0, 3, 5),
        blank_rows={"head": 1, "funds": 2, "indicators": 1, "total": 1},
        blank_lines=frozenset({1}),
    ),
    "columns_moved": tables.Geometry(
        indicator_order=("level1", "level2", "level3", "points", "target", "actual", "score", "reason"),
        fund_order=("executed", "annual", "initial", "points", "score", "rate"),
    ),
}
FUND_COLUMNS = {
    "initial": "initial_text", "annual": "adjusted_text", "executed": "executed_text", "points": "points_text",
    "score": "score_text", "rate": "rate_text",
}  # fmt: skip


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("name", tables.names())
def test_verbatim_at_the_right_cell(name: str, geometry: str, tmp_path: Path) -> None:
    table = tables.load(name)
    rendered = tables.render([table], tmp_path / f"{name}.xlsx", GEOMETRIES[geometry])
    frames = frames_of(rendered.path)
    places = rendered.forms[0]
    assert frames.projects["project_name"].tolist() == [_without_code(table["project_name"])]
    assert len(frames.indicators) == len(table["indicators"])
    for row, fact, place in zip(frames.indicators.itertuples(), table["indicators"], places.indicators, strict=True):
        for field in ("target", "actual", "points", "score"):
            assert getattr(row, f"{field}_text") == fact[field]
            assert getattr(row, f"cell_{field}") == place[field]
        assert row.reason == fact["reason"]
        assert row.level3_text == fact["level3"]
    for row, fact in zip(frames.funds.itertuples(), table["funds"]["rows"], strict=True):
        assert {f: getattr(row, column) for f, column in FUND_COLUMNS.items()} == {f: fact[f] for f in FUND_COLUMNS}


def _without_code(name: str) -> str:
    head, dash, tail = name.partition("-")
    return tail if dash and len(head) == 21 else name


def test_forms_stacked_in_one_sheet(tmp_path: Path) -> None:
    """All tables with a name, one under the other: as many forms, each with its own lines."""
    chosen = [t for t in map(tables.load, tables.names()) if t["project_name"]]
    rendered = tables.render(chosen, tmp_path / "stacked.xlsx", stacked=True)
    forms = recognised(rendered.path).forms
    assert [form.text("project_name") for form in forms] == [t["project_name"] for t in chosen]
    assert [len(form.lines) for form in forms] == [len(t["indicators"]) for t in chosen]
    assert [len(form.funds) for form in forms] == [len(t["funds"]["rows"]) for t in chosen]
