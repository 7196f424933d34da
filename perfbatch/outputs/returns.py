"""退回修改意见.xlsx: for each unit what must be mended, where and by which basis; printed, signed and handed back.

Of a form that was handed in again it says what was mended, what is still open and what is new.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from perfbatch.followup.batch import Batch
from perfbatch.forms.own_outputs import RETURNED
from perfbatch.model import Finding
from perfbatch.outputs.cells import Column, Link
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.summary.listing import Field, place_field, write_list
from perfbatch.outputs.wording import cell_alone, heading, rank
from perfbatch.outputs.workpaper.form import sheet_names
from perfbatch.schema import grouped
from perfbatch.totals.lines import ASKED
from perfbatch.totals.resubmitted import Resubmitted
from perfbatch.totals.sums import UNSTATED, Totals

NAME = "退回修改意见.xlsx"
CONTENTS = "目录"
_MOST = 250  # units with a sheet of their own; a workbook with more of them opens slowly in Excel
_CONTENTS = (
    Column("序号", "seq", 5, 5), Column("填报单位", "text", 30, 40), Column("须更正（错误）", "count", 10, 10),
    Column("须核实（疑问）", "count", 10, 10), Column("涉及项目", "count", 8, 8), Column("重报项目", "count", 8, 8),
    Column("签收", "text", 12, 16),
)  # fmt: skip


class _Slip:
    """What one unit gets back."""

    def __init__(self, unit: str, findings: Sequence[Finding], again: Sequence[Resubmitted]) -> None:
        self.unit, self.name, self.findings, self.again = unit, "", findings, again
        self.counts = Counter(finding.severity for finding in findings)
        self.projects = len({finding.project_id for finding in findings if finding.project_id})


def write_returns(target: Path, batch: Batch) -> None:
    """Write a sheet for each unit that has something to mend or to verify, behind a table of contents."""
    slips, totals = slips_of(batch), batch.summed()
    shown = sorted(slips, key=lambda slip: -slip.counts["error"])[:_MOST] if len(slips) > _MOST else slips
    for slip, name in zip(shown, sheet_names([slip.unit for slip in shown]), strict=True):
        slip.name = name
    title = f"{heading(totals)}预算项目绩效自评退回修改意见"
    with Paper(target, title=title, run_date=batch.run_date) as paper:
        contents = paper.page(CONTENTS)
        for slip in shown:
            _write_slip(paper, batch, totals, slip)
        notes = ["每个单位一张，打印后退回；单位按意见更正后重新报送，并在“处理情况”栏逐条说明。"]
        if left := len(slips) - len(shown):
            notes.append(f"另有{left}个单位没有单列工作表，请见“绩效自评汇总表”的“问题清单”，或按单位分别运行。")
        rows = []
        for at, slip in enumerate(slips, start=1):
            unit = Link(f"internal:'{slip.name}'!A1", slip.unit) if slip.name else slip.unit
            rows.append((at, unit, slip.counts["error"], slip.counts["warning"], slip.projects, len(slip.again), ""))
        contents.listed(title, notes, _CONTENTS, rows, filtered=False)


def slips_of(batch: Batch) -> list[_Slip]:
    """Errors and warnings by unit, units in the order of the input."""
    units: dict[str, str] = {}  # of each project, and of each file whose projects are all of one
    if (identity := batch.identity) is not None:
        of_files: dict[str, set[str]] = defaultdict(set)
        for at, key in enumerate(identity.entries.project_id):
            units[key] = identity.unit(at)
            of_files[identity.entries.file[at]].add(units[key])
        units |= {file: next(iter(some)) for file, some in of_files.items() if len(some) == 1}
    asked = (finding for finding in batch.findings if finding.severity in ASKED and finding.open and finding.file)
    found = grouped((units.get(one.project_id) or units.get(one.file) or UNSTATED, one) for one in asked)
    again = grouped((units.get(one.project_id) or UNSTATED, one) for one in batch.resubmitted)
    return [_Slip(unit, found[unit], again[unit]) for unit in dict.fromkeys((*found, *again))]


def _write_slip(paper: Paper, batch: Batch, totals: Totals, slip: _Slip) -> None:
    year = f"{totals.year}年度" if totals.year else ""
    mended = [finding for one in slip.again for finding in one.mended]
    states = dict.fromkeys(mended, "已更正")
    states |= dict.fromkeys((finding for one in slip.again for finding in one.still), "仍未更正")
    states |= dict.fromkeys((finding for one in slip.again for finding in one.new), "新出现")
    found = [*sorted(slip.findings, key=rank), *mended]
    files = len({finding.file for finding in found}) > 1
    fields = [
        Field("项目名称", lambda r: r.item.project, "text", 16, 24),
        *([Field("文件", lambda r: r.item.file, "text", 12, 20)] if files else []),
        Field("工作表", lambda r: r.item.sheet, "text", 8, 14),
        place_field(batch, 7, told=cell_alone),
        Field("类别", lambda r: {"error": "须更正"}.get(r.item.severity, "须核实"), "code", 8),
        *([Field("重报情况", lambda r: states.get(r.item, ""), "code", 8)] if slip.again else []),
        Field("问题", lambda r: r.item.message, "text", 26, 44),
        Field("修改要求", lambda r: r.item.hint, "text", 20, 34),
        Field("依据", lambda r: r.item.basis, "text", 14, 26),
        Field(RETURNED, lambda _: "", "text", 14, 18),
    ]
    counts = slip.counts
    told = (
        f"经审核，须更正的{counts['error']}条、须核实的{counts['warning']}条，涉及{slip.projects}个项目，请更正后重报。"
    )
    notes = [told if slip.findings else "经审核，没有须更正、须核实的内容。"]
    if slip.again:
        still, new = (sum(len(getattr(one, kind)) for one in slip.again) for kind in ("still", "new"))
        told = f"已重报{len(slip.again)}个项目：上次的问题已更正{len(mended)}条，仍未更正{still}条，新出现{new}条。"
        notes.append(told)
    title = f"{slip.unit}{year}绩效自评退回修改意见"
    listed = write_list(paper, slip.name, title, fields, found, notes=notes)
    page, row = listed.page, listed.last + 2
    signed = ("审核人：", "审核日期：", "单位负责人（签收）：", "签收日期：")
    columns = len(listed.titles)
    step = columns // len(signed)
    for at, text in enumerate(signed):
        last = columns - 1 if at == len(signed) - 1 else (at + 1) * step - 1
        page.merged(row, at * step, last, text, paper.look(align="left"))
    page.tall(row, 30)
    page.printed(row, columns)
