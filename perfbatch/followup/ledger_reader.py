"""What humans wrote into sheet 整改台账 of a summary workbook, so that no later run loses it.

The sheet is found by its name, columns by the words of their headings, rows by the hidden key. Rows without a
key are entries that somebody added; they are kept too.
"""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from perfbatch.followup import summaries
from perfbatch.followup.summaries import SLOT, SUMMARY
from perfbatch.forms.own_outputs import KEY_COLUMN
from perfbatch.model import Grid

SHEET = "整改台账"
PROJECT, UNIT, INDICATOR = "项目名称", "填报单位", "指标"
PROBLEM, BASIS, CAUSE, CODE, STATE = "问题", "依据", "原因", "编号", "状态"
MEASURES, PERSON, DEADLINE, PROGRESS = "整改措施", "责任人", "时限", "进展"
HUMAN = (MEASURES, PERSON, DEADLINE, PROGRESS)
_WORDS = (KEY_COLUMN, PROJECT, UNIT, INDICATOR, PROBLEM, BASIS, CAUSE, CODE, STATE, *HUMAN)
MENDED = "已整改"
NAME = "data/ledger.json"
_FORMAT = 1
COPIED = "（摘自自评表）"


def marked(cause: str) -> str:
    """A short mark of a cause, which stands behind the key of its row: by it a cause that somebody typed is known."""
    return hashlib.sha256("".join(cause.split()).encode("utf-8", "surrogatepass")).hexdigest()[:6]


class LedgerRow(NamedTuple):
    """One row as it stands on the sheet: texts by heading; `key` is empty for a row that somebody added."""

    key: str
    texts: Mapping[str, str]
    printed: str = ""  # what the cause was when it was printed (`marked`); empty where nobody noted it

    @property
    def typed(self) -> dict[str, str]:
        """What humans wrote: the columns for them that hold more than the slot, and another cause than was printed."""
        found = {word: text for word in HUMAN if (text := self.texts.get(word, "")) and text != SLOT}
        cause = self.texts.get(CAUSE, "")
        if self.key and cause not in ("", SLOT):
            own = marked(cause) != self.printed if self.printed else not cause.endswith(COPIED)
            found |= {CAUSE: cause} if own else {}
        return found

    @property
    def mended(self) -> bool:
        """Whether the sheet says 已整改, as this program or a person wrote it there."""
        return self.texts.get(STATE, "").strip().startswith(MENDED)

    @property
    def added(self) -> bool:
        """Whether somebody wrote this row: it has neither key nor code of a finding."""
        return not self.key and not self.texts.get(CODE)


@dataclass(frozen=True, slots=True)
class LedgerSheet:
    """The ledger of one output folder. `remark` says in Chinese why there is none to read, if there should be."""

    rows: tuple[LedgerRow, ...] = ()
    remark: str = ""
    by_key: Mapping[str, LedgerRow] = field(default_factory=dict)
    refused: bool = False  # there is a summary, but what stands in its ledger is not known
    before: bool = False  # whether entries were kept earlier, even if none are now

    @property
    def entries(self) -> list[LedgerRow]:
        """The rows of findings that somebody wrote into."""
        return [row for row in self.rows if row.key and row.typed]

    def kept(self) -> str:
        """The JSON text to keep; same entries, same text."""
        rows = [{"key": row.key, "texts": dict(row.texts), "printed": row.printed} for row in self.entries]
        return json.dumps({"format": _FORMAT, "rows": rows}, ensure_ascii=True, indent=1) + "\n"


def read_ledger(folder: Path) -> LedgerSheet:
    """The ledger in the summary workbook of an output folder; with a remark, where it cannot be read.

    Entries whose rows are gone from the sheet are those that were kept beside it (`NAME`): who wants them gone clears
    the cells.
    """
    kept: list[LedgerRow] = []  # none where they cannot be read: the sheet has them too
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        record = json.loads((folder / NAME).read_text(encoding="ascii"))
        if record["format"] == _FORMAT:
            kept = [LedgerRow(row["key"], row["texts"], row["printed"]) for row in record["rows"]]
    found = summaries.find(folder, SHEET, MEASURES)
    if not found.books:
        return LedgerSheet(remark=f"“{folder.name}”中没有{SUMMARY}，没有可沿用的整改台账。")
    remark = found.remark
    if not remark and not found.grids:
        remark = f"“{SUMMARY}”中没有“{SHEET}”工作表，没有可沿用的整改台账。"
    rows = [row for grid in found.grids for row in rows_of(grid)[1].values()]
    there = {row.key for row in rows}
    # several summaries are one ledger: of a key the first row that somebody wrote into
    by_key: dict[str, LedgerRow] = {}
    added: list[LedgerRow] = []
    for row in (*rows, *(row for row in kept if row.key not in there)):
        if row.key and (row.key not in by_key or not by_key[row.key].typed):
            by_key[row.key] = row
        elif not row.key and all(row.texts != other.texts for other in added):
            added.append(row)
    return LedgerSheet((*by_key.values(), *added), remark, by_key, found.refused, bool(kept))


def rows_of(grid: Grid) -> tuple[dict[int, str], dict[int, LedgerRow]]:
    """Columns with the words of their headings, and rows below the heading that has most of our words."""
    columns, found = summaries.rows_of(grid, _WORDS, PROBLEM)
    marks = ((row, texts, *mark.partition(":")) for row, (mark, texts) in found.items())
    return columns, {row: LedgerRow(key, texts, printed) for row, texts, key, _, printed in marks}
