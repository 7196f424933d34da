"""The register itself: complete, documented, in order, and not brought down by a broken check."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest
from support import cases
from support.cases import CASES, CLEAN, Case, load

from perfbatch import rulesets
from perfbatch.checks import FAMILIES, register
from perfbatch.checks.batch import ACROSS
from perfbatch.checks.form import Book
from perfbatch.checks.metadata import Entry
from perfbatch.checks.register import Check, Context, Hit, Skipped
from perfbatch.model import CheckOutcome, Finding, Frames, Severity
from perfbatch.rulesets.parameters import parameters

ENTRIES = list(register.register().values())
CODES = {entry.code for entry in ENTRIES}
CHINESE = re.compile(r"[一-龥]")


def test_every_check_has_its_entry_and_every_entry_its_check() -> None:
    """The one place that says what a check lacks: a function, an entry in `<family>.toml`, or a key of it."""
    assert not register.faults(), "\n".join(register.faults())


def test_the_catalogue_is_registered() -> None:
    """The ids of the project's catalogue, without a gap, in the order of the families."""
    numbers = {family: [entry.code for entry in ENTRIES if entry.family == family] for family in FAMILIES}
    sizes = {"ST": 13, "FU": 18, "WT": 9, "IN": 35, "SC": 15, "RE": 9, "TX": 10, "XP": 15, "HB": 13, "RP": 13}
    sizes |= {"TG": 13, "MN": 7, "OV": 8, "TS": 9, "EV": 6}
    for family, codes in numbers.items():
        assert codes == [f"{family}{number:02}" for number in range(1, len(codes) + 1)]
        assert len(codes) >= sizes[family], "a check of the catalogue is gone"
    assert tuple(dict.fromkeys(entry.family for entry in ENTRIES)) == tuple(FAMILIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_documented(entry: Check) -> None:
    """Title, hint, basis and examples are Chinese, the docstring English; parameters exist in every ruleset."""
    for text in (entry.title, entry.hint, entry.basis, entry.why):
        assert CHINESE.search(text), text
    assert entry.hint.endswith("。") and entry.why.endswith("。")
    assert entry.failing and entry.passing and entry.failing != entry.passing
    first = entry.explanation.partition("\n")[0]
    assert len(CHINESE.findall(first)) < len(first) / 2, "docstrings are English"
    assert set(entry.parameters) <= set(parameters())
    assert set(entry.yields_to) <= CODES
    if re.search("1(0|01)号", entry.basis):
        assert "未核" in entry.basis, "facts recalled from these documents stay marked"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_case_file(entry: Check) -> None:
    """Every check has failing and passing forms, and no hit is more severe than its entry says."""
    code = entry.code
    assert (CASES / f"{code}.toml").is_file(), f"{code} has no case file tests/checks/cases/{code}.toml"
    found = load(CASES / f"{code}.toml")
    kinds = [case.kind for case in found]
    assert {case.code for case in found} == {code}
    assert kinds.count("failing") >= 1 and kinds.count("passing") >= 1
    rank = ("info", "warning", "error")
    worst = max(rank.index(entry.severity), rank.index(entry.at_most))
    for case in found:
        for hit in cases.expected(case):
            assert rank.index(hit.get("severity", "info")) <= worst, str(case)


def test_no_case_file_without_a_check() -> None:
    """A case file of a check that does not exist would never run."""
    assert {path.stem for path in CASES.glob("*.toml")} <= CODES


def test_clean_form_has_no_findings() -> None:
    """The form every case is a child of passes all checks, one by one and as a whole."""
    context = cases._context(Case("SC01", "passing", 1, {"why": "clean"}))
    for scope in ("workbook", "batch"):
        found, outcomes = register.run(context, scope=scope)
        assert found == []
        assert {outcome.state for outcome in outcomes} <= {"clear", "unchecked"}
        assert all(outcome.reason for outcome in outcomes if outcome.state == "unchecked")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_parameters_are_declared(entry: Check) -> None:
    """Every ruleset key that the function of a check reads is named in its register entry."""
    calls = r'(?:form|first)\["(\w+)"\]|\.rule\("(\w+)"'
    read = {name for found in re.findall(calls, inspect.getsource(entry.run)) for name in found if name}
    assert read <= set(entry.parameters)


# ---- the runner ---------------------------------------------------------------------------------------


@pytest.fixture
def extra(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Registers a check for one test: code, severity and what it does."""
    register.register()
    monkeypatch.setattr(register, "_REGISTER", dict(register._REGISTER))

    def add(code: str, run: Callable[[Book], Iterable[Hit]], severity: str = "error", **more: object) -> None:
        texts = {"title": "临时", "basis": "临时", "hint": "临时。", "why": "临时。", "failing": "甲", "passing": "乙"}
        grade = Severity(severity)
        entry = Entry(severity=grade, at_most=grade, **texts, **more)  # type: ignore[arg-type]
        register.check(code, of="workbook", entry=entry)(run)

    yield add


def run(context: Context | None = None, **more: object) -> tuple[list[Finding], dict[str, CheckOutcome]]:
    """Findings and outcomes by code on the clean form."""
    context = context or cases._context(Case("SC01", "passing", 1, {"why": "clean"}))
    found, outcomes = register.run(context, **more)  # type: ignore[arg-type]
    return found, {outcome.code: outcome for outcome in outcomes}


def at(book: Book, row: int, cell: str, severity: str = "", *, of_form: bool = False) -> Hit:
    """A hit on an indicator row, or on a form."""
    rows = book.forms if of_form else [row for form in book.forms for row in form.rows]
    return Hit(rows[row], cell, "甲", "乙", f"第{row}行。", severity)


def test_a_code_is_registered_once(extra: Callable[..., None]) -> None:
    """Two checks of one code are our own mistake and found at import."""
    with pytest.raises(ValueError, match="SC01"):
        extra("SC01", lambda book: ())


def test_a_check_without_an_entry_is_named(extra: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not run, brings nothing else down, and the first test above says in a sentence what is missing."""
    monkeypatch.setattr(register, "_UNDESCRIBED", {})
    register.check("SC98", of="workbook")(lambda book: [at(book, 0, "A61")])
    assert "SC98" not in register.register() and run()[0] == []
    assert register.faults() == ["SC98 has no entry [SC98] in perfbatch/checks/scores.toml"]
    del extra


def test_an_entry_keeps_its_examples(extra: Callable[..., None]) -> None:
    extra("SC98", lambda book: ())
    entry = register.register()["SC98"]
    assert (entry.title, entry.failing, entry.passing) == ("临时", "甲", "乙")


def test_what_the_user_set_is_said(extra: Callable[..., None]) -> None:
    """A single value with its figure, a table by its name."""
    extra("SC98", lambda book: (), parameters=("tol_score", "exec_steps", "tol_rate"))
    _, outcomes = run(changed={"tol_score": 1.5, "exec_steps": ((1, 1), (0, 0))})
    assert outcomes["SC98"].reason == "本单位设置tol_score = 1.5；本单位设置exec_steps"


def test_a_broken_check_costs_only_its_own_findings(extra: Callable[..., None]) -> None:
    """An exception in a check is reported as ours, never as bad data, and the others go on."""

    def broken(book: Book) -> Iterator[Hit]:
        yield at(book, 0, "A61")
        raise KeyError("no such column")

    extra("SC98", broken)
    extra("SC99", lambda book: [at(book, 0, "A61")])
    found, outcomes = run()
    assert [f.code for f in found] == ["SC99"]
    assert outcomes["SC98"].state == "errored" and "no such column" in outcomes["SC98"].reason
    assert outcomes["SC99"].state == "found" and outcomes["SC99"].findings == 1
    assert len(outcomes) == len([entry for entry in register.register().values() if entry.scope == "workbook"])


def test_skipped_and_switched_off_are_told_apart(extra: Callable[..., None]) -> None:
    """What was not checked says why: for want of input, by the user, by the ruleset."""

    def wanting(book: Book) -> Iterator[Hit]:
        raise Skipped("未提供清单")
        yield

    extra("SC97", wanting)
    extra("SC98", lambda book: [at(book, 0, "A61")])
    extra("SC99", lambda book: [at(book, 0, "A61")])
    context = cases._context(Case("SC01", "passing", 1, {"why": "off", "parameters": {"checks_off": ["SC99"]}}))
    found, outcomes = run(context, off=frozenset({"SC98"}))
    assert found == []
    assert (outcomes["SC97"].state, outcomes["SC97"].reason) == ("unchecked", "未提供清单")
    assert outcomes["SC98"].state == "off" and outcomes["SC98"].reason
    assert outcomes["SC99"].state == "clear" and "关闭" in outcomes["SC99"].reason


def test_only_some_checks(extra: Callable[..., None]) -> None:
    """`only` runs those codes and nothing else."""
    extra("SC98", lambda book: [at(book, 0, "A61")])
    found, outcomes = run(only=frozenset({"SC98", "SC01"}))
    assert [f.code for f in found] == ["SC98"] and set(outcomes) == {"SC98", "SC01"}


def test_precedence_holds_on_the_same_row_only(extra: Callable[..., None]) -> None:
    """A check yields where the named one reports on the same row; the count in its outcome says so."""
    extra("SC98", lambda book: [at(book, 0, "A61"), at(book, 1, "A62")], yields_to=("SC99",))
    extra("SC99", lambda book: [at(book, 1, "C62")])
    found, outcomes = run()
    assert [(f.code, f.cell) for f in found] == [("SC98", "A61"), ("SC99", "C62")]
    assert outcomes["SC98"].findings == 1
    found, _ = run(off=frozenset({"SC99"}))
    assert [(f.code, f.cell) for f in found] == [("SC98", "A61"), ("SC98", "A62")]


def test_severity_of_user_and_ruleset(extra: Callable[..., None]) -> None:
    """The user's severity goes before the ruleset's; a hit that is milder by itself stays milder."""
    extra("SC98", lambda book: [at(book, 0, "A61"), at(book, 1, "A62", "info")], severity="warning")
    regraded = Case("SC01", "passing", 1, {"why": "x", "parameters": {"check_severity": {"SC98": "error"}}})
    assert [f.severity for f in run()[0]] == ["warning", "info"]
    assert [f.severity for f in run(cases._context(regraded))[0]] == ["error", "info"]
    assert [f.severity for f in run(cases._context(regraded), severities={"SC98": "info"})[0]] == ["info", "info"]


def test_findings_come_in_reading_order(extra: Callable[..., None]) -> None:
    """By file, sheet, row, column and code, however the checks are called; rows are numbers, not texts."""
    forms = [{"project_name": name} for name in ("甲项目", "乙项目")]
    context = cases._context(Case("SC01", "passing", 1, {"why": "two sheets", "forms": forms}))
    second = len(CLEAN["rows"])
    extra("SC98", lambda book: [at(book, second, "A9"), at(book, 1, "B100"), at(book, 0, "AA9"), at(book, 0, "B9")])
    extra("SC99", lambda book: [at(book, 0, "B9"), Hit(None, "", "", "", "整张工作表。", sheet="表2", file=book.file)])
    found, _ = run(context)
    assert [(f.sheet, f.cell, f.code) for f in found] == [
        ("表1", "B9", "SC98"), ("表1", "B9", "SC99"), ("表1", "AA9", "SC98"), ("表1", "B100", "SC98"),
        ("表2", "", "SC99"), ("表2", "A9", "SC98"),
    ]  # fmt: skip
    assert found[-1].project == "乙项目" and found[-2].project == ""


def test_cells_of_two_sheets_are_two_cells() -> None:
    """A form that spans sheets may have two cells H61; the points of one say nothing about the other."""
    rows = ["产出指标 │ 数量指标 │ 培训期数 │ ≥6期 │ 6期 │ 12 │ 20", "〃 │ 〃 │ 参训人 │ ≥300人次 │ 312人次 │ 12 │ 12"]
    context = cases._context(Case("SC01", "passing", 1, {"why": "spans", "rows": rows}))
    context.frames.indicators.loc[1, ["sheet", "cell_points", "cell_score"]] = ["续表", "H61", "I61"]
    assert [f.cell for f in run(context, only=frozenset({"SC01"}))[0]] == ["I61"]


def test_a_finding_stands_on_the_sheet_of_its_row(extra: Callable[..., None]) -> None:
    """A form may span sheets; a hit without a cell goes to the project's own cell; ``表二!B3`` names a sheet."""
    context = cases._context(Case("SC01", "passing", 1, {"why": "spans"}))
    context.frames.indicators.loc[2, "sheet"] = "续表"
    extra("SC98", lambda book: [at(book, 2, "A63"), at(book, 2, ""), at(book, 0, "表二!B3", of_form=True)])
    found, _ = run(context)
    assert [(f.sheet, f.cell) for f in found] == [("表1", "B2"), ("续表", "A63"), ("表二", "B3")]


def test_a_finding_names_the_clause_of_its_figure() -> None:
    """Where the ruleset says where a figure is from, the finding cites that; else the check's own basis."""
    case = next(case for case in load(CASES / "SC05.toml") if case.kind == "failing")
    rules = rulesets.load("platform-default")
    assert [f.basis for f in cases.findings(case)[0]] == [rules.basis("negative_rule")]
    case = next(case for case in load(CASES / "SC01.toml") if case.kind == "failing")
    assert cases.findings(case)[0][0].basis == register.register()["SC01"].basis


@pytest.mark.parametrize("entry", register.across(), ids=lambda entry: f"{entry.code}-{entry.run.__name__}")
def test_the_columns_put_together_suffice(entry: Check) -> None:
    """Across files a check is given no others (`perfbatch.runs.across`); it finds the same as on whole frames."""
    path = CASES / f"{entry.code}.toml"
    for case in load(path) if path.is_file() else ():  # `test_case_file` names a missing one
        context = cases._context(case)
        only = frozenset({entry.code})
        whole = register.run(context, scope="batch", only=only)
        lean = Frames(*(getattr(context.frames, table)[list(names)] for table, names in ACROSS.items()))
        identity = register._batch(context).identity
        context = replace(context, frames=lean, identity=identity)
        assert register.run(context, scope="batch", only=only) == whole


def test_every_shipped_ruleset_feeds_every_check() -> None:
    """No check falls over under any shipped ruleset."""
    for name in rulesets.names():
        context = cases._context(Case("SC01", "passing", 1, {"why": "rulesets", "ruleset": name}))
        for scope in ("workbook", "batch"):
            outcomes = register.run(context, scope=scope)[1]
            assert [o for o in outcomes if o.state == "errored"] == [], name
