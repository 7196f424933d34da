"""The summary workbook 绩效自评汇总表.xlsx; its first sheet is the one to attach to the report."""

from pathlib import Path

from perfbatch.followup import quality
from perfbatch.followup.batch import Batch
from perfbatch.outputs.paper import STREAM_FROM, Paper
from perfbatch.outputs.summary import front, problems, projects, reading, sample, targets
from perfbatch.outputs.wording import heading


def write_summary(target: Path, batch: Batch) -> None:
    """Write all sheets to `target`; same batch, same bytes. A list too long for a sheet is cut and says so."""
    totals = batch.summed()
    streamed = len(batch.frames.indicators) + len(batch.findings) > STREAM_FROM
    title = f"{totals.unit}预算项目绩效自评汇总表"
    with Paper(target, title=title, run_date=batch.run_date, streamed=streamed, whose=heading(totals)) as paper:
        front.write(paper, batch, totals)
        projects.write_scores(paper, batch, totals)
        projects.write_indicators(paper, batch, totals)
        projects.write_deviations(paper, batch, totals)
        projects.write_unexecuted(paper, batch, totals)
        sample.write_sample(paper, batch, totals)
        sample.write_review(paper, batch)
        sample.write_papers(paper, batch)
        problems.write_problems(paper, batch, totals)
        problems.write_next_year(paper, batch, totals)
        problems.write_corrections(paper, batch, totals)
        weak = quality.assess(batch)
        targets.write_quality(paper, batch, totals, weak)
        targets.write_compared(paper, batch, totals)
        problems.write_rectification(paper, batch, totals, weak)
        if len(totals.units) > 1:
            projects.write_units(paper, totals)
        reading.write_rules(paper, batch, totals)
        reading.write_reading(paper, batch, totals)
