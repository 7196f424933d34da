"""All documents of one project against its form, and what a run knows of the documents of all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from perfbatch.decimals import plain, total
from perfbatch.evidence import kinds
from perfbatch.evidence.document import Document
from perfbatch.evidence.figures import Figure
from perfbatch.evidence.index import EXECUTED, STATES, Asked, Entry, Place, Read, State, Values, look_up, nearness
from perfbatch.evidence.kinds import one_of
from perfbatch.evidence.matching import Matched
from perfbatch.notation.units import COUNTED, is_money, wan_power

_TELLING = 0.3
_PERSONS = ("人", "名", "位", "户", "人次", "户次")
_OF_ONE = ("contract", "acceptance", "inspection", "invoice", "voucher", "roster", "questionnaire", "settlement")
_NAMED = 4

Code = Literal["EV01", "EV02", "EV03", "EV04", "EV05", "EV06"]


class Doubt(NamedTuple):
    """Something that a person should look at; `row` is the row of the form on `sheet`, 0 for the project itself."""

    code: Code
    project_id: str
    sheet: str
    row: int
    cell: str
    seen: str
    expected: str
    message: str


@dataclass(slots=True)
class Papers:
    """The documents of one project and what they say. `missing` gives the papers that an indicator lacks."""

    project_id: str
    name: str
    read: Sequence[Read]
    entries: Sequence[Entry] = ()
    missing: Mapping[tuple[str, int], Sequence[str]] = field(default_factory=dict)
    rows: Sequence[Values] = ()  # indicators of the form
    there: frozenset[str] = frozenset()  # kinds of papers that there are
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def unread(self) -> list[Read]:
        """Documents whose text is not known."""
        return [one for one in self.read if one[1].state != "read" or one[1].cut]

    @property
    def unclear(self) -> bool:
        """Whether there are documents of which nothing is known, not even their kind."""
        return any(not kinds_of(one.paper.below, document) for one, document in self.unread)

    def entry(self, sheet: str, cell: str) -> Entry | None:
        """What was looked up for a figure of the form, by its place."""
        return next((one for one in self.entries if (one.asked.sheet, one.asked.cell) == (sheet, cell)), None)


def judge(project_id: str, name: str, read: Sequence[Read], asked: Sequence[Asked], rows: Sequence[Values]) -> Papers:
    """Everything about one project but what concerns other projects too (`used_twice`)."""
    there = frozenset(kind for paper, document in read for kind in kinds_of(paper.paper.below, document))
    made = Papers(project_id, name, read, [look_up(one, read) for one in asked], {}, rows, there)
    lacking = {_place(row): kinds.missing(row["level1"], row["level2"], row["level3"], there) for row in rows}
    made.missing = {place: papers for place, papers in lacking.items() if papers}
    made.doubts = [*_figures(made), *_vouchers(made), *_rosters(made), *_none_found(made)]
    return made


def _place(row: Values) -> tuple[str, int]:
    return row["sheet"], row["row"]


def kinds_of(below: str, document: Document) -> tuple[str, ...]:
    """Kinds of a document; of one that was not read by its name, and that of the folder within the project's."""
    if document.kinds or document.state == "read":
        return document.kinds
    parts = PurePosixPath(below).parts
    return kinds.of("", parts[-1]) or (kinds.of("", parts[-2]) if len(parts) > 2 else ())


def where(place: Place) -> str:
    """Where a figure stands, for a sentence: “合同.xlsx”Sheet1!B3, “验收单.pdf”第2页."""
    return f"“{PurePosixPath(place.paper.paper.name).name}”{spot(place.figure)}"


def spot(figure: Figure) -> str:
    """The place of a figure within its document."""
    if figure.cell:
        return f"{figure.sheet}!{figure.cell}"
    return f"第{figure.page}页" if figure.page else f"{figure.sheet}第{figure.line}段"


# --- doubts about figures and dates ---


def _figures(made: Papers) -> Iterator[Doubt]:
    for entry in made.entries:
        asked = entry.asked
        filled = f"“{asked.name}”填报{asked.shown}"
        if entry.late and not (asked.day and asked.until and asked.day > asked.until[: len(asked.day)]):
            worst = max(entry.late, key=lambda place: place.figure.day)
            message = f"{filled}，{where(worst)}载明的日期是{worst.figure.day}，晚于期限{asked.until}。"
            yield _doubt("EV03", asked, f"不晚于{asked.until}", message)
        elif entry.state == "differs":
            others = [place for place in entry.places if not place.agrees]
            told = "、".join(list(dict.fromkeys(place.figure.shown() for place in others))[:_NAMED])
            yield _doubt("EV01", asked, told, f"{filled}，{where(others[0])}为{told}，没有材料与填报数一致。")


def _doubt(code: Code, asked: Asked, expected: str, message: str) -> Doubt:
    return Doubt(code, asked.project_id, asked.sheet, asked.row, asked.cell, asked.shown, expected, message)


# --- the amount of the vouchers ---


def _vouchers(made: Papers) -> Iterator[Doubt]:
    """What the vouchers (without any: the invoices) pay in all against the executed amount."""
    asked = next((entry.asked for entry in made.entries if entry.asked.name == EXECUTED), None)
    if asked is None or asked.value is None:
        return
    executed = asked.value.scaleb(4)
    sums: list[tuple[str, Decimal]] = []
    for kind in ("voucher", "invoice"):
        amounts = _amounts(made.read, kind)
        if amounts is None:
            return  # one of them was not understood
        if amounts:
            sums.append((kinds.papers()[kind]["name"], total(amounts)))
            if executed in amounts:
                return
    if not sums or any(amount == executed for _, amount in sums):
        return
    name, amount = sums[0]
    if amount < executed and made.unread:
        return  # the rest may be in what was not read
    shown = plain(amount.scaleb(-4))
    message = f"全年执行数{plain(asked.value)}万元，{name}金额合计{shown}万元，两者不一致。"
    yield _doubt("EV02", asked, f"{shown}万元", message)


def _amounts(read: Sequence[Read], kind: str) -> list[Decimal] | None:
    """What each voucher pays, in 元; None when one was not understood. The same document twice counts once."""
    amounts: list[Decimal] = []
    seen: set[str] = set()
    for _, document in read:
        if document.state != "read" or document.kinds[:1] != (kind,) or (document.text and document.text in seen):
            continue
        seen.add(document.text)
        parts: dict[tuple[str, int], list[Decimal]] = defaultdict(list)
        for figure in document.figures:
            if (amount := _in_yuan(figure)) is not None and one_of("amounts").search(figure.words):
                parts[figure.sheet, figure.page].append(amount)
        if not parts:
            return None
        amounts += [max(some) for some in parts.values()]
    return amounts


def _in_yuan(figure: Figure) -> Decimal | None:
    """An amount in 元; a figure without a unit is one where it is a sum of money by its words."""
    if figure.value is None or figure.how == "count" or figure.planned:
        return None
    if figure.unit and not is_money(figure.unit):
        return None
    power = wan_power(figure.unit) if figure.unit else -4
    return None if power is None else figure.value.scaleb(power + 4)


# --- rosters ---


def _rosters(made: Papers) -> Iterator[Doubt]:
    """A list of persons (or of agreements …) with fewer rows than the form counts."""
    lists = [
        (paper, max(counts, key=lambda figure: figure.value or 0))
        for paper, document in made.read
        if document.state == "read" and "roster" in document.kinds
        if (counts := [figure for figure in document.figures if figure.how == "count"])
    ]
    valued = [entry.asked for entry in made.entries if entry.asked.value is not None]
    counted = [asked for asked in valued if asked.unit in COUNTED and not is_money(asked.unit)]
    persons = [asked for asked in counted if asked.unit in _PERSONS]
    for asked in counted:
        # the lists of what it counts: by their words, or because only this indicator counts persons
        mine = []
        for paper, figure in lists:
            other = any(nearness(one, figure.words) >= _TELLING for one in counted)
            of_persons = not other and persons == [asked] and one_of("persons").search(figure.words)
            if nearness(asked, figure.words) >= _TELLING or of_persons:
                mine.append((paper, figure))
        values = [figure.value for _, figure in mine if figure.value is not None]
        if not mine or asked.value is None or asked.value in values or total(values) >= asked.value or made.unread:
            continue
        paper, figure = mine[0]
        named = where(Place(paper, figure, False, 0)) + (f"等{len(mine)}份" if len(mine) > 1 else "")
        message = f"“{asked.name}”填报{asked.shown}，{named}只有{plain(total(values))}行。"
        yield _doubt("EV04", asked, f"不少于{plain(asked.value)}行", message)


# --- nothing found, and one document for two projects ---


def _none_found(made: Papers) -> Iterator[Doubt]:
    """Figures that no document states, once for a project all of whose documents were read."""
    lacking = [entry.asked for entry in made.entries if entry.state == "missing" and entry.asked.value != 0]
    if not lacking or made.unread or not made.read:
        return
    names = "、".join(f"“{asked.name}”{asked.shown}" for asked in lacking[:_NAMED])
    several = f"等{len(lacking)}项" if len(lacking) > _NAMED else ""
    message = f"{len(made.read)}份佐证材料中没有找到{names}{several}。"
    yield Doubt("EV06", made.project_id, "", 0, "", "", "", message)


def used_twice(projects: Iterable[Papers]) -> Iterator[Doubt]:
    """Documents (by content, text or invoice number) that several projects use, at all but the first."""
    first: dict[tuple[str, str], tuple[Papers, str]] = {}
    for made in projects:
        told: set[str] = set()
        for paper, document in made.read:
            if not frozenset(kinds_of(paper.paper.below, document)) & frozenset(_OF_ONE):
                continue
            marks = [("sha256", document.sha256), ("text", document.text if document.figures else "")]
            marks += [("number", number) for number in document.numbers]  # by one of these it is known again
            for key in (mark for mark in marks if mark[1]):
                before, name = first.setdefault(key, (made, paper.paper.name))
                if before is made or paper.paper.name in told:
                    continue
                told.add(paper.paper.name)
                what = f"发票号码{key[1]}" if key[0] == "number" else "内容"
                own, its = PurePosixPath(paper.paper.name).name, PurePosixPath(name).name
                message = f"“{own}”与“{before.name}”的“{its}”{what}相同，一份材料用于两个项目。"
                yield Doubt("EV05", made.project_id, "", 0, "", paper.paper.name, "", message)


_TOLD = 5  # documents without a project that are named one by one


@dataclass(frozen=True)
class Evidence:
    """The supporting documents of a run in the order in which they lie."""

    pairs: Sequence[tuple[Matched, Document | None]]  # each with what was read of it, None for those of no project
    projects: Mapping[str, Papers]  # by project_id, in the order of the input
    links: Mapping[str, str] = field(default_factory=dict)  # name of a document → path from the output folder

    @cached_property
    def states(self) -> Counter[State]:
        """How many figures are in which state."""
        return Counter(entry.state for made in self.projects.values() for entry in made.entries)

    @property
    def doubts(self) -> list[Doubt]:
        """All of them, project by project."""
        return [doubt for made in self.projects.values() for doubt in made.doubts]

    def asked(self) -> dict[str, list[str]]:
        """For the check of missing papers: project → names of the indicators that lack none.

        Where documents were not read and nothing tells what they are, no indicator is said to lack one.
        """
        return {
            key: [row["level3"] for row in made.rows if made.unclear or _place(row) not in made.missing]
            for key, made in self.projects.items()
        }

    def lacking(self) -> dict[str, dict[str, str]]:
        """Project → name of an indicator → the papers that it lacks, as one phrase."""
        return {
            key: {row["level3"]: "；".join(some) for row in made.rows if (some := made.missing.get(_place(row)))}
            for key, made in self.projects.items()
        }

    def told(self) -> Iterator[str]:
        """What the clerk is told at the end of a run, a sentence each."""
        if not self.pairs:
            return
        homeless = [one for one, _ in self.pairs if not one.project_id]
        rest = f"，{len(homeless)}份没有对应的项目" if homeless else ""
        owners = {one.project_id for one, _ in self.pairs} - {""}
        whose = f"{len(self.pairs) - len(homeless)}份对应到{len(owners)}个项目"
        yield f"佐证资料{len(self.pairs)}份，{whose}{rest}；佐证资料不作为自评表读取，不计入项目。"
        read = [(one, document) for one, document in self.pairs if document is not None]
        if left := [one for one, document in read if document.state == "left"]:
            whose = f"其中{len(left)}份属于没有抽中的{len({one.project_id for one in left})}个项目，没有读取"
            yield f"{whose}；要核对全部项目，请加 --evidence-of all 重新运行。"
        if figures := self.states.total():
            told = "、".join(f"{STATES[state]}{self.states[state]}项" for state in STATES if self.states[state])
            yield f"核对{figures}项数据：{told}，见汇总表的“佐证索引”；是否属实由核查人员判断。"
        if pictures := sum(document.state == "picture" for _, document in read):
            yield f"{pictures}份是图片或扫描件，只列出名称，内容没有核对，请人工查看。"
        others = [(one, document) for one, document in read if document.state == "unread"]
        for one, document in others[:_TOLD]:
            yield f"“{one.paper.name}”{document.reason}。"
        if len(others) > _TOLD:
            yield f"另有{len(others) - _TOLD}份没有读取，原因见汇总表的“佐证材料清单”。"
        folders: dict[tuple[str, str], list[str]] = defaultdict(list)
        for one in homeless:  # one sentence for a folder, however many documents lie in it
            outer = one.paper.below.split("/")[0] if "/" in one.paper.below else one.paper.name
            folders[outer, one.problem].append(one.paper.name)
        for (outer, problem), names in list(folders.items())[:_TOLD]:
            yield f"“{outer}”（{len(names)}份）{problem}。" if len(names) > 1 else f"“{names[0]}”{problem}。"
        if len(folders) > _TOLD:
            yield f"另有{len(folders) - _TOLD}处佐证资料没有对应的项目，见 run.json 的 evidence。"
