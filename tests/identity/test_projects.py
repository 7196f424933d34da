"""Which entries are one project (`projects.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfbatch.identity import projects, units
from perfbatch.identity.entries import FORM, INDICATOR_LIST, PROJECT_LIST, Entries
from perfbatch.identity.projects import Identity

CASES = tomllib.loads((Path(__file__).parent / "projects.toml").read_text(encoding="utf-8"))["case"]
KINDS = {"f": FORM, "l": PROJECT_LIST, "i": INDICATOR_LIST}


def entries_of(rows: Sequence[Sequence[Any]]) -> Entries:
    found = Entries()
    for at, (kind, file, code, name, unit, year, adjusted, executed) in enumerate(rows):
        values = {
            "project_id": str(at), "file": f"{file}.xlsx", "kind": KINDS[kind], "code": code, "name": name,
            "unit": unit, "year": year or None, "initial": None, "total": None,
            "adjusted": Decimal(adjusted) if adjusted else None, "executed": Decimal(executed) if executed else None,
        }  # fmt: skip
        for field in Entries.__slots__:
            getattr(found, field).append(values.get(field, ""))
    return found


def identify(rows: Sequence[Sequence[Any]], case: dict[str, Any]) -> Identity:
    entries = entries_of(rows)
    named = units.resolve(entries.file, entries.unit, entries.department, {})
    saved, chosen = ({f"{k}.xlsx": v for k, v in case.get("saved", {}).items()}, case.get("chosen", {}))
    return projects.identify(
        entries, named, saved=saved, chosen={name: f"{file}.xlsx" for name, file in chosen.items()}
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_projects(case: dict[str, Any]) -> None:
    found = identify(case["entries"], case)
    assert [found.same_as[at] for at in range(len(case["entries"])) if at not in found.blank] == case["counted"]
    assert [[d.kind, d.at, d.other, d.one] for d in found.doubts] == case.get("doubts", [])
    assert {str(at): how for at, how in found.how.items()} == case.get("how", {})


@given(
    st.lists(
        st.tuples(st.sampled_from("fl"), st.booleans(), st.sampled_from(["水利站", "农机站", ""])),
        min_size=1,
        max_size=12,
    ),
    st.randoms(),
)
def test_each_project_counts_once_whatever_is_added(drawn: list[tuple[str, bool, str]], lots: Any) -> None:
    """Files added again under other names, or a list of the same projects, change neither number nor money."""
    rows = [
        [
            kind,
            f"表{at}",
            f"13012322P{at:05d}" if coded else "",
            f"{at}号村道养护",
            unit,
            2023,
            f"{at + 10}",
            f"{at + 1}",
        ]
        for at, (kind, coded, unit) in enumerate(drawn)
    ]
    again = [["f", f"{row[1]}-副本", *row[2:]] for row in lots.sample(rows, lots.randint(0, len(rows)))]
    listed = [["l", "列表", *row[2:]] for row in lots.sample(rows, lots.randint(0, len(rows)))]

    def counted(rows: list[list[Any]]) -> tuple[int, Decimal]:
        found = identify(rows, {})
        able = [at for at in range(len(rows)) if found.counts(at)]
        return len(able), sum((found.entries.adjusted[at] or Decimal(0) for at in able), Decimal(0))

    everything = [*rows, *again, *listed]
    lots.shuffle(everything)
    assert counted(rows) == counted(everything) == (len(rows), Decimal(sum(at + 10 for at in range(len(rows)))))


@pytest.mark.parametrize(("kind", "counted"), [("f", [1, 1]), ("l", [0, 0])])
def test_a_hidden_form_counts_beside_the_row_of_a_list_only(kind: str, counted: list[int]) -> None:
    """A copy that is hidden is older than the form that is shown; but a list holds less than its hidden forms."""
    rows = [
        ["f", "表", "K-1", "道路养护", "水利站", 2023, "10", "9"],
        [kind, "另表", "K-1", "道路养护", "水利站", 2023, "10", "9"],
    ]
    entries = entries_of(rows)
    named = units.resolve(entries.file, entries.unit, entries.department, {})
    assert projects.identify(entries, named, hidden={("表.xlsx", "")}).same_as == counted
    assert projects.identify(entries, named, hidden={("表.xlsx", ""), ("另表.xlsx", "")}).same_as == counted
    chosen = projects.identify(entries, named, chosen={"K-1": "表.xlsx"}, hidden={("表.xlsx", "")})
    assert chosen.same_as == [0, 0]  # what the user says counts
