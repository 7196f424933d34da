"""Figures and names stated in a self-evaluation report (自评工作报告), read out of its Chinese text.

Pure functions: text in, frozen values out. Patterns follow the Hebei town report (family A of the domain
reference on reports) and common variants; a statement in other words is simply not found.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from perfbatch.checks.amounts import Amount, amounts_in
from perfbatch.notation import fold

_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_COUNT = r"(\d+|[一二两三四五六七八九十])"
_AMOUNT = r"(\d[\d,]*(?:\.\d+)?(?:亿元|万元|元))"
_TOTAL = re.compile(rf"([^,。;:]{{0,24}}?(?:总计|合计|共计|总额))(?:为|达|约|:)?{_AMOUNT}")
_ABOVE = (
    re.compile(rf"(\d+)分(?:\(含\))?(?:及)?以上的?(?:项目)?(?:有|共|为|:)?{_COUNT}个"),
    re.compile(rf"{_COUNT}个(?:项目)?(?:自评)?得分(?:均)?(?:在)?(\d+)分(?:\(含\))?(?:及)?以上"),
)
_BETWEEN = re.compile(rf"(\d+)(?:分)?(?:\(含\))?(?:至|-|—|到|~)(\d+)分(?:之间)?的?(?:项目)?(?:有|共|为|:)?{_COUNT}个")
_BELOW = re.compile(rf"(\d+)分(?:\(不含\))?以下的?(?:项目)?(?:有|共|为|:)?{_COUNT}个")
_PROJECTS = re.compile(rf"(?:预算|支出|自评)[^,。;]{{0,6}}项目(?:共|共计|总计|数)?{_COUNT}个")
_COMPLETED = re.compile(
    rf"{_COUNT}个(?:项目)?(?:均|全部|都)?(?:完成|达到|实现)了?(?:预期|年度|全部|年初)*(?:绩效)?目标"
)
_UNEXECUTED = re.compile(rf"{_COUNT}个(?:预算)?项目(?:均)?未(?:执行|实施|支出)")
_SAMPLE = re.compile(rf"抽查(?:的)?项目(?:共)?{_COUNT}个[,:]?(?:分别)?(?:是|为|:)?([^。]*)")
_SCORE = re.compile(r"自评得分(?:为)?(\d+(?:\.\d+)?)分(?!以上|以下|及以|至|到|-|\()")
_RATE = re.compile(r"(?:总体|综合|平均)?(?:预算)?执行率(?:为|达到|达|是|:)?(\d+(?:\.\d+)?)%")
_PART = re.compile(r"抽查|其中|该项目|本项目|追加|上年|结转")
_OF_ALL = re.compile(r"全年(?:预算|执行|支出)(?:数)?(?:总计|合计|共计|总额)")
_PROGRESS = re.compile(
    rf"(?:预算|安排|下达|计划|应付)[^,。;\d]{{0,12}}{_AMOUNT}[^。;]{{0,24}}?"
    rf"(?:支出|执行|拨付|支付|使用)[^,。;\d]{{0,6}}{_AMOUNT}[^。;]{{0,16}}?"
    r"(?:执行率|支付率|拨付率|支出率|使用率|支出进度|执行进度|支付进度|完成率)[^\d。;]{0,6}(\d+(?:\.\d+)?)%"
)
_DATE = re.compile(r"(20\d\d)年(\d{1,2})月(\d{1,2})日")
_YEAR = re.compile(r"(20\d\d)年(?:度|部门|预算|财政)")
_NAME_BEFORE = r"^[,、;:和及与]*(?:以及|还有|分别是|是|为)?"


class Band(NamedTuple):
    """Number of projects in a score band; `low` None for the lowest, `high` None for the highest."""

    low: int | None
    high: int | None
    projects: int

    def __str__(self) -> str:
        if self.high is None:
            return f"{self.low}分以上"
        return f"{self.high}分以下" if self.low is None else f"{self.low}至{self.high}分"

    def holds(self, score: Decimal) -> bool:
        """Whether a score is in the band."""
        return (self.low is None or score >= self.low) and (self.high is None or score < self.high)


class Sampled(NamedTuple):
    """A project named in the list of spot checks, with its amount."""

    name: str
    amount: Amount


class Statement(NamedTuple):
    """A sentence and the number of its paragraph, counted from 1 over the non-empty ones."""

    paragraph: int
    text: str


@dataclass(frozen=True)
class Report:
    """What a report states; counts are None and lists empty where it does not say."""

    statements: tuple[Statement, ...]
    year: int | None
    dated: date | None
    total: tuple[str, Amount] | None  # label and amount
    whole: tuple[tuple[str, Amount], ...]  # further sums that are those of all projects
    bands: tuple[Band, ...]
    projects: int | None
    completed: int | None
    unexecuted: int | None
    sample_count: int | None
    sample: tuple[Sampled, ...]
    rate: Decimal | None  # percent, of the whole batch

    @cached_property
    def text(self) -> str:
        """The whole report folded, without blanks."""
        return "".join(statement.text for statement in self.statements)

    def naming(self, name: str) -> list[Statement]:
        """Statements that contain a name."""
        key = fold(name)
        return [s for s in self.statements if key and key in s.text]


@lru_cache(maxsize=1)
def read_report(text: str) -> Report:
    """Everything the patterns find in the text of a report."""
    found = []
    for paragraph, line in enumerate((line for line in text.splitlines() if line.strip()), 1):
        sentences = re.split(r"(?<=。)", fold(re.sub(r"\[bookmark:[^\]]*\]", "", line)))
        found += [Statement(paragraph, sentence) for sentence in sentences if sentence]
    statements = tuple(found)
    whole = "".join(s.text for s in statements)
    sample = _SAMPLE.search(whole)
    head = "".join(s.text for s in statements if s.paragraph <= 4)  # title, heading, first paragraphs
    year = _YEAR.search(head)
    # the stated sum over all projects: its label, of one sentence, names projects, budget or spending; further sums
    # are those of all where their label says that they are the year's, and the sentence speaks of no part
    stated = ((s, m[1], amounts_in(m[2])) for s in statements for m in _TOTAL.finditer(s.text))
    sums = [(s, label, amounts[0]) for s, label, amounts in stated if amounts]  # none in 1,23万元
    total = next(((label, amount) for _, label, amount in sums if re.search(r"项目|预算|支出|资金", label)), None)
    yearly = [(s, label.lstrip(",、"), amount) for s, label, amount in sums if _OF_ALL.search(label)]
    of_all = [(label, amount) for s, label, amount in yearly if not _PART.search(s.text)]
    rate = next((m for s in statements if not _SCORE.search(s.text) and (m := _RATE.search(s.text))), None)
    return Report(
        statements=statements,
        year=int(year.group(1)) if year else None,
        dated=_dated(statements),
        total=total,
        whole=tuple(some for some in of_all if some != total),
        bands=tuple(_bands(whole)),
        projects=_count(_PROJECTS, whole),
        completed=_count(_COMPLETED, whole),
        unexecuted=_count(_UNEXECUTED, whole),
        sample_count=counted(sample.group(1)) if sample else None,
        sample=tuple(_sampled(sample.group(2))) if sample else (),
        rate=Decimal(rate.group(1)) if rate else None,
    )


def counted(text: str) -> int:
    """A count in figures or one Chinese numeral up to ten."""
    return int(text) if text.isdigit() else _DIGITS[text]


def _count(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return counted(found.group(1)) if found else None


def _dated(statements: tuple[Statement, ...]) -> date | None:
    """The date that closes the report: the only content of one of its last statements."""
    closing = [found for s in reversed(statements[-3:]) if (found := _DATE.fullmatch(s.text.strip("。")))]
    try:
        return date(*map(int, closing[0].groups())) if closing else None
    except ValueError:
        return None


def _bands(text: str) -> Iterator[Band]:
    for number, pattern in enumerate(_ABOVE):
        if found := pattern.search(text):
            bound, count = found.groups() if number == 0 else reversed(found.groups())
            yield Band(int(bound), None, counted(count))
            break
    for found in _BETWEEN.finditer(text):
        low, high = sorted((int(found.group(1)), int(found.group(2))))
        yield Band(low, high, counted(found.group(3)))
    if found := _BELOW.search(text):
        yield Band(None, int(found.group(1)), counted(found.group(2)))


def _sampled(text: str) -> Iterator[Sampled]:
    """Name and amount pairs of the list ``甲16.81万元、乙64.33万元``."""
    at = 0
    for amount in amounts_in(text):
        name = re.sub(_NAME_BEFORE, "", text[at : amount.start])
        at = amount.start + len(amount.text)
        if name:
            yield Sampled(name, amount)


def stated_scores(statement: Statement) -> list[Decimal]:
    """Scores (自评得分…分) in a statement."""
    return [Decimal(score) for score in _SCORE.findall(statement.text)]


def stated_progress(statement: Statement) -> list[tuple[Amount, Amount, str]]:
    """Budget, spending and the percentage (as printed) that a statement derives from them."""
    found = ((amounts_in(one), amounts_in(other), rate) for one, other, rate in _PROGRESS.findall(statement.text))
    return [(budget[0], spent[0], rate) for budget, spent, rate in found if budget and spent]


def subject(paragraph: str) -> str:
    """The project a paragraph is about, when it opens with ``…(项目)是/为2023年…的…项目``, else ''."""
    found = re.match(r"([^,。;]{2,40}?)(?:项目)?(?:是|为)20\d\d年", paragraph)
    return found.group(1) if found else ""


def stated_value(text: str, indicator: str) -> str:
    """The figure with unit that a text gives as the target of an indicator (设定等于156.9亩), else ''."""
    found = re.search(
        re.escape(fold(indicator)) + r"(?:设定|目标|指标值|计划)*(?:为|等于|是|≥|≤|=|不低于|不超过)+"
        r"(\d[\d,]*(?:\.\d+)?(?:%|[一-龥]{1,3}(?:/[一-龥]{1,3})?))",
        text,
    )
    return found.group(1) if found else ""
