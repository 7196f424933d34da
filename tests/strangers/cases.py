"""Which shape is tried with which statement of the unit, in which container, with which seed; written and judged."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from strangers import hebei, lists, national, others  # noqa: F401  (they register their shapes)
from strangers.containers import CONTAINERS, can_hold, write
from strangers.judge import differences, run
from strangers.money import Money
from strangers.shapes import SHAPES, Drawing, Shape, defects_of


@dataclass(frozen=True)
class Case:
    """One workbook to be drawn."""

    shape: Shape
    money: Money
    container: str
    seed: int

    def __str__(self) -> str:
        return f"{self.shape.name}-{self.money}-{self.container}-{self.seed}"

    def drawing(self) -> Drawing:
        """Laid out; every second case has one planted defect that the form can show."""
        drawing = self.shape.draw(self.shape.deal(self.seed, self.money))
        kinds = defects_of(drawing.carries)
        if not kinds or self.seed % 2 == 0:
            return drawing
        return self.shape.draw(self.shape.deal(self.seed, self.money, kinds[self.seed // 2 % len(kinds)]))

    def differences(self, folder: Path) -> list[str]:
        """Drawn, written, run, compared."""
        drawing = self.drawing()
        path = write(drawing.book, self.container, folder / "导出表")
        return differences(drawing, self.money, run(path, folder))


def money_of(shape: Shape, place: str, seed: int) -> Money:
    """A unit for the place: where only the size or the decimals tell, what they can tell."""
    if place == "decimals":
        return Money("万元", place)
    if place == "nothing" and shape.count > 2:  # three small amounts would tell 万元 by their size
        return Money("元", place)
    if place in ("nothing", "split", "conflict", "cost", "cost-same", "size"):
        return Money(("万元", "元")[seed % 2], place)
    if shape.name.startswith("hebei"):  # this form knows 万元 and 元 only
        return Money(("万元", "元")[seed % 2], place)
    return Money(("万元", "元", "万元", "千元")[seed % 4], place)


def containers_of(shape: Shape, money: Money, drawing: Drawing) -> list[str]:
    """Those that keep what it says: the name of a sheet stands neither in CSV, HTML nor in a document."""
    fitting = [name for name in CONTAINERS if name in shape.containers and can_hold(name, drawing.book)]
    return [name for name in fitting if money.place != "sheet" or name not in ("csv", "html", "docx")]


def few() -> Iterator[Case]:
    """For the tests: every shape with its usual statement and two others, statements and containers in turn."""
    for n, shape in enumerate(SHAPES.values()):
        usual, *further = shape.places
        picked = [usual, *dict.fromkeys(further[(2 * n + k) % len(further)] for k in range(2) if further)]
        for k, place in enumerate(picked):
            seed = zlib.crc32(shape.name.encode()) % 100 + k
            money = money_of(shape, place, seed)
            case = Case(shape, money, "xlsx", seed)
            fitting = containers_of(shape, money, case.drawing())
            yield Case(shape, money, fitting[(n + k) % len(fitting)], seed)


def all_cases(seeds: int) -> Iterator[Case]:
    """For the matrix: every shape × statement × container × seed."""
    for shape in SHAPES.values():
        for place in shape.places:
            for seed in range(seeds):
                money = money_of(shape, place, seed)
                drawing = Case(shape, money, "xlsx", seed).drawing()
                yield from (Case(shape, money, name, seed) for name in containers_of(shape, money, drawing))
