"""The spot-check workpaper 抽查工作底稿.xlsx: one sheet a drawn project, to be filled in and read back."""

from __future__ import annotations

from pathlib import Path

from perfbatch.model import Batch
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.workpaper import contents
from perfbatch.outputs.workpaper.form import forms_of, write_form
from perfbatch.totals import Totals, summarise

NAME = "抽查工作底稿.xlsx"
MOST = 200  # sheets of one workbook; spreadsheets get slow to open beyond


def write_workpaper(target: Path, batch: Batch, *, totals: Totals | None = None) -> None:
    """Write a sheet for each project of `batch.sample` (the first `MOST`) to `target`; same batch, same bytes.

    Without a sample the list sheet says so.
    """
    totals = totals or summarise(batch)
    forms = forms_of(batch, totals.sample[:MOST])
    with Paper(target, title=f"{totals.unit}绩效自评抽查工作底稿", run_date=batch.run_date) as paper:
        first = contents.page(paper)
        places = {form.name: write_form(paper, batch, form) for form in forms}
        contents.write(first, batch, totals, forms, places)
        contents.write_check(paper, forms)
