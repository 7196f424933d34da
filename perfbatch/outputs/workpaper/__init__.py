"""The spot-check workpaper 抽查工作底稿.xlsx: one sheet a drawn project, to be filled in and read back.

Of more projects than one person goes through there is a workbook for each unit, in a folder of its own.
"""

import contextlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from perfbatch.errors import RefusedFile
from perfbatch.followup.batch import Batch
from perfbatch.followup.items import CHECK_SHEET, items_of, quality_items
from perfbatch.followup.workpaper_reader import Filled, read_workpaper
from perfbatch.outputs.cells import Column, Formula, Link
from perfbatch.outputs.files import safe_name
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.wording import heading
from perfbatch.outputs.workpaper.form import forms_of, sheet_names, write_form
from perfbatch.schema import grouped, rows
from perfbatch.totals.lines import ProjectLine
from perfbatch.totals.sums import UNSTATED

NAME, CONTENTS, FOLDER = "抽查工作底稿.xlsx", "目录", "抽查工作底稿"
_COLUMNS = (
    Column("序号", "seq", 5, 5), Column("项目名称", "text", 30, 40), Column("填报单位", "text", 18, 24),
    Column("项目类别", "code", 12, 14), Column("预算安排", "code", 12, 14), Column("全年执行数", "money", 12, 14),
    Column("自评总分", "score", 9, 9), Column("抽取方式", "text", 20, 26), Column("已填核查分数", "count", 9, 9),
    Column("核查分数合计", "score", 9, 9),
)  # fmt: skip
TOGETHER = 60  # projects of one workbook; of more each unit gets its own
_MOST_NAMES = 1000
MOST = 200  # sheets of one workbook; spreadsheets get slow to open beyond


class Part(NamedTuple):
    """One workbook: its name below the output folder, its projects."""

    name: str
    lines: Sequence[ProjectLine]


def parts_of(batch: Batch) -> list[Part]:
    """The workbooks of a sample: one, or one a unit. Projects of which the batch holds no rows are in none."""
    held = set(batch.frames.projects["project_id"])
    lines = [line for line in batch.summed().sample if line.project_id in held]
    if len(lines) <= TOGETHER:
        return [Part(NAME, lines)]
    by_unit = grouped((line.unit.strip() or UNSTATED, line) for line in lines)
    parts: list[Part] = []
    taken: set[str] = set()
    for unit, own in by_unit.items():
        for at in range(0, len(own), MOST):
            stem = f"{FOLDER}_{safe_name(unit)}"
            names = (f"{FOLDER}/{stem}{f'_{number}' if number > 1 else ''}.xlsx" for number in range(1, _MOST_NAMES))
            name = next(name for name in names if name.casefold() not in taken)
            taken.add(name.casefold())
            parts.append(Part(name, own[at : at + MOST]))
    return parts


def sheets_of(batch: Batch) -> dict[str, tuple[str, str, int]]:
    """Where each project of the sample is: its published workbook, its sheet there and the number of that."""
    found = {}
    for part in parts_of(batch):
        names = sheet_names([line.name for line in part.lines])
        for at, (line, name) in enumerate(zip(part.lines, names, strict=True), start=1):
            found[line.project_id] = (batch.workpapers.get(part.name, ""), name, at)
    return found


def write_workpaper(target: Path, batch: Batch, *, lines: Sequence[ProjectLine] | None = None) -> None:
    """Write a sheet for each project of `lines` (of the sample; if none, the list says so); same batch, same bytes."""
    totals = batch.summed()
    forms = forms_of(batch, totals.sample if lines is None else lines)
    with Paper(target, title=f"{totals.unit}绩效自评抽查工作底稿", run_date=batch.run_date) as paper:
        contents, rows = paper.page(CONTENTS, landscape=True), []
        for at, form in enumerate(forms, start=1):
            line, own = form.line, f"'{form.name}'!{write_form(paper, batch, form)}"
            rows.append((
                at, Link(f"internal:'{form.name}'!A1", line.name), line.unit, line.category, line.origin, line.executed,
                line.declared, form.drawn,
                Formula(f"=COUNT({own})", Decimal(0)), Formula(f'=IF(COUNT({own})=0,"",SUM({own}))', ""),
            ))  # fmt: skip
        notes = [f"金额单位：万元。{batch.draw.note or '本次运行未抽取项目。'}"]
        if len(forms) < len(totals.sample):
            units = "、".join(dict.fromkeys(form.line.unit for form in forms if form.line.unit))
            notes.append(
                f"本次共抽查{len(totals.sample)}个项目，本底稿为{units}的{len(forms)}个；其他单位各有一份底稿。"
            )
        contents.listed(f"{heading(totals)}绩效自评抽查工作底稿目录", notes, _COLUMNS, rows, filtered=False)
        # very hidden: what each row measured when the paper was made, by which it is recognised when it comes back
        check, look = paper.page(CHECK_SHEET), paper.look()
        check.text(0, 0, "校验表由程序使用，请勿修改或删除。", look)
        items = [item for form in forms for item in (*form.items, *form.quality)]
        for row, item in enumerate(items, start=1):
            check.text(row, 0, item.key, look)
            check.text(row, 1, item.digest, look)
        check.sheet.very_hidden()


def place_for(folder: Path, batch: Batch, part: Part | None = None) -> tuple[Path, bool]:
    """Where a workbook (the only one, without `part`) goes, and whether it is to be written.

    A paper that somebody has filled in is never replaced: when it asks for the same rows it stands, otherwise
    the new one gets a numbered name.
    """
    wanted = folder / (part.name if part else NAME)
    ids = [line.project_id for line in part.lines] if part else batch.sample
    now: Mapping[str, str] | None = None
    for number in range(1, _MOST_NAMES):
        path = wanted if number == 1 else wanted.with_name(f"{wanted.stem}({number}).xlsx")
        if not path.exists():
            return path, True
        held: Filled | None = None  # something else, or what cannot be read
        with contextlib.suppress(RefusedFile):
            held = read_workpaper(path)
        if held is not None and not held.filled:
            return path, True
        if now is None:
            items = items_of(batch.frames, ids)
            rules = {key: batch.rulesets[name] for key, name in rows(batch.frames.projects, "project_id", "ruleset")}
            asked = [*(item for some in items.values() for item in some)]
            asked += [item for key in items if key in rules for item in quality_items(key, rules[key])]
            now = {item.key: item.digest for item in asked}
        if held is not None and held.digests == now:
            return path, False
    return wanted, True
