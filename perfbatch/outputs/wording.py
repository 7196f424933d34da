"""Words that several outputs share: bands, severities, states, reasons, and where a cell is."""

from collections import defaultdict
from collections.abc import Sized
from decimal import Decimal
from typing import Any

from perfbatch.config import CONFIG_NAME
from perfbatch.decimals import percent
from perfbatch.followup.batch import Batch
from perfbatch.model import BY_APPROVAL, CheckOutcome, Finding, MoneyUnit, Severity, WorkbookResult
from perfbatch.outputs.cells import Link, cell_link, shortened
from perfbatch.passed import shown
from perfbatch.schema import grouped
from perfbatch.totals.lines import ProjectLine
from perfbatch.totals.sums import Group, Totals

SEVERITY = {severity.value: severity.word for severity in Severity}
RANKS = {severity: at for at, severity in enumerate(SEVERITY)}
STATUS = {"ok": "已读取", "partial": "部分读取", "skipped": "不是自评表", "refused": "未读取", "failed": "处理失败"}
STATE = {
    "clear": "未发现问题", "found": "发现问题", "unchecked": "未检查", "not_applicable": "不适用", "off": "已关闭",
    "errored": "检查程序出错",
}  # fmt: skip
DIRECTION = {
    "positive": "正向", "negative": "反向", "equal": "等于", "range": "区间", "qualitative": "定性", "date": "日期",
}  # fmt: skip
DEVIATION = {"under": "未达目标", "over": "超额完成", "lost": "其他失分", "idle": "项目未执行"}
NO_REASON = "（未填写）"
_NAMED, _NAME = 5, 40  # pairs of files with the same projects that are named; width of a name in a sentence


def rank(one: Any) -> int:
    """Place of a finding or a change by its severity, 0 for the most serious; unknown words come last."""
    return RANKS.get(one.severity, len(RANKS))


def state_word(finding: Finding) -> str:
    """What a clerk has to do about a finding: 待处理, or nothing any more."""
    if finding.open:
        return "待处理"
    return "下年改进" if finding.accepted_by == BY_APPROVAL else "已说明"


def band_title(band: str) -> str:
    """Official words of a report band: ``90+`` → 90分以上（含90分）, ``60-90`` → 60（含）至90分, ``<60`` → 60分以下."""
    if band.endswith("+"):
        return f"{band[:-1]}分以上（含{band[:-1]}分）"
    if band.startswith("<"):
        return f"{band[1:]}分以下"
    low, dash, high = band.partition("-")
    return f"{low}（含）至{high}分" if dash else band


def heading(totals: Totals) -> str:
    """Unit and year in front of a title; several units are counted."""
    return f"{totals.unit}{totals.year}年度" if totals.year else totals.unit


def of_units(totals: Totals) -> str:
    """Who reports: the unit, or how many of them."""
    if len(totals.units) < 2:
        return totals.unit
    several = f"共{len(totals.units)}个单位"
    return f"{totals.unit}（{several}）" if totals.unit else several


def state_of(outcome: CheckOutcome) -> str:
    """What became of a check, in a word."""
    return "部分未检查" if outcome.state == "unchecked" and outcome.clear else STATE[outcome.state]


def looked_at(outcome: CheckOutcome) -> str:
    """How many projects a check could not look at or was not meant for, and why; empty where it saw all."""
    counts = ((outcome.unchecked, "未检查"), (outcome.not_applicable, "不适用"))
    told = [f"{word}{count}个项目" for count, word in counts if count]
    why = [f"{reason}（{count}个）" for reason, count in outcome.reasons if reason and reason != outcome.reason]
    return f"{'，'.join(told)}：{'；'.join(why)}" if why else ""


def outcome_reason(outcome: CheckOutcome) -> str:
    """Why a check looked at nothing; of one that broke the last line, the traceback is for maintainers."""
    if outcome.state != "errored":
        return outcome.reason
    lines = outcome.reason.strip().splitlines()
    return f"程序内部错误，其他检查不受影响：{lines[-1] if lines else ''}"


def unit_figures(unit: Group) -> tuple[str | int | Decimal | None, ...]:
    """A unit in a list of units: name, projects, budget, execution and its rate, mean scores, projects unexecuted."""
    money = unit.stated("adjusted"), unit.stated("executed"), unit.rate
    return unit.name, unit.projects, *money, unit.declared_mean, unit.computed_mean, unit.unexecuted


def named(line: ProjectLine, totals: Totals) -> str:
    """A project's name, behind its unit where there are several: their projects often have the same names."""
    return f"{line.unit}：{line.name}" if len(totals.units) > 1 and line.unit else line.name


def place(batch: Batch, file: str, sheet: str, cell: str) -> Link:
    """A cell that leads to the annotated workbook; where there is none, the sheet is named too."""
    url = cell_link(batch.annotated.get(file, ""), sheet, cell)
    return Link(url, cell if url or not sheet else f"{sheet}!{cell}")


def cell_alone(batch: Batch, file: str, sheet: str, cell: str) -> Link | str:
    """The same for a list where the sheet has a column of its own."""
    link = place(batch, file, sheet, cell)
    return link if link.url else cell


def money_of(result: WorkbookResult) -> MoneyUnit | None:
    """The unit of money of a file: the one of all its tables, else none; what was not stated comes first."""
    if not result.money:
        return None
    units = {found.unit for found in result.money}
    unstated = [found for found in result.money if found.how != "stated"]
    first = (unstated or result.money)[0]
    evidence = "；".join(dict.fromkeys(found.evidence for found in unstated))
    return first._replace(unit=first.unit if len(units) == 1 else "", evidence=evidence)


def money_notes(batch: Batch) -> list[str]:
    """What a reader of the figures must know of units of money that no sheet states, a sentence each."""
    units = ((result.file, found) for result in batch.results for found in result.money)
    decided = grouped((found.evidence, file) for file, found in units if found.how == "decided" or found.against)
    return [f"“{files[0]}”{_several(files)}：{evidence}。" for evidence, files in decided.items()]


def rubbish(batch: Batch) -> list[str]:
    """One line about what Office, WPS and systems left among the inputs."""
    if not (names := batch.rubbish):
        return []
    some = "、".join(f"“{shown(name)}”" for name in names[:3]) + ("等" if len(names) > 3 else "")
    opened = any(name.rpartition("/")[2].startswith("~$") for name in names)
    told = "；“~$”开头的说明该表格正被打开，读到的是上次保存的内容" if opened else ""
    return [f"临时文件{len(names)}个（{some}），不用处理{told}。"]


def counted_once(batch: Batch, *, attached: bool = False) -> list[str]:
    """Which entries of a project count where it has several, and units written in several ways; a sentence each.

    `attached`: for a page that is handed in alone, which names no other file of the output folder.
    """
    if (found := batch.identity) is None:
        return []
    entries, told = found.entries, []
    listed, replaced = 0, defaultdict[tuple[str, str, str], list[int]](list)
    for at, other in enumerate(found.same_as):
        if at != other and entries.kind[at] != entries.kind[other]:
            listed += 1
        elif at != other:
            replaced[entries.file[at], entries.file[other], found.how.get(at, "")].append(at)
    if listed:
        told.append(f"{listed}个项目既有自评表又在项目列表中，各计一次，按自评表统计，列表用于核对。")
    for (file, later, how), some in list(replaced.items())[:_NAMED]:
        name = f"“{shortened(entries.name[some[0]], _NAME)}”{_several(some, '项目')}"
        chosen = "（按指定）" if attached else f"（{how} 指定）"
        why = f"（{how}较晚）" if how and how != CONFIG_NAME else chosen if how else ""
        if file == later:
            sheet = entries.sheet[found.same_as[some[0]]]
            told.append(f"“{file}”中{name}有不止一份表，按工作表“{sheet}”的统计，其余不计入。")
        else:
            told.append(f"{name}在“{file}”和“{later}”中都有，按后者{why}统计，前者不计入。")
    if len(replaced) > _NAMED:
        rest = sum(len(some) for some in list(replaced.values())[_NAMED:])
        where = "" if attached else "，见 data/projects.parquet 的 counted、same_as"
        told.append(f"另有{rest}个项目有不止一份表，各计一次{where}。")
    return told


def beyond_budget(totals: Totals) -> list[str]:
    """What a reader must know of execution rates over 100 %, a sentence or none."""
    above, rate = totals.above, totals.whole.rate
    if not above:
        return []
    whole = f"合计执行率{percent(rate)}，" if rate is not None and rate > 1 else ""
    name = shortened(above[0].name, _NAME)
    return [f"{whole}项目“{name}”{_several(above, '项目')}的执行率超过100%，请先核对全年预算数、执行数和金额单位。"]


def unstated_money(batch: Batch) -> list[str]:
    """Which files do not say the unit of their money, for a page that is handed in; a sentence or none."""
    files = [result.file for result in batch.results if any(found.how == "unknown" for found in result.money)]
    return [f"“{files[0]}”{_several(files)}没有写明金额单位，其中的金额没有换算。"] if files else []


def doubted_money(totals: Totals) -> list[str]:
    """Which projects have an amount that is probably in another unit, a sentence or none."""
    if not (lines := totals.doubted):
        return []
    line, several = lines[0], _several(lines, "项目")
    amounts = (("全年预算数", line.adjusted), ("全年执行数", line.executed))
    told = "、".join(f"{label}{value:,.2f}万元" for label, value in amounts if value is not None)
    name = shortened(line.name, _NAME)
    return [f"项目“{name}”{several}可能填错了金额单位（{told}），含有它的合计和执行率不能直接使用，请先核实（XP17）。"]


def questions(batch: Batch) -> list[dict[str, object]]:
    """What only the user can tell, each asked once: `setting` names the key of perfbatch.toml that answers it."""
    files = [result.file for result in batch.results if any(found.how == "unknown" for found in result.money)]
    if not files:
        return []
    told = next(found.evidence for r in batch.results for found in r.money if found.how == "unknown")
    if len(files) > 1:
        ask = '请在 perfbatch.toml 中写 money_unit（"元"或"万元"）后重新运行'
        told = f"“{files[0]}”{_several(files)}没有写明金额单位，金额没有换算：{ask}"
    return [{"setting": "money_unit", "question": f"{told}。", "files": files}]


def _several(some: Sized, what: str = "文件") -> str:
    return f"等{len(some)}个{what}" if len(some) > 1 else ""
