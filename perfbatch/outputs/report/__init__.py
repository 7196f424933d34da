"""The Word report 绩效自评报告.docx: a draft whose figures come from the batch and whose judgements are slots."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from perfbatch.config import Settings
from perfbatch.errors import UsageError
from perfbatch.figures.totals import Totals, summarise
from perfbatch.model import Batch
from perfbatch.outputs.report import perproject, public, township
from perfbatch.outputs.report.draft import Draft
from perfbatch.outputs.report.facts import Facts

FAMILIES: dict[str, Callable[[Draft, Facts], None]] = {
    "township": township.write,
    "hubei": perproject.write,
    "public": public.write,
}


def write_report(target: Path, batch: Batch, settings: Settings, *, totals: Totals | None = None) -> int:
    """Write the report of the family `settings.report` names; same batch and settings, same bytes.

    Returns how many places are left to fill in (【待填写：…】): while there is one, it is a draft. Raises
    UsageError for an unknown family.
    """
    write = FAMILIES.get(settings.report)
    if write is None:
        raise UsageError(f"配置项 report 的值“{settings.report}”无效，只能是 {'、'.join(FAMILIES)}。")
    facts = Facts(batch, totals or summarise(batch), settings)
    draft = Draft(township.title(facts).replace("\n", ""), unit=facts.unit, run_date=batch.run_date)
    write(draft, facts)
    draft.save(target)
    return draft.slots
