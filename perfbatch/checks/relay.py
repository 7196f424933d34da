"""TG, WT07, MN, OV, TS, EV: what was worked out before the checks run, said as what it is of each check.

Target sheets, monitoring forms, overall forms (`perfbatch.cycle`) and supporting documents (`perfbatch.evidence`) need
the scoring engine and whole forms to be compared with; each check whose entry has `relays` says what of it is its own.
"""

from collections.abc import Iterator

from perfbatch.checks import metadata, words
from perfbatch.checks.batch import Batch
from perfbatch.checks.context import Hit
from perfbatch.checks.register import Run, check

_INPUTS = words.table("relayed_inputs")


def _relaying(code: str, source: str) -> Run:
    def relay(batch: Batch) -> Iterator[Hit]:
        found = batch.needed(getattr(batch.given, source), _INPUTS[source])
        if source == "papers":  # doubts about rows of forms, all of one severity
            for doubt in found.doubts:
                if doubt.code == code:
                    about = batch.find(doubt.project_id, doubt.sheet, doubt.row)
                    yield Hit(about, doubt.cell, doubt.seen, doubt.expected, doubt.message, sheet=doubt.sheet)
            return
        for change in found.of(code):
            row = change.row if change.table == "indicators" else None
            about = None if change.table == "book" else batch.find(change.project_id, change.sheet, row)
            told = (change.cell, change.seen, change.expected, change.message, change.severity)
            yield Hit(about, *told, sheet=change.sheet, file=change.file)

    return relay


for _code, _source in metadata.relayed().items():
    check(_code, of="batch")(_relaying(_code, _source))
