"""TG, WT07, MN, OV, TS, EV: what was worked out before the checks run, said as what it is of each check.

Target sheets, monitoring forms, overall forms (`perfbatch.cycle`) and supporting documents (`perfbatch.evidence`) need
the scoring engine and whole forms to be compared with; each check whose entry has `relays` says what of it is its own.
"""

from collections.abc import Iterator

from perfbatch.checks import metadata
from perfbatch.checks.batch import Batch
from perfbatch.checks.context import Hit
from perfbatch.checks.register import Run, check

_INPUTS = {
    "targets": "年初批复的绩效目标表（放在同一文件夹，或用 --targets 指定）",
    "monitoring": "绩效运行监控表（放在同一文件夹，或用 --targets 指定）",
    "overall": "部门整体支出绩效自评表（放在同一文件夹）",
    "planned": "只有绩效目标表（没有自评表）的文件夹",
    "papers": "佐证资料（--evidence 或输入文件夹中的“佐证资料”）",
}


def _relaying(code: str, source: str) -> Run:
    def relay(batch: Batch) -> Iterator[Hit]:
        found = batch.needed(getattr(batch.given, source), _INPUTS[source])
        if source == "papers":  # doubts about rows of forms, all of one severity
            for doubt in found.doubts:
                if doubt.code == code:
                    place = batch.place(doubt.project_id, doubt.sheet, doubt.row)
                    yield Hit(*place, doubt.cell, doubt.seen, doubt.expected, doubt.message, sheet=doubt.sheet)
            return
        for change in found.of(code):
            row = change.row if change.table == "indicators" else None
            place = ("book", -1) if change.table == "book" else batch.place(change.project_id, change.sheet, row)
            told = (change.cell, change.seen, change.expected, change.message, change.severity)
            yield Hit(*place, *told, sheet=change.sheet, file=change.file)

    return relay


for _code, _source in metadata.relayed().items():
    check(_code, of="batch")(_relaying(_code, _source))
