"""What is true of a few budget projects, before anybody lays them out: seeded, of invented places.

Amounts are exact and in 万元. A defect is planted knowingly; everything else obeys the scoring rule of 财预〔2020〕10号
(10 points for execution, 50/30/10 for output, benefit, satisfaction; a miss scored by its ratio, with a reason).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

D = Decimal
SCALE = {"元": D(10000), "千元": D(10), "万元": D(1)}
PLACES = (
    "柳溪",
    "双槐",
    "东岔",
    "石桥",
    "白马",
    "清水",
    "榆林",
    "河湾",
    "上庄",
    "南坪",
    "枣园",
    "金沙",
    "新店",
    "梨树",
)
THEMES = (  # project, counted thing, its unit, quality row, benefit row
    ("机关运转保障经费", "聘用人员数量", "人", "工作任务完成合格率", "保障机关正常运转"),
    ("旱厕整改费用", "整改厕所数量", "座", "整改验收合格率", "改善村民居住环境"),
    ("专职人民调解员经费", "选任调解员人数", "人", "调解协议履行率", "促进基层社会稳定"),
    ("河道保洁服务费", "保洁河道长度", "公里", "保洁抽查合格率", "水环境改善"),
    ("绿道绿廊土地租金", "租用土地面积", "亩", "租金兑付准确率", "增加村民租金收入"),
    ("村级道路修缮工程", "修缮道路长度", "公里", "工程验收合格率", "方便群众出行"),
    ("农村公益事业财政奖补项目", "硬化道路面积", "平方米", "项目验收合格率", "村容村貌提升"),
    ("村级党建工作经费", "开展活动次数", "次", "活动按计划完成率", "党组织凝聚力增强"),
    ("防汛物资储备经费", "储备物资数量", "件", "物资检验合格率", "提高防汛应急能力"),
    ("乡镇武装工作经费", "组织训练次数", "次", "训练考核合格率", "提升民兵应急水平"),
    ("公路拆迁户取暖补助", "补助户数", "户", "补助发放准确率", "保障拆迁户温暖过冬"),
    ("垃圾清运一体化服务费", "清运垃圾数量", "吨", "清运达标率", "人居环境改善"),
    ("高龄老人生活补贴", "补贴老人人数", "人", "补贴对象认定准确率", "老年人生活水平提高"),
    ("森林防火巡护经费", "巡护人员数量", "人", "巡护记录完整率", "减少森林火灾发生"),
    ("文化站免费开放经费", "举办文化活动场次", "场", "活动方案执行率", "丰富群众文化生活"),
    ("动物防疫协检员补助", "补助协检员人数", "人", "免疫抗体合格率", "降低疫病发生风险"),
)
WORDS = ("有效保障", "明显改善", "持续提升", "效果显著", "健全", "有所提高")
REASONS = (
    "因连续降雨工期顺延，下一步加强调度",
    "申报人数少于预计，次年按实际需求编制",
    "年中压减任务量，已督促尽快补齐",
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator; target and actual are figures as text with `unit` beside them, or words (sign 定性)."""

    level1: str
    level2: str
    name: str
    sign: str
    target: str
    unit: str
    actual: str
    points: Decimal
    score: Decimal
    reason: str = ""

    @property
    def in_words(self) -> bool:
        """Whether target and actual are words or dates."""
        return self.sign == "定性"

    @property
    def target_text(self) -> str:
        """Target in one cell: ≥50个."""
        return self.target if self.in_words else f"{self.sign}{self.target}{self.unit}"

    @property
    def actual_text(self) -> str:
        """Actual in one cell: 52个."""
        return self.actual if self.in_words else f"{self.actual}{self.unit}"

    @property
    def missed(self) -> bool:
        """A figure short of its target."""
        if self.in_words:
            return False
        target, actual = D(self.target), D(self.actual)
        return {"≥": actual < target, "≤": actual > target, "=": actual != target}[self.sign]


@dataclass(frozen=True, slots=True)
class Fund:
    """Money of one source in 万元."""

    source: str
    initial: Decimal
    adjusted: Decimal
    executed: Decimal

    def plus(self, other: Fund, source: str) -> Fund:
        """Both together under one name."""
        return Fund(
            source, self.initial + other.initial, self.adjusted + other.adjusted, self.executed + other.executed
        )


@dataclass(frozen=True, slots=True)
class Defect:
    """A planted defect: family of findings that may report it, and the fields that must be read to see it."""

    kind: str
    families: tuple[str, ...]
    needs: frozenset[str]


DEFECTS = {
    "rate": Defect("printed rate wrong (FU01)", ("FU", "HB", "SC"), frozenset({"rate", "adjusted", "executed"})),
    "full": Defect("full points for a missed target (SC05)", ("SC", "HB", "IN", "RE"), frozenset({"score"})),
    "over": Defect("more score than points", ("SC", "HB", "WT"), frozenset({"score", "points"})),
    "total": Defect("total is not the sum", ("SC", "HB"), frozenset({"score", "total", "execution_score"})),
    "reason": Defect("missed without a reason", ("RE", "IN", "SC"), frozenset({"score", "reason"})),
}


@dataclass(frozen=True, slots=True)
class Project:
    """One project as it truly is; `rate_printed` and `total` as its form says."""

    code: str
    name: str
    department: str
    unit_code: str
    unit: str
    year: int
    funds: tuple[Fund, ...]  # 财政, 结转, 其他
    rate_printed: Decimal  # percent, two places
    execution_score: Decimal
    indicators: tuple[Indicator, ...]
    total: Decimal
    goal: str
    goal_done: str
    defect: Defect | None = None

    @property
    def money(self) -> Fund:
        """All sources together."""
        first, *rest = self.funds
        whole = replace(first, source="合计")
        for fund in rest:
            whole = whole.plus(fund, "合计")
        return whole

    @property
    def two_sources(self) -> tuple[Fund, Fund]:
        """财政 and everything else, for forms with two lines."""
        fiscal, carried, other = self.funds
        return fiscal, carried.plus(other, "其他")

    @property
    def grade(self) -> str:
        """≥90 优, ≥80 良, ≥60 中."""
        return "优" if self.total >= 90 else "良" if self.total >= 80 else "中" if self.total >= 60 else "差"


def half_up(value: Decimal, places: int = 2) -> Decimal:
    """Rounded as clerks round."""
    return value.quantize(D(1).scaleb(-places), ROUND_HALF_UP)


def bare(value: Decimal) -> Decimal:
    """Without trailing zeros, never with an exponent."""
    short = value.normalize()
    return short.quantize(D(1)) if short == short.to_integral_value() else short


def projects(
    seed: int, count: int, *, cost: str = "", amounts: str = "wan2", defect: str | None = None, year: int = 2023
) -> tuple[Project, ...]:
    """`count` projects of one township.

    `cost`: the unit (元, 万元) of a cost indicator that equals the budget, "" for none; "split 元": written in 元,
    every second one called 万元, so that they contradict each other.
    `amounts`: wan2 (万元 with at most two decimals), wan6 (to the 分), wide (4–5 whole digits in 元: no size tells).
    """
    rng = random.Random(f"{seed}/{count}/{cost}/{amounts}/{year}")
    place, unit_code = rng.choice(PLACES), f"{rng.randrange(300, 990)}{rng.randrange(1, 99):03d}"
    chosen = rng.sample(THEMES, count) if count <= len(THEMES) else [rng.choice(THEMES) for _ in range(count)]
    made = []
    for k, theme in enumerate(chosen):
        name = (
            f"{rng.choice(PLACES)}村{theme[0]}" if k % 2 else f"{theme[0]}{'(运转保障)' if rng.random() < 0.2 else ''}"
        )
        if count > len(THEMES):
            name += f"第{k + 1}期"
        code = f"130{rng.randrange(10000, 99999)}{year % 100}P{rng.randrange(10**5):05d}{k + 1:03d}10001"
        unit = f"{place}镇人民政府"
        own = ("元", "万元")[k % 2] if cost.startswith("split") else cost
        made.append(_project(rng, theme, code, name, (f"{place}镇财政所", unit_code, unit), year, own, amounts, cost))
    if defect:
        at = rng.randrange(count)
        made[at] = planted(made[at], defect)
    return tuple(made)


def _project(
    rng: random.Random, theme: Sequence[str], code: str, name: str, who: tuple[str, str, str], year: int, own: str,
    amounts: str, cost: str,
) -> Project:  # fmt: skip
    funds = _funds(rng, amounts)
    adjusted, executed = sum(f.adjusted for f in funds), sum(f.executed for f in funds)
    rate = half_up(executed / adjusted * 100)
    score = bare(half_up(executed / adjusted * 10))
    rows = tuple(_indicators(rng, theme, year, D(adjusted), D(executed), own, cost.removeprefix("split ") or own))
    total = bare(score + sum(row.score for row in rows))
    goal = f"按计划完成{theme[0]}年度任务，{theme[4]}。"
    done = f"{theme[0]}年度任务已完成，资金按进度支付，{theme[4]}。"
    return Project(code, name, *who, year, funds, rate, score, rows, total, goal, done)


def _funds(rng: random.Random, amounts: str) -> tuple[Fund, Fund, Fund]:
    """Budget and execution; the rate must not depend on whether it is rounded before or after the score."""
    places = {"wan2": 2, "wan6": 6, "wide": 4}[amounts]
    low, high = {"wide": (300, 3000)}.get(amounts, (210, 48000))
    while True:
        step = D(1).scaleb(-places)
        fiscal = D(rng.randrange(low, high)) / (100 if amounts != "wide" else 10000)
        if amounts == "wan6":
            fiscal += D(rng.randrange(1, 10000)).scaleb(-6)
        other = half_up(fiscal * D("0.25"), places) if rng.random() < 0.4 else D(0)
        carried = half_up(fiscal * D("0.1"), places) if rng.random() < 0.3 else D(0)
        part = rng.choice((D(1), D(1), D("0.975"), D("0.9312"), D("0.86")))
        initial = {0: half_up(fiscal * D("0.9"), places), 1: half_up(fiscal * D("1.2"), places)}.get(
            rng.randrange(6), fiscal
        )
        spent = [(x * part).quantize(step, ROUND_HALF_UP) for x in (fiscal, carried, other)]
        if amounts == "wide":
            spent = [fiscal, carried, other]
        budget, paid = fiscal + carried + other, sum(spent)
        exact = half_up(paid / budget * 10)
        if exact == half_up(half_up(paid / budget * 100) / 10) and budget > 0:
            break
    return (
        Fund("财政", bare(initial), bare(fiscal), bare(spent[0])),
        Fund("结转", bare(carried), bare(carried), bare(spent[1])),
        Fund("其他", bare(other), bare(other), bare(spent[2])),
    )


def split(rng: random.Random, points: int, parts: int) -> list[Decimal]:
    """Points over rows: fives, or ones where there are too many rows."""
    step = 5 if points // 5 >= parts else 1
    cuts = sorted(rng.sample(range(1, points // step), parts - 1))
    return [D(step * (b - a)) for a, b in zip([0, *cuts], [*cuts, points // step], strict=True)]


def _indicators(
    rng: random.Random, theme: Sequence[str], year: int, adjusted: Decimal, executed: Decimal, own: str, written: str
) -> list[Indicator]:
    outputs = [_count(rng, theme)]
    outputs += [_percent(rng, "质量指标", theme[3])] if rng.random() < 0.8 else []
    outputs += [_timely(rng, year)] if rng.random() < 0.7 else []
    outputs += [_more(rng, "数量指标", "开展宣传培训场次", "场")] if rng.random() < 0.4 else []
    outputs += [_percent(rng, "时效指标", "资金拨付及时率")] if rng.random() < 0.4 else []
    outputs += [_more(rng, "数量指标", "印发宣传资料份数", "份")] if rng.random() < 0.3 else []
    if own:
        target, actual = bare(adjusted * SCALE[written]), bare(executed * SCALE[written])
        outputs.append(_row("产出指标", "成本指标", "预算项目控制数", "≤", target, own, actual))
    benefits = [_words(rng, "社会效益指标", theme[4])]
    benefits += [_words(rng, "可持续影响指标", "长效管理机制健全程度")] if rng.random() < 0.6 else []
    benefits += [_more(rng, "社会效益指标", "受益群众人数", "人")] if rng.random() < 0.5 else []
    benefits += [_percent(rng, "生态效益指标", "环境问题整改率")] if rng.random() < 0.3 else []
    target = rng.choice((85, 90, 95))
    pleased = _row("满意度指标", "服务对象满意度指标", rng.choice(("服务对象满意度", "群众满意度", "受益村民满意度")),
                   "≥", D(target), "%", bare(D(target) + D(rng.randrange(0, 9)) / 2))  # fmt: skip
    shares = split(rng, 50, len(outputs)) + split(rng, 30, len(benefits)) + [D(10)]
    rows = [replace(r, points=p, score=p) for r, p in zip([*outputs, *benefits, pleased], shares, strict=True)]
    if rng.random() < 0.4:
        rows[0] = missed(rng, rows[0])
    return rows


def _row(level1: str, level2: str, name: str, sign: str, target: Decimal, unit: str, actual: Decimal) -> Indicator:
    return Indicator(level1, level2, name, sign, f"{target:f}", unit, f"{actual:f}", D(0), D(0))


def _count(rng: random.Random, theme: Sequence[str]) -> Indicator:
    target = D(rng.randrange(8, 600))
    return _row("产出指标", "数量指标", theme[1], "≥", target, theme[2], target + int(target * rng.randrange(9) / 100))


def _more(rng: random.Random, level2: str, name: str, unit: str) -> Indicator:
    target = D(rng.randrange(2, 40) * 10)
    level1 = "产出指标" if level2 == "数量指标" else "效益指标"
    return _row(level1, level2, name, "≥", target, unit, target + rng.randrange(0, int(target) // 10 + 1))


def _percent(rng: random.Random, level2: str, name: str) -> Indicator:
    level1 = "产出指标" if level2 in ("质量指标", "时效指标") else "效益指标"
    if rng.random() < 0.5:
        return _row(level1, level2, name, "=", D(100), "%", D(100))
    return _row(level1, level2, name, "≥", D(90), "%", bare(D(rng.randrange(900, 1000)) / 10))


def _timely(rng: random.Random, year: int) -> Indicator:
    if rng.random() < 0.6:
        month = rng.randrange(9, 13)
        done = f"{year}年{month - 1}月{rng.randrange(3, 28)}日"
        return Indicator("产出指标", "时效指标", "完成时间", "定性", f"{year}年{month}月底前", "", done, D(0), D(0))
    return _row("产出指标", "时效指标", "资金支付时限", "≤", D(30), "天", D(rng.randrange(24, 31)))


def _words(rng: random.Random, level2: str, name: str) -> Indicator:
    word = rng.choice(WORDS)
    return Indicator("效益指标", level2, name, "定性", word, "", word, D(0), D(0))


def missed(rng: random.Random, row: Indicator) -> Indicator:
    """The count falls short: scored by its ratio, the reason given."""
    target = D(row.target)
    actual = target - max(1, int(target * rng.randrange(3, 15) / 100))
    score = bare(half_up(row.points * actual / target))
    return replace(row, actual=f"{actual:f}", score=score, reason=rng.choice(REASONS))


def planted(project: Project, kind: str) -> Project:
    """The project with one defect of the kind."""
    rows, total, rate = list(project.indicators), project.total, project.rate_printed
    first = rows[0]
    if kind == "rate":
        rate = half_up(rate - D("7.31"))
    elif kind == "total":
        total -= 2
    elif kind == "over":
        rows[0] = replace(first, score=first.points + 1)
    elif kind == "full":
        rows[0] = replace(first, actual=f"{int(D(first.target) * D('0.62'))}", score=first.points, reason="")
    elif kind == "reason":
        actual = D(int(D(first.target) * D("0.75")))
        score = bare(half_up(first.points * actual / D(first.target)))
        rows[0] = replace(first, actual=f"{actual:f}", score=score, reason="")
    if kind != "total":
        total = bare(project.execution_score + sum(row.score for row in rows))
    return replace(project, indicators=tuple(rows), total=total, rate_printed=rate, defect=DEFECTS[kind])
