"""A shape is one way in which a person lays projects out in a workbook; all of them, and what a drawing owes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from strangers.containers import CONTAINERS
from strangers.grid import Sheet
from strangers.money import Money
from strangers.truth import DEFECTS, Project, projects

# What a form says of a project; a field it does not have must stay empty, never be 0 or guessed.
EVERYTHING = frozenset({
    "initial", "adjusted", "executed", "sources", "rate", "execution_score", "total", "indicators", "level1", "level2",
    "points", "score", "reason", "unit", "year", "goal",
})  # fmt: skip


@dataclass(frozen=True)
class Deal:
    """What a shape lays out: the projects, and how their money is written."""

    projects: tuple[Project, ...]
    money: Money
    rng: random.Random

    @property
    def year(self) -> int:
        """The year of the forms."""
        return self.projects[0].year

    @property
    def unit(self) -> str:
        """The township."""
        return self.projects[0].unit


@dataclass
class Drawing:
    """A workbook and the right answer: the projects it holds, the fields it says, the kinds of its sheets.

    `may_refuse`: reading it wholly or saying by a sentence that it was not read are both right; a wrong value is not.
    `execution_row`: the form lists 预算执行率 among the indicators. `sources`: money lines a project, as (word, line).
    """

    book: list[Sheet]
    projects: Sequence[Project]
    carries: frozenset[str] = EVERYTHING
    kinds: dict[str, str] = field(default_factory=dict)
    may_refuse: bool = False
    execution_row: bool = False
    sources: str = "three"
    unit_shown: str = ""  # where a number format shows the money in another unit than the deal's
    counted: int | None = None  # where only some of the projects count (summary beside forms)


Draw = Callable[[Deal], Drawing]


@dataclass(frozen=True)
class Shape:
    """A drawer by name, with the statements of the money unit it can make and the containers it is tried in."""

    name: str
    draw: Draw
    places: tuple[str, ...]
    count: int
    containers: tuple[str, ...]

    @property
    def says(self) -> str:
        """What the person did."""
        return " ".join((self.draw.__doc__ or "").split())

    def deal(self, seed: int, money: Money, defect: str | None = None) -> Deal:
        """Projects for this shape; the defect must be one its form can show."""
        count = max(self.count, 4) if money.place == "size" else self.count
        drawn = projects(seed, count, cost=money.cost, amounts=money.amounts, defect=defect)
        return Deal(drawn, money, random.Random(f"{self.name}/{seed}"))


SHAPES: dict[str, Shape] = {}
FORM_PLACES = ("title", "cell", "pair", "label", "header", "note", "sheet", "cost", "cost-same",
               "decimals", "nothing", "split", "conflict")  # fmt: skip
ALL = tuple(CONTAINERS)


def shape(
    name: str, *, places: tuple[str, ...] = FORM_PLACES, count: int = 2, containers: tuple[str, ...] = ALL
) -> Callable[[Draw], Draw]:
    """Registers a drawer; the first place is the usual one."""

    def registered(draw: Draw) -> Draw:
        assert name not in SHAPES and draw.__doc__, name
        SHAPES[name] = Shape(name, draw, places, count, containers)
        return draw

    return registered


def defects_of(carries: frozenset[str]) -> list[str]:
    """The kinds of defect that a form with these fields shows."""
    return [kind for kind, defect in DEFECTS.items() if defect.needs <= carries and "indicators" in carries]
