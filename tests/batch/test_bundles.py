"""A bundle gives back what was put in, whatever fields the records have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from support.batches import batch, finding, indicator, project

from perfbatch import schema
from perfbatch.model import CheckOutcome, Covered, MoneyUnit, ReadingNote, Severity, SheetReading, Size, WorkbookResult
from perfbatch.store.fingerprint import of_texts
from perfbatch.store.plain import of_plain, to_plain
from perfbatch.store.results import Store


class Place(NamedTuple):
    """A record in a record."""

    sheet: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Invented:
    """The kinds of fields that a record may have."""

    state: Literal["a", "b"] = "a"
    severity: Severity = Severity.INFO
    amount: Decimal | None = None
    place: Place | None = None
    places: list[Place] = field(default_factory=list)
    pair: tuple[str, int] = ("", 0)
    units: tuple[tuple[str, int], ...] = ()
    remarks: dict[tuple[str, str], str] = field(default_factory=dict)
    counts: Mapping[str, Decimal] = field(default_factory=dict)
    names: Sequence[str] = ()
    known: frozenset[str] = frozenset()


texts = st.text(st.characters(), max_size=5)  # lone surrogates too, as file names may have them
amounts = st.decimals(allow_nan=False, allow_infinity=False)
places = st.builds(Place, texts, st.lists(texts, max_size=3).map(tuple))
invented = st.builds(
    Invented,
    st.sampled_from(["a", "b"]),
    st.sampled_from(Severity),
    st.none() | amounts,
    st.none() | places,
    st.lists(places, max_size=3),
    st.tuples(texts, st.integers()),
    st.lists(st.tuples(texts, st.integers()), max_size=3).map(tuple),
    st.dictionaries(st.tuples(texts, texts), texts, max_size=3),
    st.dictionaries(texts, amounts, max_size=3),
    st.lists(texts, max_size=3).map(tuple),
    st.frozensets(texts, max_size=3),
)


@given(invented)
def test_any_record_comes_back_from_json(record: Invented) -> None:
    stored = json.loads(json.dumps(to_plain(record), ensure_ascii=True))
    assert of_plain(stored, Invented) == record


def filled() -> WorkbookResult:
    """A result with something in every field."""
    made = batch([project(1)], [indicator(1, 9)], [finding(1)])
    return replace(
        made.results[0],
        status="refused",
        reason="一句话。",
        reason_code="no_indicators",
        notes=[ReadingNote("hidden_sheet", "表", "A1", "隐藏")],
        sheets=[SheetReading("表1", "F1", 1, 12, True, "注")],
        checks=[CheckOutcome("SC06", "found", 1, "为何")],
        size=Size(("F1",), 1, 1, 1, (("甲", 1), ("乙", 2)), ("national-2020",)),
        beyond=("一句话。",),
        money=[MoneyUnit("万元", "stated", "", "表1", "J2")],
        remarks={("表1", "D9"): "算法"},
        covered=[Covered(("P1",), (("SC06", "为何"),), ())],
        cycle=schema.frame([{"sheet_kind": "target", "level3": "养护里程"}], schema.CYCLE),
    )


def test_a_workbook_comes_back_with_all_its_fields(tmp_path: Path) -> None:
    result, store = filled(), Store(tmp_path)
    apart = ("traceback", "cycle")
    assert [one.name for one in fields(result) if one.name not in apart and not getattr(result, one.name)] == []
    store.put("ab", result)
    found = store.find("ab")
    assert found == replace(result, frames=None, findings=[], remarks={}, cycle=None)
    bundle = store.bundle("ab")
    assert bundle.described() == found
    assert bundle.remarks() == result.remarks
    assert bundle.table("indicators").num_rows == 1
    assert bundle.table("cycle", ["sheet_kind", "level3"]).to_pylist() == [
        {"sheet_kind": "target", "level3": "养护里程"}
    ]
    assert bundle.table("findings", ["code"]).to_pylist() == [{"code": "SC06"}]


def test_a_field_that_the_record_does_not_have_is_damage(tmp_path: Path) -> None:
    """As of a program that had other fields and the same fingerprint, which cannot be."""
    store = Store(tmp_path)
    store.put("ab", filled())
    path = store.bundle("ab").folder / "result.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["body"]["result"]["unheard"] = 1
    record["sha256"] = of_texts([json.dumps(record["body"], ensure_ascii=True, sort_keys=True)])
    path.write_text(json.dumps(record), encoding="utf-8")
    assert store.bundle("ab").result() is None
    assert store.find("ab") is None and not store.bundle("ab").folder.exists()
