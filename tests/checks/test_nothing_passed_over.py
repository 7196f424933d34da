"""For any target with a digit the row is compared, or a finding says why it was not."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import cases
from support.cases import Case

from perfbatch.checks import register
from perfbatch.notation import fold, is_nil, is_template

WHY_NOT = frozenset({"ST09", "IN01", "IN02", "IN03", "IN06", "IN07", "IN22", "IN30", "IN32", "IN34", "IN35"})
ROWS = 12  # in one form, as building it costs more than checking it

heads = st.sampled_from([
    "", "培训", "新建", "改造", "发放", "全部", "全年", "同比增长", "较上年增长", "下降", "降至", "提高到",
    "每月", "每周不少于", "约", "不少于", "不超过", "控制在", "人均", "每村", "前", "第", "优", "其中", "共",
    "累计完成", "按合同", "目标1：", "￥", "C", "5A", "提前", "未", "不低于上年的",
])  # fmt: skip
signs = st.sampled_from(
    [
        "",
        "≥",
        "≤",
        "＞",
        "<",
        "=",
        ">=",
        "≥≤",
        "≧",
        "±",
    ]
)
figures = st.one_of(
    st.integers(0, 100_000).map(str),
    st.decimals(0, 1000, places=2).map(str),
    st.sampled_from([
    "1,200", "7,00.0", "12..5", "３０", "2023", "23", "12", "290", "5-8", "85%-90%", "1:2", "3+2", "万分之3",
    "2023年6月底前", "23年6月底", "12月31日前", "次年1月20日", "2023.12.31", "1-12月", "M.8", "l5", "二十3",
]),
)  # fmt: skip
units = st.sampled_from([
    "", "%", "个", "人", "次", "场", "公里", "万元", "元", "元/人", "次/年", "人/月", "㎡", "℃", "‰", "级",
    "名", "分", "天", "年", "万", "吨", "台套", "个百分点", "户次", "X", "米/秒", "人天",
])  # fmt: skip
tails = st.sampled_from([
    "", "以上", "以内", "及以上", "左右", "以上（含）", "（问卷200份）", "（其中女性5人）", "、3个社区",
    "/≥75%", "，210份", "村", "并验收", "全覆盖", "。", "；质量合格", "得5分", "且≤100%", "\n5台",
    "（含3个）", "培训", "前完成",
])  # fmt: skip
grammar = st.tuples(heads, signs, figures, units, tails).map("".join)
digit = st.text(max_size=12).map(lambda text: f"{text}7")
targets = st.one_of(grammar, grammar, digit)
actuals = st.one_of(
    grammar,
    st.sampled_from(
        [
            "已完成",
            "未完成",
            "100%",
            "5",
            "2023年11月",
            "良好",
            "95%",
            "5公里",
            "12次",
            "持平",
            "是",
        ]
    ),
)


def row(pair: tuple[str, str]) -> dict[str, str]:
    """One indicator line with points and a score."""
    names = ("level1", "level2", "level3", "target", "actual", "points", "score")
    return dict(zip(names, ("产出指标", "数量指标", "工作开展情况", *pair, "5", "5"), strict=True))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(targets, actuals), min_size=ROWS, max_size=ROWS))
def test_a_target_with_a_digit_is_compared_or_said(pairs: list[tuple[str, str]]) -> None:
    table = {"why": "any", "rows": [row(pair) for pair in pairs]}
    context = cases._context(Case("IN35", "passing", 1, table))
    found, _ = register.run(context, only=WHY_NOT)
    said = {int("".join(filter(str.isdigit, finding.cell)) or 0) for finding in found}
    silent = [
        (line.target_text, line.actual_text)
        for line in context.frames.indicators.itertuples()
        if line.role == "indicator"
        and any(char.isdigit() for char in fold(line.target_text))
        and not is_template(line.target_text)
        and not is_nil(line.actual_text)
        and line.comparison not in ("yes", "assumed")
        and line.row not in said
    ]
    assert silent == []
