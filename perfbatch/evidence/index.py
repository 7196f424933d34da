"""What is looked up for a project, and where it stands in its documents: agreeing, different, not found, in pictures.

Never a verdict: it says where to look. A place agrees when the figure is the same, unit and scale aware, and what
stands around it, its unit or its own length says that it is this figure and not another one of the same size. A
document can only contradict where it names the indicator itself, tells what was done, and no document agrees.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from perfbatch.decimals import plain
from perfbatch.evidence import kinds
from perfbatch.evidence.document import Document
from perfbatch.evidence.figures import Figure
from perfbatch.evidence.kinds import event_of, events_in, one_of
from perfbatch.evidence.matching import Matched
from perfbatch.notation import fold
from perfbatch.notation.units import common, is_money
from perfbatch.schema import grouped

# columns of the frames that are read
PROJECTS = ("project_id", "project_name", "executed", "sheet", "cell", "cell_executed")
INDICATORS = (
    "project_id", "role", "level1", "level2", "level3", "kind", "actual_text", "actual_value", "actual_unit", "unit",
    "actual_date", "actual_status", "target_value", "target_date", "sheet", "row", "cell_actual",
)  # fmt: skip
_WHOLE_DAY = re.compile(r"[0-9][日号]|[0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}")
Values = Mapping[str, Any]
State = Literal["agrees", "differs", "missing", "pictures"]
STATES: dict[State, str] = {"agrees": "找到一致", "differs": "找到不同", "missing": "未找到", "pictures": "只有图片"}
EXECUTED = "全年执行数"
_TELLING = 0.3  # share of an indicator's name that words must have for a figure with its unit to be its own
_NAMING = 0.5  # for a figure without a unit
_NAMED = 0.6  # for one that may contradict
_LONG, _LONGER = 4, 5  # significant digits of a figure that no other has by chance, with and without its unit
_MOST = 12  # places that are kept of a figure


class Asked(NamedTuple):
    """A figure of a form: `day` instead of `value` for a date (a month has no day), `until` the deadline of its target.

    `sheet` and `cell` are where it stands on the form, `row` its row (0 for the executed amount).
    """

    project_id: str
    name: str
    value: Decimal | None
    unit: str
    day: str
    until: str
    shown: str
    target: Decimal | None
    sheet: str
    row: int
    cell: str


class Place(NamedTuple):
    """A figure of a document beside one of a form. `rank`: the higher, the surer."""

    paper: Matched
    figure: Figure
    agrees: bool
    rank: float


class Entry(NamedTuple):
    """What the documents of a project say of one figure; `places` the surest first, `late` dates after its deadline."""

    asked: Asked
    state: State
    places: Sequence[Place]
    late: Sequence[Place] = ()


def asked_of(project: Values, rows: Iterable[Values]) -> tuple[list[Asked], list[Values]]:
    """What is looked up of a row of `projects` and its rows of `indicators`, and those that papers are asked for."""
    own = [row for row in rows if row["role"] == "indicator"]
    asked = [one for row in own if (one := _asked(row)) is not None]
    if project["executed"] is not None:
        value, cell = Decimal(plain(project["executed"])), project["cell_executed"] or project["cell"]
        named = (project["project_id"], EXECUTED, value, "万元", "", "", f"{value}万元", None)
        asked.insert(0, Asked(*named, project["sheet"], 0, cell))
    return asked, own


def _asked(row: Values) -> Asked | None:
    """What is looked up for an indicator: its figure or its date; None for words and what could not be read."""
    place = row["sheet"], row["row"], row["cell_actual"]
    if row["actual_status"] in ("ambiguous", "multiple"):
        return None
    named = row["project_id"], row["level3"]
    if row["actual_date"]:
        day = row["actual_date"] if _WHOLE_DAY.search(fold(row["actual_text"])) else row["actual_date"][:7]
        return Asked(*named, None, "", day, row["target_date"], row["actual_text"], None, *place)
    if not row["actual_value"] or row["kind"] != "quantitative":
        return None  # of nothing done there is no document
    # without the zeros of its column
    value, unit = Decimal(plain(row["actual_value"])), row["actual_unit"] or row["unit"]
    target = None if row["target_value"] is None else Decimal(plain(row["target_value"]))
    return Asked(*named, value, unit, "", "", row["actual_text"], target, *place)


Read = tuple[Matched, Document]


def look_up(asked: Asked, papers: Sequence[Read]) -> Entry:
    """The state of one figure in the documents of its project."""
    same, other, late = _places(asked, papers)
    best = _best(_without_parts(same))
    # documents that name the indicator with several figures tell of its parts
    values = grouped((place.paper.paper.name, place.figure.value) for place in other)
    differing = _best(place for place in other if len(set(values[place.paper.paper.name])) == 1)
    if best:
        done = [place for place in best if not place.figure.planned]
        plans = {paper.paper.name for paper, document in papers if kinds.says(document.kinds) == "planned"}
        # a document agrees that tells what was done, or of which nobody can say what it tells
        if not differing or any(place.paper.paper.name not in plans for place in done):
            others = [] if asked.value is None else differing  # of other dates there are many
            return Entry(asked, "agrees", [*(done or best), *others][:_MOST], late)
    if differing and not _adds_up(asked, differing):
        return Entry(asked, "differs", [*differing, *best][:_MOST], late)
    if best or differing:
        return Entry(asked, "agrees", [*best, *differing][:_MOST], late)
    unread = [document for _, document in papers if document.state == "picture"]
    read = [document for _, document in papers if document.state == "read"]
    return Entry(asked, "pictures" if unread and not read else "missing", (), late)


def _places(asked: Asked, papers: Sequence[Read]) -> tuple[list[Place], list[Place], list[Place]]:
    """Where documents say the same, where another figure, and where dates after the deadline."""
    found: dict[str, list[Place]] = {"same": [], "other": [], "late": []}
    for paper, document in papers:
        if document.state != "read":
            continue
        says = kinds.says(document.kinds)
        for figure in document.figures:
            told = _counted(asked, figure, says) if asked.value is not None else _dated(asked, document, figure, says)
            for which, rank in told:
                found[which].append(Place(paper, figure, which == "same", rank))
    return found["same"], found["other"], found["late"]


def _best(places: Iterable[Place]) -> list[Place]:
    return sorted(places, key=lambda place: -place.rank)[:_MOST]


def _without_parts(same: Sequence[Place]) -> Iterator[Place]:
    """Not those in the rows of a list of which the row 合计 has the figure too: these are of its parts."""
    is_total = one_of("totals").match
    totals = {_column(place) for place in same if place.figure.cell and is_total(place.figure.words)}
    for place in same:
        figure = place.figure
        if _column(place) not in totals or ":" in figure.cell or is_total(figure.words):
            yield place


def _column(place: Place) -> tuple[str, str, str]:
    return place.paper.paper.name, place.figure.sheet, place.figure.cell.rstrip("0123456789")


def _adds_up(asked: Asked, places: Sequence[Place]) -> bool:
    """Whether what stands in several documents is the figure when it is added up."""
    if asked.value is None or len(places) < 2:
        return False
    named = ((place.paper.paper.name, place.figure) for place in places)
    distinct = {(name, figure.sheet, figure.cell, figure.value): figure for name, figure in named}
    whole = Decimal(0)
    for figure in distinct.values():
        taken = common(asked.unit, figure.unit or asked.unit)
        if figure.value is not None and taken.state != "dimension":
            whole += figure.value * taken.second / taken.first
    return whole == asked.value


# --- figures ---


def _counted(asked: Asked, figure: Figure, says: str) -> Iterator[tuple[str, float]]:
    """Whether a figure is the ``same`` or an ``other`` than the one asked for, if it is of the same thing; its rank."""
    if figure.value is None:
        return
    near = nearness(asked, figure.words)
    equal, stated = _equal(asked, figure)
    if equal and (rank := _rank(asked, figure, near, stated)) > 0:
        yield "same", rank + (says == "done")
    elif not equal and _contradicts(asked, figure, says, near, stated):
        yield "other", near


def _equal(asked: Asked, figure: Figure) -> tuple[bool, int]:
    """Whether two figures are the same, and how their units go together: 2 stated, 1 by wording or unstated, 0 not."""
    if figure.value is None or asked.value is None:
        return False, 0
    if not figure.unit:
        if figure.value == asked.value:
            return True, 1
        if is_money(asked.unit):  # a bare amount is one in 元
            whole = common(asked.unit, "元")
            return asked.value * whole.first == figure.value * whole.second, 1
        return False, 1
    # the unit of what is asked, without 每亩 of 元/亩 where the words before a figure say so: 每亩租金2500元
    unit, _, one = asked.unit.partition("/")
    told = one and "/" not in figure.unit and (f"每{one}" in figure.words or f"{one}均" in figure.words)
    taken = common(unit if told else asked.unit, figure.unit)
    if taken.state == "dimension" or not asked.unit:
        return False, 0
    return asked.value * taken.first == figure.value * taken.second, 2 if taken.state == "yes" else 1


def _rank(asked: Asked, figure: Figure, near: float, stated: int) -> float:
    """How surely an equal figure is the one asked for; 0 for not enough to say so."""
    if asked.name == EXECUTED and figure.planned:
        return 0  # an offer, an estimate, a limit: not what was spent
    digits = len(plain(asked.value).replace(".", "").strip("0"))
    if figure.how == "count":
        whole = asked.value is not None and asked.value == asked.value.to_integral_value()
        sure = near >= _TELLING and whole and not is_money(asked.unit)
    elif figure.unit:
        sure = near >= _TELLING or digits >= _LONG
    else:
        sure = near >= _NAMING or digits >= _LONGER or (digits >= _LONG and is_money(asked.unit))
    if asked.unit in ("%", "‰") and near < _TELLING:
        sure = False  # 100 % and 95 % stand everywhere
    # an amount is large enough that its unit and the words before it tell it apart: 1000元
    in_yuan = figure.value * common(figure.unit, "元").first if figure.value and is_money(figure.unit) else None
    large = in_yuan is not None and len(plain(in_yuan).partition(".")[0]) >= _LONG
    if asked.name == EXECUTED and not sure and (digits >= 3 or large):
        sure = one_of("executed").search(figure.words) is not None
    if not sure:
        return 0
    return near * 4 + stated + min(digits, 6) / 2 - 2 * figure.planned


def _contradicts(asked: Asked, figure: Figure, says: str, near: float, stated: int) -> bool:
    """Whether another figure is one for the same thing: named, with its unit, of what was done, not a part."""
    if says != "done" or figure.planned or figure.how or stated == 0 or not figure.unit or near < _NAMED:
        return False
    if asked.name == EXECUTED or figure.value == asked.target:
        return False
    part, asked_part = (one_of("part").search(fold(words)) for words in (figure.words, asked.name))
    return (part is None) == (asked_part is None)  # both of a part or of one of many, or neither


@lru_cache(maxsize=4096)
def _grams(name: str) -> frozenset[str]:
    """Pairs of characters of an indicator's name without the ends that only say what kind of figure it is."""
    bare = fold(name)
    tails = re.compile(f"(?:{one_of('tails').pattern})$")
    while (shorter := tails.sub("", bare)) != bare and len(shorter) >= 2:
        bare = shorter
    letters = re.sub(r"[^\w%]", "", bare)
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1)) or frozenset([letters])


@lru_cache(maxsize=1 << 16)
def _near(name: str, words: str) -> float:
    grams = _grams(name)
    return sum(gram in words for gram in grams) / len(grams)


def nearness(asked: Asked, words: str) -> float:
    """Share of the indicator's name that stands among the words around a figure."""
    near = _near(asked.name, words)
    if near < 1 and "满意" in asked.name and "满意" in words:
        near = max(near, _NAMED)  # 满意度 of one project is of whom the form says
    return near


# --- dates ---


_MANY_DAYS = 3


def _dated(asked: Asked, document: Document, figure: Figure, says: str) -> Iterator[tuple[str, float]]:
    """As `_counted`, of dates; also ``late`` for one after the deadline."""
    if figure.value is not None or not figure.day or (len(figure.day) <= 7 and "(#)" in figure.words):
        return  # 序时簿（2022年6月）: what the document covers
    event, mine = event_of(figure.words), events_in(fold(asked.name))
    near = nearness(asked, figure.words)
    alike = event in mine
    done = alike and says == "done" and not figure.planned
    if figure.day.startswith(asked.day) or (len(figure.day) < len(asked.day) and asked.day.startswith(figure.day)):
        whole = len(figure.day) >= len(asked.day)
        exact = whole and len(asked.day) > 7 and (event < 0 or not mine)
        if exact:  # that one day of a list of days, such as a diary, is the day asked for says nothing
            days = {one.day for one in document.figures if len(one.day) > 7 and event_of(one.words) < 0}
            exact = len(days) < _MANY_DAYS
        if (alike and whole) or near >= _NAMING or exact:
            yield "same", 2 * alike + near + exact - 2 * figure.planned + (says == "done")
    elif done and len(figure.day) >= len(asked.day):
        yield "other", 1 + near
    if done and asked.until and len(figure.day) > 7 and figure.day > asked.until:
        yield "late", 1 + near
