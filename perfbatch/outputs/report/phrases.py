"""How an official report words figures, names, reasons and itself (我镇, 我局 …)."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from perfbatch.decimals import half_up, percent, plain
from perfbatch.messages import shipped
from perfbatch.notation import says_nothing
from perfbatch.schema import storable
from perfbatch.totals.lines import joined

VERIFY = "待核实"  # leads a slot with a figure that cannot be right
NO_NAME = "（未填项目名称）"
TWO_LINES = 56  # characters of two lines of the running text
NAMES_LISTED = 10  # names of projects that a sentence lists before it refers to the annex
_OURSELVES = shipped("outputs/report/phrases.toml")["ourselves"]
_CAUSE = re.compile(r"^(?:因为|由于|因(?![此素为而]))")
_PLAN = re.compile(r"(?:^|[，,；;。])\s*(?=下一步|下步|今后|整改措施|改进措施)|[；;。]\s*(?=拟)")
_NEXT = re.compile(r"^(?:下一步|下步|今后|整改措施|改进措施)+(?:是|为)?[，,：:]?\s*")
_LABEL = re.compile(r"^(?:偏差)?原因(?:分析)?[：:]\s*")
_CLAUSE = re.compile("[，,。；;、]")
# signs that Chinese and Latin fonts both have; Word would take the Latin
AMBIGUOUS = re.compile("[“”‘’—…·×÷±°≥≤]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BREAK = re.compile("\r\n?")


class Slot(NamedTuple):
    """A place that only a human can fill; `prompt` says with what. Printed as 【待填写：prompt】.

    With `lead` 待核实 it is a figure that cannot be right and must not stand in a report as a fact, with `lead`
    沿用上年 what last year's report said there. Only of a `lasting` one last year's words may still hold.
    """

    prompt: str
    lead: str = "待填写"
    lasting: bool = False

    @property
    def text(self) -> str:
        """What the page shows."""
        return f"【{self.lead}：{self.prompt}】"


Piece = str | Slot


def legible(text: str) -> str:
    """`text` as XML can hold it: illegal control characters go, lone surrogates become U+FFFD, one kind of break."""
    if text.isascii() and text.isprintable():
        return text
    return _BREAK.sub("\n", _ILLEGAL.sub("", storable(text)))


def inline(text: str) -> str:
    """`text` for a sentence: outer blanks and the final stop go, breaks become blanks."""
    return " ".join(part for line in legible(text).splitlines() if (part := line.strip())).rstrip("。；;")


def ourselves(unit: str) -> str:
    """How a unit speaks of itself: 安肃镇 → 我镇; 我单位 where its name does not tell."""
    return next((word for ending, word in _OURSELVES.items() if unit.endswith(ending)), "我单位")


def money(value: Decimal) -> str:
    """万元 with two decimals at most and no needless zero; more decimals where two would show nothing."""
    rounded = half_up(value, 2)
    return f"{plain(value if value and not rounded else rounded)}万元"


def points(value: Decimal) -> str:
    """A score as forms print it: 97.43分, 100分."""
    return f"{plain(half_up(value, 2))}分"


def rate(value: Decimal | None) -> str:
    """A share as percentage; a dash where it is unknown."""
    return percent(value) or "—"


def execution(value: Decimal, *, doubted: bool = False) -> Piece:
    """``预算执行率99.18%``; one over 100% or of `doubted` amounts is to be verified."""
    why = "金额单位可能填错" if doubted else "超过100%" if value > 1 else ""
    return Slot(f"预算执行率{rate(value)}，{why}", VERIFY) if why else f"预算执行率{rate(value)}"


def amount(value: Decimal | None, label: str, *, doubted: bool = False) -> Piece:
    """An amount of one project; to be filled in where it is unknown, to be verified where its unit is doubted."""
    if value is None:
        return Slot(f"{label}，单位万元")
    return Slot(f"{money(value)}，金额单位可能填错", VERIFY) if doubted else money(value)


def band(name: str, count: int) -> str:
    """A report band in a sentence: 90分以上的81个, 60至90分0个, 60分以下2个."""
    if name.endswith("+"):
        return f"{name[:-1]}分以上的{count}个"
    if name.startswith("<"):
        return f"{name[1:]}分以下{count}个"
    return f"{name.replace('-', '至')}分{count}个"


def listed(names: Sequence[str], *, most: int = NAMES_LISTED) -> str:
    """Names joined by 、, a long list cut with 等N个."""
    shown = "、".join(inline(name) or NO_NAME for name in names[:most])
    return shown if len(names) <= most else f"{shown}等{len(names)}个项目"


def a_project(name: str) -> str:
    """The name with the word 项目 after it, unless it ends so itself."""
    text = inline(name) or NO_NAME
    return text if text.endswith("项目") else f"{text}项目"


def before_figure(name: str) -> str:
    """The name where a figure follows: in quotation marks when it ends in a figure itself."""
    text = inline(name) or NO_NAME
    return f"“{text}”" if text[-1:].isdigit() else text


def day(text: str) -> str:
    """An ISO date as 2024年3月18日; anything else as it is."""
    try:
        known = date.fromisoformat(text.strip())
    except ValueError:
        return text.strip()
    return f"{known.year}年{known.month}月{known.day}日"


def target(text: str, operator: str) -> str:
    """A target in a sentence: ``=156.9亩`` → 等于156.9亩, ``≥30人`` → 不低于30人; other texts as they are."""
    bare = inline(text)
    words = {"ge": "不低于", "gt": "高于", "le": "不超过", "lt": "低于", "eq": "等于"}
    figure = re.sub(r"^[=＝≥≤>＞<＜]+\s*", "", bare)
    if operator in words and figure[:1].isdigit():
        return words[operator] + figure
    return f"为{bare}" if bare else "（未填指标值）"


def causes(cell: str) -> str:
    """The part of a reason cell that states causes: what comes before 下一步 or another word of planning."""
    return _halves(cell)[0]


def plans(cell: str) -> str:
    """The part of a reason cell that says what will be done: from 下一步 on; '' where it says nothing."""
    return _halves(cell)[1]


def _halves(cell: str) -> tuple[str, str]:
    text = _LABEL.sub("", inline(cell))
    found = _PLAN.search(text)
    return (text[: found.start()], _NEXT.sub("", text[found.end() :])) if found else (text, "")


def clipped(text: str, most: int = TWO_LINES) -> str:
    """The sentences, else the clauses, of `text` that fit `most` characters; whole where it fits or has no stop.

    What is quoted in a sentence never ends in the middle of a thought.
    """
    whole = inline(text)
    if len(whole) <= most:
        return whole
    for stops in ("。；;", "，,、"):
        if (end := max(whole.rfind(stop, 0, most + 1) for stop in stops)) > most // 3:
            return whole[:end]
    end = min((at for stop in "。；;，,、" if (at := whole.find(stop)) > 0), default=len(whole))
    return whole[:end]


def given_reasons(cells: Iterable[str], most: int = TWO_LINES) -> str:
    """The causes of some reason cells, each clause once, as many as fit two lines, the first at least."""
    kept: list[str] = []
    for cell in cells:
        text = "" if says_nothing(cell) else clipped(causes(cell), most)
        if text and (not kept or len(joined([*kept, text])) <= most):
            kept.append(text)
    return joined(kept)


def done(name: str, value: str) -> str:
    """Name and value done in a sentence, the unit once: 救助人次, 335人次 → 救助335人次; 期数, 8期 → 8期."""
    figure = re.match(r"[\d.,]+", value)
    unit = value[figure.end() :].strip() if figure else ""
    for ending in (*([unit] if len(unit) > 1 else []), f"{unit}数", f"{unit}数量"):  # 考核评分 ends in no unit
        if unit and not unit.startswith("%") and name.endswith(ending) and len(name) > len(ending):
            return f"{name.removesuffix(ending)}{value}"
    return f"{name}{value}" if value[:1].isdigit() and not name[-1:].isdigit() else f"{name}为{value}"


def common_cause(cells: Iterable[str]) -> str:
    """Clauses that all reason cells share word for word: 因财力紧张，项目未执行 and 因财力紧张 → 财力紧张; else ''."""
    known = [causes(cell) for cell in cells if not says_nothing(cell)]
    if not known:
        return ""
    clauses = [[part.strip() for part in _CLAUSE.split(text) if part.strip()] for text in known]
    shared = [clause for clause in dict.fromkeys(clauses[0]) if all(clause in other for other in clauses)]
    return _CAUSE.sub("", "，".join(shared))
