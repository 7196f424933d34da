"""What is read out of a self-evaluation report (facts of the township report of the reference case)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfbatch.checks.amounts import amounts_in
from perfbatch.checks.report_text import (
    Band,
    read_report,
    stated_progress,
    stated_scores,
    stated_value,
    subject,
)

REPORT = """安肃镇部门年度预算项目绩效自评工作报告

一、绩效自评工作组织开展情况
根据通知要求，在一体化系统填写2023年度预算项目绩效自评表，撰写自评报告。
预算项目支出总计4660.46万元，自评得分 90分以上的81个，得分60至90分0个，60分以下2个。其中，\
抽查项目5个，分别是政府机关维护运行(运转保障)16.81万元、安肃镇铁市场旱厕整改费用64.33万元，选任专职人民调解员经费9.72万元、\
拨付安肃镇购置应急保障公务用车经费10.77万元、瀑河生态治理项目临时占地补偿费用50万元。
安肃镇铁市场旱厕整改费用项目为2023年追加预算安排的工程建设类项目，项目2021年9月8日开工，2021年10月25日竣工。该项目绩效自评得分100分。
我镇2023年预算支出项目83个，81个项目完成了预期绩效目标，2个未完成，具体项目是津保公路拆迁户安置取暖补助及久久集团检波器项目粮食补助款项目，未完成原因是财力紧张，两个预算项目未执行。
[bookmark: _GoBack]一是主动工作抓创新。
                               2024年3月18日"""


def test_the_reference_report() -> None:
    """Every figure that the tables can confirm is found, and the narrative's dates are not the report's."""
    report = read_report(REPORT)
    assert (report.year, report.dated) == (2023, date(2024, 3, 18))
    assert report.total is not None
    assert (report.total[0], report.total[1].wan) == ("预算项目支出总计", Decimal("4660.46"))
    assert report.bands == (Band(90, None, 81), Band(60, 90, 0), Band(None, 60, 2))
    assert (report.projects, report.completed, report.unexecuted) == (83, 81, 2)
    assert report.sample_count == 5
    assert [(item.name, item.amount.text) for item in report.sample] == [
        ("政府机关维护运行(运转保障)", "16.81万元"),
        ("安肃镇铁市场旱厕整改费用", "64.33万元"),
        ("选任专职人民调解员经费", "9.72万元"),
        ("拨付安肃镇购置应急保障公务用车经费", "10.77万元"),
        ("瀑河生态治理项目临时占地补偿费用", "50万元"),
    ]
    scored = [s for s in report.statements if stated_scores(s)]
    assert [stated_scores(s) for s in scored] == [[Decimal(100)]], "90分以上 is a band, not a score"


def test_names_and_targets_in_the_narrative() -> None:
    """The project a paragraph is about, and the target it gives for an indicator."""
    assert subject("安肃镇铁市场旱厕整改费用项目为2023年追加预算安排的") == "安肃镇铁市场旱厕整改费用"
    assert subject("通过项目的实施,整改厕所3个") == ""
    text = "数量指标补偿面积设定等于156.9亩,成本指标中的预算项目控制数等于492125元,只补偿了116.95亩"
    assert stated_value(text, "补偿面积") == "156.9亩"
    assert stated_value("人均培训费用设定不超过160元/人,实际完成163.2元/人", "人均培训费用") == "160元/人"
    assert stated_value(text, "预算项目控制数") == "492125元"
    assert stated_value(text, "补偿户数") == ""


@pytest.mark.parametrize(
    ("text", "bands"),
    [
        ("得分90分（含）以上的项目有12个，60分以下的有1个。", (Band(90, None, 12), Band(None, 60, 1))),
        ("三个项目得分在90分以上。", (Band(90, None, 3),)),
        ("80-90分的5个。", (Band(80, 90, 5),)),
        ("各项目自评得分均较高。", ()),
    ],
)
def test_bands_in_other_words(text: str, bands: tuple[Band, ...]) -> None:
    """Counts in figures or numerals, before or behind the bound."""
    assert read_report(text).bands == bands


def test_progress() -> None:
    """Budget, spending and the rate printed with them; two sentences are not one calculation."""
    (statement,) = read_report("全年预算90万元，已拨付30万元，支付率100%。").statements
    ((budget, spent, rate),) = stated_progress(statement)
    assert (budget.wan, spent.wan, rate) == (Decimal(90), Decimal(30), "100")


@given(st.text(alphabet="项目支出总计自评得分以上下至个抽查是为年月万元分%0123456789.，。、；\n（）", max_size=200))
def test_any_text_is_read(text: str) -> None:
    """A report of any wording is read without an error, and what it says is quoted from it."""
    report = read_report(text)
    for statement in report.statements:
        stated_scores(statement)
        stated_progress(statement)
        subject(statement.text)
    assert all(item.amount.text in report.text for item in report.sample)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("28600元", [("28600元", "2.86", True, False)]),
        ("预算１,437.5万元", [("1,437.5万元", "1437.5", False, False)]),
        ("预算３千元，支出0.3亿元", [("3千元", "0.3", False, False), ("0.3亿元", "3000", False, False)]),
        ("每人补助1000元，共3万元", [("1000元", "0.1", False, True), ("3万元", "3", False, False)]),
        ("按1600元/亩兑付", [("1600元", "0.16", False, True)]),
        ("7,00.0,77万元", []),
        ("550万粒", []),
    ],
)
def test_amounts(text: str, found: list[tuple[str, str, bool, bool]]) -> None:
    """Text, 万元, whether it is the whole text, whether it is a price per head."""
    wanted = [(amount, Decimal(wan), alone, per_head) for amount, wan, alone, per_head in found]
    assert [(a.text, a.wan, a.alone, a.per_head) for a in amounts_in(text)] == wanted


@given(st.decimals(min_value=0, max_value=10**9, places=4), st.sampled_from(["元", "千元", "万元", "亿元"]))
def test_amounts_are_exact(value: Decimal, unit: str) -> None:
    """An amount printed in any unit is that amount of 万元, to the last digit."""
    (amount,) = amounts_in(f"支出{value:f}{unit}。")
    assert amount.wan == value * {"元": 1, "千元": 1000, "万元": 10_000, "亿元": 10**8}[unit] / 10_000
