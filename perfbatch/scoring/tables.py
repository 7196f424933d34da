"""The formulas of RULES sections 3.1–3.5 and 5 as ordered tables of cases: the first case that holds decides a row.

Each case says the same thing three times: as exact arithmetic, as a spreadsheet expression and in Chinese. They stand
side by side so that the figure, the live formula and the explanation cannot drift apart; tests recalculate the
spreadsheet expressions and compare them with the figures.

Symbols: ``a`` actual, ``t`` target, ``u`` upper bound of a range, ``w`` points, ``n`` the actual with a
negative value as 0, ``k`` figures of one base unit per written unit of the target.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from perfbatch.decimals import half_up, plain, truncated
from perfbatch.rulesets import Ruleset

ZERO, ONE = Decimal(0), Decimal(1)
_MARKS = tuple((name, f"{{{name}}}") for name in "antuw")  # how the texts of the tables name the figures
NO_FIGURE = '""'  # what a spreadsheet shows where no figure can be given


class Figures(NamedTuple):
    """The figures of one quantitative row: `w` only where its points are known, `u` only for a range."""

    a: Decimal
    t: Decimal
    u: Decimal
    w: Decimal
    k: Decimal

    @property
    def n(self) -> Decimal:
        """The actual, a negative value as 0."""
        return max(self.a, ZERO)


Condition = Callable[[Figures], bool]
Expression = Callable[[Figures], Decimal]
Rounding = Callable[[Decimal], Decimal]


class Case(NamedTuple):
    """One line of a table. `value` None: no figure can be given; `exact`: the value is not rounded."""

    when: Condition
    value: Expression | None
    text: str = ""
    excel_when: str = ""
    excel: str = NO_FIGURE
    exact: bool = False


class Result(NamedTuple):
    """What a rule makes of a row: the unrounded and the rounded value (None where no figure can be given), in words."""

    unrounded: Decimal | None
    rounded: Decimal | None
    text: str


class Rule(NamedTuple):
    """What chooses the tables of a row: its direction, a strict sign, its group, a zero that need not be kept."""

    direction: str
    strict: bool = False
    satisfaction: bool = False
    cost: bool = False
    open_zero: bool = False


def rounder(mode: str, places: int) -> Rounding:
    """Rounding by `round_mode` to `places` decimals."""
    cut = half_up if mode == "half_up" else truncated
    return lambda value: cut(value, places)


def decide(cases: Sequence[Case], figures: Figures, rounded: Rounding, *, cap: bool) -> Result:
    """What the first case that holds makes of a row; with `cap` rounding never lifts a value above the points."""
    for case in cases:
        if case.when(figures):
            break
    else:
        return Result(None, None, "")
    text = case.text
    if text:
        text = text.format(**{name: plain(getattr(figures, name)) for name, mark in _MARKS if mark in text})
    if case.value is None:
        return Result(None, None, text)
    value = case.value(figures)
    final = value if case.exact else rounded(value)
    return Result(value, min(final, figures.w) if cap else final, text)


def always(_figures: Figures) -> bool:
    """The condition of a last case."""
    return True


def full(when: Condition, excel_when: str, text: str) -> Case:
    """All points, exactly as printed."""
    return Case(when, lambda r: r.w, text + "，得满分 {w}", excel_when, "{w}", exact=True)


def nothing(text: str, when: Condition = always, excel_when: str = "") -> Case:
    """No points."""
    return Case(when, lambda _: ZERO, text, excel_when, "0", exact=True)


def refused(text: str, when: Condition, excel_when: str) -> Case:
    """No figure, with the reason."""
    return Case(when, None, text, excel_when)


def score_cases(rule: Rule, rules: Ruleset) -> list[Case]:
    """Score: guards for zero and negative figures first, then the formula of the direction."""
    if rule.satisfaction and rules["satisfaction_rule"] == "steps":
        return [_step(bound, share) for bound, share in rules["satisfaction_steps"]]
    if rule.direction == "range":
        return _range(rules)
    formula = {"positive": _positive, "negative": _negative, "equal": _equal}[rule.direction]
    return [*_guards(rule, rules), *formula(rule, rules)]


def completion_cases(rule: Rule, rules: Ruleset) -> list[Case]:
    """Completion rate, not capped, never negative. Undefined unless the target is positive (RULES 3.5)."""
    if rule.direction == "range":
        return [
            Case(lambda r: r.t <= r.a <= r.u, lambda _: ONE, "", _INSIDE, "1"),
            refused("", lambda r: r.t <= ZERO and r.a < r.t, "AND({t}<=0,{a}<{t})"),
            refused("", lambda r: r.u <= ZERO and r.a > r.u, "AND({u}<=0,{a}>{u})"),
            Case(lambda r: r.a < r.t, lambda r: r.n / r.t, "", "{a}<{t}", "{n}/{t}"),
            Case(always, lambda r: r.u / r.a, "", "", "{u}/{a}"),
        ]
    undefined = refused("", lambda r: r.t <= ZERO, "{t}<=0")
    if rule.direction != "negative":
        return [undefined, Case(always, lambda r: r.n / r.t, "", "", "{n}/{t}")]
    if rules["negative_rule"] == "linear":
        twice = nothing("", lambda r: r.a >= 2 * r.t, "{a}>=2*{t}")
        return [undefined, twice, Case(always, lambda r: 2 - r.a / r.t, "", "", "2-{a}/{t}")]
    return [
        refused("", lambda r: r.t < ZERO or r.a <= ZERO, "OR({t}<0,{a}<=0)"),
        Case(always, lambda r: r.t / r.a, "", "", "{t}/{a}"),
    ]


def deviation_cases(rule: Rule) -> list[Case]:
    """Signed deviation (A − T) ÷ T, from the nearer bound of a range; undefined unless that is positive."""
    undefined = refused("", lambda r: r.t <= ZERO, "{t}<=0")
    from_target = Case(always, lambda r: (r.a - r.t) / r.t, "", "", "({a}-{t})/{t}")
    if rule.direction != "range":
        return [undefined, from_target]
    return [
        nothing("", lambda r: r.t <= r.a <= r.u, _INSIDE),
        refused("", lambda r: r.u <= ZERO and r.a > r.u, "AND({u}<=0,{a}>{u})"),
        Case(lambda r: r.a > r.u, lambda r: (r.a - r.u) / r.u, "", "{a}>{u}", "({a}-{u})/{u}"),
        undefined,
        from_target,
    ]


_INSIDE = "AND({a}>={t},{a}<={u})"
_UNDER = Case(always, lambda r: r.n * r.w / r.t, "实际 {n} ÷ 目标 {t} × 分值 {w}", "", "{n}*{w}/{t}")


def _guards(rule: Rule, rules: Ruleset) -> list[Case]:
    """Negative targets, negative actuals and zero targets, before any ratio is formed (RULES 3.4)."""
    met = {
        "positive": full(lambda r: r.t < ZERO and r.a >= r.t, "AND({t}<0,{a}>={t})", "实际 {a} ≥ 目标 {t}（负数目标）"),
        "negative": full(lambda r: r.t < ZERO and r.a <= r.t, "AND({t}<0,{a}<={t})", "实际 {a} ≤ 目标 {t}（负数目标）"),
        "equal": full(lambda r: r.t < ZERO and r.a == r.t, "AND({t}<0,{a}={t})", "实际 {a} = 目标 {t}"),
    }
    cases = [
        met[rule.direction],
        refused("目标 {t} 为负数且未达到，比例公式不适用，不自动计分", lambda r: r.t < ZERO, "{t}<0"),
    ]
    if rules["negative_actual"] == "refuse":
        cases.append(refused("实际 {a} 为负数，按规则不计算", lambda r: r.a < ZERO, "{a}<0"))
    if rules["zero_target_rule"] == "refuse":
        return [*cases, refused("目标值为0，按规则不计算", lambda r: r.t == ZERO, "{t}=0")]
    return [*cases, *_zero_target(rule)]


def _zero_target(rule: Rule) -> list[Case]:
    lost = nothing("目标为0，实际 {a}，未达到目标，不得分", lambda r: r.t == ZERO, "{t}=0")
    if rule.direction == "positive" and not rule.strict:
        return [full(lambda r: r.t == ZERO, "{t}=0", "目标为0没有约束力，实际 {a}")]
    if rule.open_zero:
        lost = refused("目标为0，实际 {a}，没有通用的扣分办法，不自动计分", lambda r: r.t == ZERO, "{t}=0")
    text = "目标为0，实际 {a} 达到目标"
    if rule.direction == "positive":
        return [full(lambda r: r.t == ZERO and r.a > ZERO, "AND({t}=0,{a}>0)", text), lost]
    if rule.strict:
        return [full(lambda r: r.t == ZERO and r.a < ZERO, "AND({t}=0,{a}<0)", text), lost]
    return [full(lambda r: r.t == ZERO and r.a <= ZERO, "AND({t}=0,{a}<=0)", text), lost]


def _positive(rule: Rule, rules: Ruleset) -> list[Case]:
    reached = full(lambda r: r.n >= r.t, "{n}>={t}", "实际 {a} ≥ 目标 {t}")
    if rule.strict:
        reached = full(lambda r: r.n > r.t, "{n}>{t}", "实际 {a} > 目标 {t}")  # an equal one still has n ÷ t = 1
    cuts = [_cut(ratio, share) for ratio, share in rules["over_deduction"] or ()]
    if not (threshold := rules["pass_threshold"]):
        return [*cuts, reached, _UNDER]
    text = f"实际 {{n}} ÷ 目标 {{t}} 低于及格门槛 {plain(threshold * 100)}%，不得分"
    failed = nothing(text, lambda r: r.n < r.t * threshold, f"{{n}}<{{t}}*{plain(threshold)}")
    return [*cuts, reached, failed, _UNDER]


def _cut(ratio: Decimal, share: Decimal) -> Case:
    """Reduction for over-completion; only where a ruleset states a table (none is known)."""
    kept, when = ONE - share, f"{{n}}>{{t}}*{plain(ratio)}"
    text = f"实际 {{a}} 超过目标 {{t}} 的 {plain(ratio)} 倍，扣减 {plain(share * 100)}%：分值 {{w}} × {plain(kept)}"
    return Case(lambda r: r.n > r.t * ratio, lambda r: r.w * kept, text, when, f"{{w}}*{plain(kept)}")


def _negative(rule: Rule, rules: Ruleset) -> list[Case]:
    how = "ceiling" if rule.cost and rules["cost_rule"] == "ceiling" else rules["negative_rule"]
    met = full(lambda r: r.n <= r.t, "{n}<={t}", "实际 {a} ≤ 目标 {t}")
    if rule.strict:
        met = full(lambda r: r.n < r.t, "{n}<{t}", "实际 {a} < 目标 {t}")
    if how == "ceiling":
        return [met, nothing("实际 {a} 超出上限 {t}，不得分")]
    if how == "ratio":
        text = "目标 {t} ÷ 实际 {a} × 分值 {w}"
        return [met, Case(always, lambda r: r.t * r.w / r.a, text, "", "{t}*{w}/{a}")]
    text = "（1 −（实际 {n} − 目标 {t}）÷ 目标 {t}）× 分值 {w}"
    return [
        met,
        nothing("实际 {a} 达到目标 {t} 的两倍，不得分", lambda r: r.a >= 2 * r.t, "{a}>=2*{t}"),
        Case(always, lambda r: (2 * r.t - r.n) * r.w / r.t, text, "", "(2*{t}-{n})*{w}/{t}"),
    ]


def _equal(rule: Rule, rules: Ruleset) -> list[Case]:
    how = rules["equal_rule"]
    if how == "as_positive":
        return _positive(rule, rules)
    same = full(lambda r: r.n == r.t, "{n}={t}", "实际 {a} = 目标 {t}")
    if how == "strict":
        return [same, nothing("实际 {a} ≠ 目标 {t}，不得分")]
    text = "（1 − |实际 {n} − 目标 {t}| ÷ 目标 {t}）× 分值 {w}"
    far = "实际 {a} 偏离目标 {t} 达一倍以上，不得分"
    return [
        same,
        nothing(far, lambda r: abs(r.n - r.t) >= r.t, "ABS({n}-{t})>={t}"),
        Case(always, lambda r: (r.t - abs(r.n - r.t)) * r.w / r.t, text, "", "({t}-ABS({n}-{t}))*{w}/{t}"),
    ]


def _range(rules: Ruleset) -> list[Case]:
    """A target a–b: inside all points, outside by ratio to the nearer bound (engine option, no source)."""
    odd = "目标区间 {t}—{u} 不是正数，比例公式不适用，不自动计分"
    cases = [
        full(lambda r: r.t <= r.a <= r.u, _INSIDE, "实际 {a} 在目标 {t}—{u} 之内"),
        refused(odd, lambda r: r.t < ZERO or r.u <= ZERO, "OR({t}<0,{u}<=0)"),
    ]
    if rules["negative_actual"] == "refuse":
        cases.append(refused("实际 {a} 为负数，按规则不计算", lambda r: r.a < ZERO, "{a}<0"))
    below, above = "实际 {n} ÷ 目标下限 {t} × 分值 {w}", "目标上限 {u} ÷ 实际 {a} × 分值 {w}"
    return [
        *cases,
        Case(lambda r: r.n < r.t, lambda r: r.n * r.w / r.t, below, "{n}<{t}", "{n}*{w}/{t}"),
        Case(lambda r: r.a > r.u, lambda r: r.u * r.w / r.a, above, "{a}>{u}", "{u}*{w}/{a}"),
        full(always, "", "实际为负数按0计，在目标 {t}—{u} 之内"),
    ]


def _step(bound: Decimal, share: Decimal) -> Case:
    text, when = f"满意度 {{a}} 达到 {plain(bound)}% 一档：分值 {{w}} × {plain(share)}", f"{{n}}>={plain(bound)}*{{k}}"
    return Case(lambda r: r.n >= bound * r.k, lambda r: r.w * share, text, when, f"{{w}}*{plain(share)}")
