"""Reports written by the program and read back with python-docx."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import docx
from docx.table import Table

from perfbatch import pipeline
from perfbatch.checks import register
from perfbatch.config import Settings
from perfbatch.followup.batch import Batch
from perfbatch.model import Finding
from perfbatch.outputs.report import write_report
from perfbatch.totals import sampling
from perfbatch.totals.lines import project_lines
from support import seed_facts as seed

ROOT = Path(__file__).parents[2]
NOTICE = "区财政局《关于开展2023年度财政资金部门绩效自评及抽查工作的通知》"
REFERENCE = Settings(
    selected=tuple(seed.SAMPLED), unit_name="安肃镇", report_date="2024-03-18", notice=NOTICE, year=seed.YEAR
)
FORMS = {
    "national": "安肃镇2023年度绩效自评表（示例）.xlsx",
    "lists": "安肃镇2023年度一体化导出列表（示例）.xlsx",
    "hebei": "安肃镇2023年度河北预算项目绩效自评表（示例）.xlsx",
}


@cache
def reference(form: str) -> Batch:
    """The batch of one sample export with the five projects of the seed report picked by hand."""
    path = ROOT / "input_templates" / FORMS[form]
    result = pipeline.process_workbook(path, path.name, REFERENCE)
    assert result.frames is not None
    in_force = pipeline.in_force(result.frames.projects["ruleset"], REFERENCE)
    batch = Batch([result], result.frames, list(result.findings), [], dict(in_force), run_date="2024-03-10")
    across, batch.checks = register.run(context(batch), scope="batch")
    batch.findings = result.in_order([*result.findings, *across])
    rule = sampling.Size(share=Decimal("0.15"))
    lines = project_lines(batch.frames, batch.findings)
    drawn = sampling.draw(lines, None, rule=rule, selected=REFERENCE.selected)
    batch.sample, batch.draw = [entry.project_id for entry in drawn.drawn], drawn
    return batch


def context(batch: Batch, **extras: Any) -> register.Context:
    """What checks across projects read."""
    return register.Context(batch.frames, batch.rulesets, batch_year=seed.YEAR, extras=extras)


class Written:
    """A report on the disk: its paragraphs, tables, comments and highlighted places."""

    def __init__(self, path: Path, slots: int = 0) -> None:
        self.path, self.slots = path, slots
        self.document = docx.Document(str(path))
        self.paragraphs = [paragraph.text for paragraph in self.document.paragraphs]
        self.tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in self.document.tables]
        self.comments = [comment.text for comment in self.document.comments]

    @property
    def body(self) -> str:
        """The text before the annexes."""
        end = next((at for at, text in enumerate(self.paragraphs) if text == "附件1"), len(self.paragraphs))
        return "\n".join(self.paragraphs[:end])

    @property
    def text(self) -> str:
        """Everything in reading order, cells of a row joined by tabs."""
        parts = []
        for item in self.document.iter_inner_content():
            if isinstance(item, Table):
                parts += ["\t".join(cell.text for cell in row.cells) for row in item.rows]
            else:
                parts.append(item.text)
        return "\n".join(parts)

    def about(self, start: str) -> str:
        """The one paragraph that starts so."""
        (found,) = [text for text in self.paragraphs if text.startswith(start)]
        return found

    def table(self, *titles: str) -> list[list[str]]:
        """Rows below the heading of the table whose first titles are these."""
        (found,) = [rows for rows in self.tables if tuple(rows[0][: len(titles)]) == titles]
        return found[1:]

    @property
    def highlighted(self) -> list[str]:
        """Texts of the runs that are marked as open."""
        runs = [run for paragraph in self.document.paragraphs for run in paragraph.runs]
        return [run.text for run in runs if run.style.name == "待填"]


def written(folder: Path, batch: Batch, settings: Settings = REFERENCE) -> Written:
    """Write the report of `batch` and read it back."""
    path = folder / "绩效自评报告.docx"
    return Written(path, write_report(path, batch, settings))


def objections(batch: Batch, text: str) -> list[Finding]:
    """What the RP checks find in a report about `batch`, with the sample of the run."""
    found, outcomes = register.run(context(batch, report=text, sample=batch.sample), scope="batch")
    run = {outcome.code: outcome.state for outcome in outcomes if outcome.code.startswith("RP")}
    assert {code for code, state in run.items() if state in ("unchecked", "errored")} <= {"RP13"}, run
    return [finding for finding in found if finding.code.startswith("RP")]
