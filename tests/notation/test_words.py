"""Folding, nil words, template text, labels, damage: the words the rest of the program asks for."""

from __future__ import annotations

import pytest

from perfbatch.notation import (
    Around,
    fold,
    is_damaged,
    is_nil,
    is_template,
    label_hint,
    read_actual,
    read_target,
    says_nothing,
    tick,
    ticked,
)
from perfbatch.notation.units import dimension


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("年度指标值（Ａ）", "年度指标值(A)"), ("实际\n完成值", "实际完成值"), ("年初 / 预算数", "年初/预算数"),
        ("【项目】〔名称〕", "(项目)(名称)"), ("１２．５％", "12.5%"), ("一级\u3000指标\u00a0", "一级指标"),
        ("1，250；", "1,250;"), ("90～100", "90~100"), ("－", "-"), ("﹥﹤﹦", "><="), ("\ufeff合\u200b计：", "合计:"),
        ("≧═—㎡。", "≧═—㎡。"), ("", ""),
    ],
)  # fmt: skip
def test_fold(text: str, folded: str) -> None:
    """Width, blanks, brackets and dashes are unified; signs that have their own table stay."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    "text",
    ["", " ", "　\n", "/", "—", "——", "-", "－", "*", "……", "…", "无", "暂无", "N/A", "n/a", "不适用",
     "不适用！", "无。"],
)  # fmt: skip
def test_nil_words(text: str) -> None:
    """Section 12: these say nothing."""
    assert is_nil(text)


@pytest.mark.parametrize("text", ["0", "0次", "是", "否", "无事故", "完成", "指标2：", "1", "！"])
def test_not_nil(text: str) -> None:
    """Section 12: zero is a figure, a placeholder is no nil word."""
    assert not is_nil(text)


def test_zero_is_nil_in_a_reason_cell_only() -> None:
    """Section 12: `0` as reason means that there is none."""
    assert is_nil("0", reason=True)
    assert is_nil("０", reason=True)
    assert not is_nil("0")
    assert not is_nil("0次", reason=True)


@pytest.mark.parametrize(
    "text",
    ["指标2：", "指标1", "……", "目标1：\n目标2：\n……", "（100字以内）", "（不超过200字）", "对照年度目标，逐项填写",
     "(请在此说明)", "(≥**平方米)", "请填写实际完成值", "×××", "XX", "**"],
)  # fmt: skip
def test_template_text(text: str) -> None:
    """Traps T6 and T15: left over from the blank form."""
    assert is_template(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("□经常性 ☑一次性", "一次性"), ("☑ 经常性项目    □ 一次性项目", "经常性项目"), ("经常性□ 一次性☑", "一次性"),
        ("经常性（ ） 一次性（√）", "一次性"), ("（√）经常性（  ）一次性", "经常性"), ("□√经常性 □一次性", "经常性"),
        ("□年初预算、■追加预算", "追加预算"), ("○新增 ●延续", "延续"), ("☐基本\n🗹项目", "项目"), ("○是 ☒否", "否"),
        ("☑优（90分及以上）  □良（80—89分）", "优（90分及以上）"), ("经常性（V） 一次性（ ）", "经常性"),
    ],
)  # fmt: skip
def test_the_ticked_word_is_meant(text: str, meant: str) -> None:
    assert ticked(text) == meant


@pytest.mark.parametrize(
    "text",
    ["□经常性 □一次性", "☑经常性 ☑一次性 □其他", "☑一次性", "一次性", "", "√", "☑□", "R经常性 £一次性", "农业（）补助",
     "类型□经常性 ☑一次性", "预算（年初）"],
)  # fmt: skip
def test_boxes_that_say_nothing_for_sure_stay(text: str) -> None:
    """None ticked or several, one box alone, letters of a symbol font, words on both sides of the boxes."""
    assert ticked(text) == text


@pytest.mark.parametrize(
    ("texts", "ticks"),
    [
        ("√ ✓ ✔ ☑ ☒ ■ ● ◎ 🗹 V v （√） (V) □√ 1 TRUE √√", True), ("□ ○ ☐ × ✗ （） □□ 0 FALSE", False),
        ("完成 完成80% 3 10 2023年 - / 无 是 √完成", None),
    ],
)  # fmt: skip
def test_a_mark_alone_ticks_its_column(texts: str, ticks: bool | None) -> None:
    """The marks of columns are those of boxes in a text; what is typed for a tick counts only alone in its cell."""
    assert {text: tick(text) for text in texts.split()} == dict.fromkeys(texts.split(), ticks)


@pytest.mark.parametrize(("text", "nothing"), [("0", True), ("无", True), ("（100字以内）", True), ("资金紧张", False)])
def test_a_cell_for_words_says_nothing(text: str, nothing: bool) -> None:
    """Nil words, ``0`` and the prompt of the form are no reason."""
    assert says_nothing(text) is nothing


@pytest.mark.parametrize(
    ("unit", "measured"),
    [
        ("亩", "area"), ("公里", "length"), ("吨", "mass"), ("立方米", "volume"), ("天", "time"), ("年", "time"),
        ("个", "count"), ("户", "count"), ("%", "share"), ("万元", "money"), ("元/亩", ""), ("", ""), ("怪单位", ""),
    ],
)  # fmt: skip
def test_what_a_unit_measures(unit: str, measured: str) -> None:
    """Figures of two dimensions cannot be compared; a price or an unknown unit measures nothing that is known."""
    assert dimension(unit) == measured


@pytest.mark.parametrize(
    "text", ["", "指标完成良好", "新建2个站点", "请假制度落实", "目标责任制考核", "≥100个", "XX路改造"]
)
def test_own_text_is_no_template(text: str) -> None:
    """Text of the clerk's own, though it begins like the template."""
    assert not is_template(text)


@pytest.mark.parametrize(
    ("name", "op", "unit"),
    [
        ("公猪舍(≥**平方米)", "ge", "平方米"), ("排污沟（≥米）", "ge", "米"), ("床位(≤**张)", "le", "张"),
        ("新增床位数(张)", "none", "张"), ("足额保障率(参保率)", "none", ""), ("宣传场次", "none", ""),
        ("", "none", ""), ("会议费(万元)", "none", "万元"), ("结余率(结余数/预算数)", "none", ""),
    ],
)  # fmt: skip
def test_label(name: str, op: str, unit: str) -> None:
    """Trap T13: sign and unit as a template in the label."""
    assert label_hint(name) == (op, unit)


def test_damage_can_be_counted() -> None:
    """Section 13: a table with many triggers is refused as a whole, so triggers differ from other refusals."""
    assert is_damaged(read_target("290%"))
    assert is_damaged(read_actual("^80%", read_target("80%")))
    assert not is_damaged(read_target("≥290%"))
    assert not is_damaged(read_target("7,00.0,77"))


@pytest.mark.parametrize(
    "piece", ["9-", "1/", "5%", "A1", "、5个", "年月日", "1、a", "2023年12月底前完成", "至少全年完成2次宣传"]
)
def test_an_essay_is_no_value(piece: str) -> None:
    """A cell may hold 32 767 characters; no search for a value runs away on it, and none is found."""
    text = piece * (32_000 // len(piece))
    target = read_target(text, Around(year=2023, level2="时效指标"))
    assert (target.kind, target.value) == ("qualitative", None)
    assert read_actual(text, read_target("≥5次"), Around(year=2023)).value is None
