"""What a person may do to a sheet changes nothing that is read: moving, blank rows and columns, merges, colons."""

from __future__ import annotations

import random
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from strangers import cases
from strangers.containers import write
from strangers.grid import Sheet
from strangers.judge import differences, run
from strangers.money import Money
from strangers.shapes import SHAPES, Drawing

# shape → where it states the unit
BASES = {
    "F1/usual": "label",
    "F4/yunnan": "title",
    "F8/transfer": "label",
    "hebei/pairs-in-rows": "cell",
    "hebei/table": "pair",
    "hebei/groups-down": "header",
    "list/platform-with-rows": "header",
    "list/summary": "title",
}
LABELS = (
    "项目名称",
    "主管部门",
    "实施单位",
    "年度资金总额",
    "预期目标",
    "实际完成情况",
    "总分",
    "金额单位",
    "预算数",
    "到位数",
    "执行数",
    "实施(主管)单位",
    "转移支付（项目）名称",
    "资金使用单位",
    "其他资金",
    "上年结转资金",
)
BROKEN = {
    "年初预算数": "年初\n预算数",
    "年度指标值": "年度\n指标值",
    "实际完成值": "实际\n完成值",
    "单项指标得分": "单项指\n标得分",
}
NARROW, WIDE = str.maketrans("（）：％", "():%"), str.maketrans("():%", "（）：％")


def free_rows(sheet: Sheet) -> list[int]:
    """Rows before which a blank one may stand: neither inside cells merged over two or three rows nor row 1."""
    split = {row for a in sheet.merges if a.bottom - a.top in (1, 2) for row in range(a.top + 1, a.bottom + 1)}
    return [row for row in range(2, sheet.height + 1) if row not in split]


def worded(change: Callable[[str], str]) -> Callable[[random.Random, Sheet], Sheet]:
    return lambda rng, sheet: sheet.worded(change)


CHANGES: dict[str, Callable[[random.Random, Sheet], Sheet]] = {
    "moved": lambda rng, s: s.moved(rng.randrange(1, 8), rng.randrange(1, 6)),
    "blank row": lambda rng, s: s.with_blank_row(rng.choice(free_rows(s))),
    "blank column": lambda rng, s: s.with_blank_column(rng.randrange(1, s.width + 1)),
    "merges apart": lambda rng, s: s.unmerged(keep=lambda a: a.bottom > a.top),
    "half width": worded(lambda v: v.translate(NARROW)),
    "full width": worded(lambda v: v.translate(WIDE)),
    "trailing colons": worded(lambda v: v + "：" if v in LABELS else v),
    "blanks in words": worded(lambda v: " ".join(v) if v in ("得分", "分值", "总分") else v),
    "line breaks in heads": worded(lambda v: BROKEN.get(v, v)),
}


def wrong(name: str, seed: int, changes: list[str]) -> list[str]:
    """Differences after the changes, one after the other, on every sheet."""
    money, rng = Money("万元", BASES[name]), random.Random(f"{name}/{seed}")
    drawing: Drawing = SHAPES[name].draw(SHAPES[name].deal(seed, money))
    for change in changes:
        drawing = replace(drawing, book=[CHANGES[change](rng, sheet) for sheet in drawing.book])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        return differences(drawing, money, run(write(drawing.book, "xlsx", folder / "表"), folder))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", BASES)
def test_nothing_changes(name: str, change: str) -> None:
    assert wrong(name, zlib.crc32(f"{name}/{change}".encode()), [change]) == []


# Nothing is shrunk: an example is a workbook, and the list of changes says which.
@settings(max_examples=12, derandomize=True, deadline=None, database=None, phases=[Phase.generate])
@given(
    st.sampled_from(sorted(BASES)), st.integers(0, 9999),
    st.lists(st.sampled_from(sorted(CHANGES)), min_size=2, max_size=4, unique=True),
)  # fmt: skip
def test_several_changes_together_change_nothing(name: str, seed: int, changes: list[str]) -> None:
    assert wrong(name, seed, changes) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_a_lists_columns_does_not_matter(seed: int, tmp_path: Path) -> None:
    case = cases.Case(SHAPES["list/columns-in-another-order"], Money("万元", "header"), "xlsx", 2 * seed)
    assert case.differences(tmp_path) == []
