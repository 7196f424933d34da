"""The spot-check workpaper 抽查工作底稿.xlsx: one sheet a drawn project, to be filled in and read back."""

from __future__ import annotations

from pathlib import Path

from perfbatch.errors import RefusedFile
from perfbatch.figures.lines import rows
from perfbatch.figures.totals import Totals, summarise
from perfbatch.model import Batch
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.workpaper import contents
from perfbatch.outputs.workpaper.form import forms_of, write_form
from perfbatch.review.items import items_of, quality_items
from perfbatch.review.reading import Filled, read_workpaper

NAME, CONTENTS = "抽查工作底稿.xlsx", contents.NAME
MOST = 200  # sheets of one workbook; spreadsheets get slow to open beyond


def write_workpaper(target: Path, batch: Batch, *, totals: Totals | None = None) -> None:
    """Write a sheet for each project of `batch.sample` (the first `MOST`) to `target`; same batch, same bytes.

    Without a sample the list sheet says so.
    """
    totals = totals or summarise(batch)
    forms = forms_of(batch, totals.sample[:MOST])
    with Paper(target, title=f"{totals.unit}绩效自评抽查工作底稿", run_date=batch.run_date) as paper:
        first = contents.page(paper)
        scores = {form.name: write_form(paper, batch, form) for form in forms}
        contents.write(first, batch, totals, forms, scores)
        contents.write_check(paper, forms)


def place_for(folder: Path, batch: Batch) -> tuple[Path, bool]:
    """Where the workpaper of `batch` goes, and whether it is to be written.

    A paper that somebody has filled in is never replaced: when it asks for the same rows it stands, otherwise
    the new one gets a numbered name.
    """
    now: dict[str, str] | None = None
    for number in range(1, _MOST_NAMES):
        path = folder / (NAME if number == 1 else f"{Path(NAME).stem}({number}).xlsx")
        if not path.exists():
            return path, True
        held = _held(path)
        if held is not None and not held.filled:
            return path, True
        now = now if now is not None else _digests(batch)
        if held is not None and held.digests == now:
            return path, False
    return folder / NAME, True


_MOST_NAMES = 100


def _held(path: Path) -> Filled | None:
    """The paper at `path` as it is, None when it is something else or cannot be read."""
    try:
        return read_workpaper(path)
    except RefusedFile:
        return None


def _digests(batch: Batch) -> dict[str, str]:
    items = items_of(batch.frames, batch.sample[:MOST])
    rules = dict(rows(batch.frames.projects, "project_id", "ruleset"))
    asked = [*(item for some in items.values() for item in some)]
    asked += [item for key in items if key in rules for item in quality_items(key, batch.rulesets[rules[key]])]
    return {item.key: item.digest for item in asked}
