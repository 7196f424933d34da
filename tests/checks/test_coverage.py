"""未发现问题 is said only of what was looked at: what each check needs of a form, and what becomes of it without."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import cases, drawing
from support.cases import CASES, Case, load

from perfbatch import schema
from perfbatch.checks import coverage, register
from perfbatch.checks.coverage import Coverage, Level, State
from perfbatch.config import Settings
from perfbatch.forms import vocabulary
from perfbatch.model import WorkbookResult
from perfbatch.pipeline import process_workbook

ALL = [case for path in sorted(CASES.glob("*.toml")) for case in load(path)]
REGISTER = register.register()


def states(table: Mapping[str, Any]) -> dict[str, State]:
    """What did not look at the first form of a case."""
    context = cases._context(Case("SC01", "passing", 1, {"why": "coverage", **table}))
    return Coverage(context, REGISTER)._states[0]


@pytest.mark.parametrize("entry", REGISTER.values(), ids=lambda entry: entry.code)
def test_needs_name_fields(entry: register.Check) -> None:
    """Every field is one of `fields.toml`."""
    groups = (*entry.needs, *entry.places, *entry.reads)
    assert {name for group in groups for name in group.split(coverage.LISTED)} <= set(coverage.fields())


def test_fields_name_columns() -> None:
    """Every field has a Chinese word, and columns of the frames for its place and its value."""
    for field in coverage.fields().values():
        columns = getattr(schema, field.table.upper())
        assert {*field.values, *filter(None, [field.place])} <= set(columns) and field.values
        assert re.search("[一-龥]", field.word)


@pytest.mark.parametrize("case", [case for case in ALL if case.kind == "failing"], ids=str)
def test_no_check_speaks_of_what_it_could_not_look_at(case: Case) -> None:
    """Needs that are stricter than the function would call a form 未检查 or 不适用 of which it reports something."""
    context = cases._context(case)
    covered = Coverage(context, REGISTER)
    found, _ = cases.findings(case)
    at = context.project_at
    assert {f.project: covered._states[at[f.project_id]].get(case.code) for f in found if f.project_id} == {
        f.project: None for f in found if f.project_id
    }


def test_the_clean_form_is_looked_at() -> None:
    """All blocks are read: nothing is 未检查, and the checks of other forms and of fields it lacks are 不适用."""
    found = states({})
    assert [code for code, why in found.items() if why.applicable] == []
    assert {code for code in found if code[:2] in ("FU", "WT", "IN", "SC", "RE")} == {
        "FU13", "FU14", "FU19", "WT02", "WT06", "IN32", "RE02",
    }  # fmt: skip
    assert {code for code in found if code.startswith("HB")} == {code for code in REGISTER if code[:2] == "HB"} - {
        "HB12"
    }


def test_a_form_without_fund_lines_has_no_fund_check() -> None:
    """None of FU01–FU18 says 未发现问题; a list of indicators never has them."""
    found = states({"funds": [], "absent": ["execution_points", "fund_reason"]})
    assert {code for code in REGISTER if code[:2] == "FU"} <= set(found)
    assert found["FU01"] == State(True, "没有读到资金")
    listed = states({"funds": [], "layout": "F12", "absent": ["execution_points", "fund_reason"]})
    assert not listed["FU01"].applicable and listed["FU01"].reason == "表上没有“执行率”"


def test_a_form_without_scores() -> None:
    """A form that has no column of scores is not meant by SC01–SC15; one whose scores are blank was not checked."""
    columns = ["level1", "level2", "level3", "target", "actual", "reason"]
    rows = ["产出指标 │ 数量指标 │ 巡查次数 │ ≥52次 │ 60次"]
    without = states(
        {
            "columns": columns,
            "rows": rows,
            "layout": "F8",
            "fund_columns": ["source", "adjusted"],
            "funds": ["年度资金总额 │ 36"],
        }
    )
    assert without["SC05"] == State(False, "表上没有“得分”") and without["SC01"].applicable is False
    blank = states({"edit": {f"score@{at}": "" for at in range(1, 9)}, "total": ""})
    assert blank["SC05"] == State(True, "“得分”没有填写或没有读出")
    assert blank["SC03"].applicable and "SC02" not in blank


def test_of_what_is_missing_the_gravest_is_said() -> None:
    """What may stand in unread cells before what a form does not have, that before what was left blank."""
    entry = REGISTER["FU01"]
    known = dict.fromkeys(coverage.fields(), Level.READ)
    assert coverage.state(entry, "F1", known) is None
    for level, told in (
        (Level.EMPTY, "“执行率”没有填写或没有读出"),
        (Level.LOST, "没有读到资金"),
        (Level.ABSENT, "表上没有“执行率”"),
        (Level.UNREAD, "有内容没有识别，没有读到“执行率”"),
    ):
        why = coverage.state(entry, "F1", known | {"fund.rate": level, "fund.executed": Level.EMPTY})
        assert why is not None and why.reason in (told, "“执行率”没有填写或没有读出")
    both = coverage.state(entry, "F1", known | {"fund.adjusted": Level.ABSENT, "fund.initial": Level.ABSENT})
    assert both == State(False, "表上没有“全年预算数”和“年初预算数”")


# ---- a word of the vocabulary less ----------------------------------------------------------------------

# field of the check → block and field of the vocabulary
WORDS = {
    "fund.adjusted": ("fund", "adjusted"), "fund.executed": ("fund", "executed"), "fund.rate": ("fund", "rate"),
    "fund.initial": ("fund", "initial"), "fund.arrived": ("fund", "arrived"),
    "indicator.target": ("indicator", "target"), "indicator.actual": ("indicator", "actual"),
    "indicator.points": ("indicator", "points"), "indicator.score": ("indicator", "score"),
    "indicator.verdict": ("indicator", "verdict"),
    "indicator.item_score": ("indicator", "item_score"), "indicator.weight_share": ("indicator", "weight_share"),
    "indicator.review_score": ("indicator", "review_score"), "indicator.reason": ("indicator", "reason"),
    "fund.points": ("fund", "points"), "fund.score": ("fund", "score"), "fund.left_over": ("fund", "left_over"),
    **{
        f"head.{name}": ("head", name) for name in (
            "project_code", "department", "unit", "goal_expected", "goal_actual", "goal_completion", "total", "grade",
            "conclusion", "problems", "measures", "reason_box",
        )
    },
}  # fmt: skip


def drawn(family: str, folder: Path) -> Path:
    """The drawn form of a family as a workbook."""
    document = drawing.load(family)
    sheets = document.get("sheets") or {"表": document["grid"]}
    return drawing.write(folder / f"{family}.xlsx", {name: drawing.parse(text) for name, text in sheets.items()})


def looked(result: WorkbookResult) -> set[str]:
    """The checks that looked at the form."""
    (group,) = result.covered
    return set(REGISTER) - {code for code, _ in (*group.unchecked, *group.not_applicable)}


def values(result: WorkbookResult, name: str) -> list[Any]:
    """What was read of a field."""
    field = coverage.fields()[name]
    frame = getattr(result.frames, field.table)
    return [value for column in field.values for value in frame[column] if value not in ("", None)]


def without(block: str, field: str) -> vocabulary.Vocabulary:
    """The vocabulary without the words of a field and of what stands in for it, in whatever block they stand."""
    whole = vocabulary.load()
    gone = {word for word, name in whole.blocks[block].items() if name in (field, f"{field}_above")}
    blocks = {
        name: {word: meaning for word, meaning in words.items() if word not in gone}
        for name, words in whole.blocks.items()
    }
    return replace(whole, blocks=blocks)


@pytest.mark.parametrize("family", drawing.families())
def test_a_header_word_less(family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header that is not known any more turns its cells into unread and the checks that need them into 未检查.

    For each field of each drawn form all words of the field are taken out of the vocabulary. Then the form is not read
    at all, or the field is read by other words, or its cells are unread and no check that needs it has looked at the
    form, nor says anything of it.
    """
    path = drawn(family, tmp_path)
    whole = process_workbook(path, path.name, Settings())
    known, lost = looked(whole), []
    for name, (block, field) in WORDS.items():
        needing = {code for code in known if name in (*REGISTER[code].needs, *REGISTER[code].places)}
        if not (before := values(whole, name)):
            continue
        words = without(block, field)
        with monkeypatch.context() as patched:
            patched.setattr(vocabulary, "load", lambda *_, words=words: words)
            result = process_workbook(path, path.name, Settings())
        if result.status not in ("ok", "partial") or values(result, name) == before:
            continue
        lost.append(name)
        assert result.status == "partial" and any(sheet.unread for sheet in result.sheets), f"{name}: nothing is unread"
        assert result.frames is not None
        if result.frames.projects["layout"].tolist() != [family]:  # the family was known by the very word
            needing = {code for code in needing if not REGISTER[code].traits}
        (group,) = result.covered
        told = dict(group.unchecked)
        assert needing <= set(told), f"{name}: looked at all the same, or not meant"
        assert not {finding.code for finding in result.findings} & {c for c in needing if "没有识别" in told[c]}, name
    assert lost
