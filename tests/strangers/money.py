"""Where a form or list says in which unit its money is, and what follows from it (domain: MONEY_UNIT.md)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from strangers.truth import SCALE, bare

STATED = ("title", "cell", "pair", "label", "group", "header", "note", "sheet")
# Unstated: what there is to decide by, and whether it decides.
EVIDENCE = {
    "cost": True,  # cost indicators in the other unit equal the budgets
    "cost-same": True,  # cost indicators in the same unit equal the budgets
    "size": True,  # a township's amounts, many of them, are all large (元) or all small (万元)
    "decimals": True,  # three and more decimals cannot be 元
    "nothing": False,
    "split": False,  # half of the cost indicators say 元, the other half 万元
    "conflict": False,  # two statements that contradict each other
}


@dataclass(frozen=True, slots=True)
class Money:
    """The unit the money is written in, and where that is said: a place of STATED or a kind of EVIDENCE."""

    unit: str
    place: str

    def __str__(self) -> str:
        return f"{self.unit}@{self.place}"

    @property
    def stated(self) -> bool:
        """Whether the workbook says the unit."""
        return self.place in STATED

    @property
    def decided(self) -> bool:
        """Whether a careful reader knows the unit; otherwise it has to ask."""
        return self.stated or EVIDENCE[self.place]

    @property
    def cost(self) -> str:
        """What the cost indicators say: nothing where they must not decide."""
        if self.place == "cost":
            return "元" if self.unit == "万元" else "万元"
        if self.place == "cost-same":
            return self.unit
        return {"split": f"split {self.unit}", "label": "万元", "title": "元"}.get(self.place, "")

    @property
    def amounts(self) -> str:
        """Which amounts the projects need so that only the intended evidence is there."""
        if self.place in ("nothing", "split", "conflict"):
            return "wide" if self.unit == "元" else "wan2"
        return "wan6" if self.place == "decimals" or self.unit != "万元" else "wan2"

    def of(self, amount: Decimal) -> Decimal:
        """An amount of 万元 as this form writes it."""
        return bare(amount * SCALE[self.unit])

    def _at(self, place: str, form: str) -> str:
        return form.format(self.unit) if self.place == place else ""

    def title(self) -> str:
        """What follows the year in the line under the title."""
        if self.place == "conflict":
            return "　　　　金额单位：" + ("元" if self.unit == "万元" else "万元")
        return self._at("title", "　　　　金额单位：{}")

    def cell(self) -> str:
        """A cell of its own, or ""."""
        return self._at("cell", "金额单位：{}")

    def pair(self) -> tuple[str, str] | tuple[()]:
        """Two cells, or none."""
        return ("金额单位", self.unit) if self.place == "pair" else ()

    def label(self, word: str) -> str:
        """The label of the fund block."""
        return word + (f"（{self.unit}）" if self.place in ("label", "conflict") else "")

    def group(self, word: str) -> str:
        """A header over several money columns."""
        return word + self._at("group", "（{}）")

    def header(self, word: str) -> str:
        """A header of one money column."""
        return word + self._at("header", "（{}）")

    def note(self) -> str:
        """A note below the table, or ""."""
        return self._at("note", "注：本表金额单位为{}。")

    def sheet(self, name: str) -> str:
        """The sheet's name."""
        return name + self._at("sheet", "（{}）")
