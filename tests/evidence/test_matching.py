"""Each supporting document goes to the project that its folder or name says, and to none where that is not certain."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from perfbatch.evidence.matching import match
from perfbatch.identity.entries import Entries
from perfbatch.identity.projects import Identity
from perfbatch.identity.units import Units
from perfbatch.sources import Supporting

CASES = tomllib.loads(Path(__file__).with_name("matching.toml").read_text(encoding="utf-8"))["case"]


def supporting(place: str) -> Supporting:
    beside, _, below = place.rpartition("|")
    folder = f"{beside}/佐证资料" if beside else "佐证资料"
    return Supporting(Path(below), f"{folder}/{below}", below, beside)


def identity(*projects: list[str]) -> Identity:
    """Projects (id, code, name, unit, file) that all count."""
    ids, codes, names, units, files = map(list, zip(*projects, strict=True))
    entries = Entries(project_id=ids, code=codes, name=names, file=files)
    return Identity(entries, Units(["", *units], [*range(1, len(ids) + 1)]), [*range(len(ids))], [], None)


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_whose_a_document_is(case: dict[str, Any]) -> None:
    found = match([supporting(place) for place, _, _ in case["papers"]], identity(*case["projects"]))
    told = [[place, one.project_id, one.how] for (place, _, _), one in zip(case["papers"], found, strict=True)]
    assert told == case["papers"]
    assert all(bool(one.problem) == (not one.project_id) for one in found)


def test_a_folder_that_is_nobodys_is_told_the_nearest_name() -> None:
    there = identity(["A", "", "农村道路养护补助", "水利站", "表"])
    assert "是否为“农村道路养护补助”" in match([supporting("农村道路养扩补助/合同.docx")], there)[0].problem
