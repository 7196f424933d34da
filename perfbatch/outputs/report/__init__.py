"""The Word report 绩效自评报告.docx: a draft whose figures come from the batch and whose judgements are slots."""

from itertools import chain, count
from pathlib import Path

from perfbatch.config import Settings
from perfbatch.followup.batch import Batch
from perfbatch.outputs.report.carried import Carried, untouched
from perfbatch.store.renames import UNFINISHED

NAME = "绩效自评报告.docx"


def place_for(folder: Path) -> Path:
    """Where a new report goes: never over one that somebody has written into, then beside it under a number."""
    numbers = (f"{Path(NAME).stem}({number}).docx" for number in count(2))
    return next(path for name in chain([NAME], numbers) if not (path := folder / name).exists() or untouched(path))


def filled(folder: Path) -> Path | None:
    """The report of an output folder that somebody has written into, the one saved last; None without one."""
    found = (path for path in folder.glob(f"{Path(NAME).stem}*.docx") if UNFINISHED not in path.name)
    written = [path for path in found if not untouched(path)]
    return max(written, key=lambda path: (path.stat().st_mtime, path.name), default=None)


def told(name: str, slots: int, *, beside: bool, used: int = 0) -> list[str]:
    """What to tell the clerk of a report published as `name`, `beside` one that was kept; `used` places of it were
    filled from that one."""
    kept = f"“{NAME}”已有改动，予以保留；按本次数据写的草稿另存为“{name}”，请核对数字。"
    if used:
        kept = kept.removesuffix("。") + f"；您填写过的{used}处已带入。"
    open_places = f"“{name}”是草稿，报告中有{slots}处待填写（标黄的【待填写：…】），填写并核对后再报送。"
    return [*([kept] if beside else []), *([open_places] if slots else [])]


def write_report(target: Path, batch: Batch, settings: Settings, *, carried: Carried | None = None) -> int:
    """Write the report of the family `settings.report` names; same batch and settings, same bytes.

    Returns how many places are left to fill in (【待填写：…】): while there is one, it is a draft. Raises
    UsageError for a template that cannot be used.
    """
    # python-docx takes 0.2 s to import, and most of what asks this module writes no report
    from perfbatch.outputs.report import projects, township  # noqa: PLC0415
    from perfbatch.outputs.report.draft import Draft  # noqa: PLC0415
    from perfbatch.outputs.report.facts import Facts  # noqa: PLC0415

    write = {"township": township.write, "hubei": projects.write_each, "public": projects.write_public}[settings.report]
    facts = Facts(batch, settings)
    title = township.title(facts).replace("\n", "")
    template = settings.report_template or ""
    draft = Draft(title, unit=facts.unit, run_date=batch.run_date, carried=carried, template=template)
    write(draft, facts)
    draft.save(target)
    return draft.slots
