"""The Word report of the reference case states what the real report of the township states, read back from the file.

Expected figures come from `support.seed_facts`, copied by hand from the real report; nothing of the generator.
"""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from support import seed_facts as seed
from support.reports import FORMS, NOTICE, Written, objections, reference, written

from perfbatch.checks.report_text import Band, read_report
from perfbatch.config import Settings
from perfbatch.outputs.report.phrases import TWO_LINES


@pytest.fixture(scope="module", params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def report(form, tmp_path_factory) -> Written:
    return written(tmp_path_factory.mktemp(form), reference(form))


def number(value: Decimal) -> str:
    return format(value.normalize(), "f")


def test_it_has_the_sections_of_the_real_report_in_order(report):
    headings = [p.text for p in report.document.paragraphs if p.style.name.startswith("Heading")]
    assert headings == [
        "一、绩效自评工作组织开展情况",
        "二、绩效目标实现情况",
        "（一）部门总体工作开展情况",
        "（二）具体预算支出项目的预期绩效目标完成情况、存在问题及评价结论",
        "三、绩效目标设定质量情况",
        "四、整改措施及结果应用",
    ]
    assert report.paragraphs[0] == "安肃镇\n2023年度部门预算项目绩效自评工作报告"
    assert f"根据{NOTICE}要求" in report.paragraphs[2]
    end = report.paragraphs.index("附件1")
    assert report.paragraphs[end - 2 : end] == ["安肃镇", "2024年3月18日"]


def test_total_bands_and_counts(report, form):
    said = read_report(report.body)
    label, amount = said.total
    assert amount.wan == seed.EXECUTED
    assert "支出" in label
    assert said.bands == (Band(90, None, 81), Band(60, 90, 0), Band(None, 60, 2))
    assert (said.projects, said.unexecuted) == (83, 2)
    assert "83个，81个项目总体完成了预期绩效目标，2个未完成" in report.body
    assert said.rate == Decimal("99.18")
    initial = "【待填写：年初预算数合计，单位万元】" if form == "hebei" else "4160.93万元"  # 4160.925; not on that form
    assert f"年初预算数{initial}；" in report.body
    assert f"全年预算数{seed.SAMPLE_BUDGET_ADJUSTED}万元" in report.body


def test_spot_checked_projects_with_amounts_in_order(report):
    sample = read_report(report.body).sample
    assert {item.name: item.amount.wan for item in sample} == {n: p.executed for n, p in seed.SAMPLED.items()}
    assert f"抽查项目占项目总数的6.02%，抽查金额合计{seed.SAMPLED_EXECUTED}万元，占全年执行数的3.25%。" in report.body
    assert "应抽13个" in "\n".join(report.comments), "the share of the rule stands beside the hand-picked list"


@pytest.mark.parametrize("name", seed.SAMPLED)
def test_each_spot_checked_project_has_its_paragraph(report, name):
    facts, text = seed.SAMPLED[name], report.about(name)
    assert re.match(re.escape(name) + f"项目为2023年{facts.origin}安排的{facts.category}项目，", text)
    assert f"全年执行数{number(facts.executed)}万元" in text
    assert text.endswith(f"该项目绩效自评得分{facts.score}分。")


def test_unexecuted_projects_with_the_reason_of_the_forms(report, form):
    text = report.about("我镇2023年预算支出项目83个")
    assert "、".join(seed.UNEXECUTED) in text
    reason = "【待填写：未执行原因" if form == "hebei" else f"未完成原因是{seed.UNEXECUTED_CAUSE}"
    assert reason in text, "the Hebei form has no place for a reason"
    assert "2个预算项目未执行" in text


def test_deviating_indicators_with_their_figures(report):
    for row in seed.DEVIATIONS:
        text = report.about(f"{row.project}项目，产出指标")
        assert row.indicator in text
        if row.target is not None:
            figures = f"{row.indicator}设定等于{number(row.target)}{row.unit}，实际完成{number(row.actual)}{row.unit}"
            assert f"{figures}，完成率{number(row.completion * 100)}%" in text
    assert len([t for t in report.paragraphs if re.match("[^，]+项目，产出指标", t)]) == 3


def test_the_price_that_does_not_fit_is_a_question(report):
    text = report.about("1.目标与实际的折算单价不一致")
    assert seed.GREENWAY in text
    assert "3136.55元/亩" in text
    assert "2500元/亩" in text
    assert "可能不是按同一单价测算的" in text
    assert "是否属实以核实结果为准" in report.body


def test_the_checks_of_reports_have_nothing_to_object(report, form):
    assert objections(reference(form), report.body) == []
    assert objections(reference(form), report.text) == []


def test_the_checks_of_reports_would_have_objected(report, form):
    wrong = report.body.replace("16.81万元", "16.18万元").replace("得分90分以上的81个", "得分90分以上的80个")
    assert {finding.code for finding in objections(reference(form), wrong)} >= {"RP02", "RP07"}


def test_annexes_hold_all_projects_and_the_sums(report, form):
    rows = report.table("序号", "项目名称", "全年预算数", "全年执行数", "执行率", "自评得分")
    assert len(rows) == seed.PROJECTS
    assert sum(Decimal(row[3].replace(",", "")) for row in rows) == pytest.approx(seed.EXECUTED, abs=Decimal("0.5"))
    sums = report.table("项目", "个数")
    assert sums[0][:2] == ["合计", "83"]
    assert sums[0][2:5] == ["—" if form == "hebei" else "4,160.93", "4,699.13", "4,660.46"]
    groups = [row for row in sums if row[0].endswith("类")]
    assert sum(Decimal(row[4].replace(",", "")) for row in groups) == seed.EXECUTED
    counted = {row[0]: row[1] for row in report.table("得分、等级")}
    assert (counted["90分以上（含90分）"], counted["60分以下"], counted["总体完成"]) == ("81", "2", "81")


def test_reasons_are_copied_word_for_word(report, form):
    rows = report.table("序号", "项目名称", "指标名称")
    (row,) = [row for row in rows if row[2] == "征兵数量"]
    assert row[3:5] == [">=30人" if form == "hebei" else "≥30人", "18人"]
    given = "与主管部门沟通不够，设置征兵数量与完成数量差异较大；下一步项目申报前主动与主管部门对接。"
    assert row[-1] == ("（未填写）" if form == "hebei" else given)


def test_what_only_a_human_knows_is_left_open(report, form):
    """At most twelve places; the Hebei form has no reasons, so that these and what follows from them are asked for."""
    assert report.slots == len(report.highlighted) <= (12 if form != "hebei" else 16)
    assert all(re.fullmatch("【待填写：.+】", text) for text in report.highlighted)
    assert report.body.count("【待填写：") == report.slots
    for place in ("重点工作", "立项依据", "采购项目的采购方式", "审计发现问题", "自评工作机制"):
        assert any(place in text for text in report.highlighted), place
    assert "未发现问题。" not in report.body
    assert report.document.core_properties.content_status == "草稿"


def test_without_any_setting_at_most_twelve_places_are_left(form, tmp_path):
    bare = written(tmp_path, reference(form), Settings())
    assert bare.slots <= (12 if form != "hebei" else 18)


def test_money_by_source_and_from_the_first_budget_to_what_is_left(report, form):
    text = report.about("83个项目年初预算数")
    if form == "hebei":
        assert "比年初" not in text, "the form states no first budget"
    else:
        assert "全年预算数4699.13万元（比年初增加538.21万元），全年执行数4660.46万元，结余38.67万元，" in text
    if form == "national":
        assert "按资金来源分，财政拨款83个项目、4601.18万元，执行4562.51万元；上年结转3个项目、97.95万元。" in text


def test_levels_with_their_mean_scores_and_the_range_of_satisfaction(report, form):
    text = report.about("按一级指标统计")
    assert "满意度指标83条，80条达到指标值" in text
    assert "已执行项目的满意度指标完成值在90.5%至97.5%之间。" in text


def test_nothing_is_said_of_a_spot_check_that_nobody_made(report):
    assert "抽取5个项目作为抽查对象" in report.body
    for word in ("核查佐证资料", "组织抽查", "已复核", "抽查复核得分"):
        assert word not in report.body


FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?(?:万元|元/亩|亩|分|件|人次|人)")


def test_no_amount_or_result_stands_twice_in_a_paragraph_on_a_project(report):
    for text in report.paragraphs:
        if "该项目绩效自评得分" in text:
            found = FIGURE.findall(text)
            assert len(found) == len(set(found)), text


def test_no_quoted_reason_is_longer_than_two_lines(report):
    for text in report.body.splitlines():
        for reason in re.findall("原因是：?([^。【]*)。", text):
            assert len(reason) <= TWO_LINES, reason


def test_no_question_gives_examples_that_are_alike(report):
    for text in report.body.splitlines():
        if re.match(r"\d\.", text):
            shapes = [
                re.sub("^[^：]*：|“[^”]*”", "", example) for example in re.split("(?<=。)", text.partition("如，")[2])
            ]
            shapes = [shape for shape in shapes if shape]
            assert len(shapes) == len(set(shapes)), text


def test_columns_of_the_annexes_have_one_number_format(report):
    for rows in report.tables:
        for column in zip(*(row for row in rows[1:] if len(set(row)) > 1), strict=False):
            numbers = [text for text in column if re.fullmatch(r"-?[\d,]+(\.\d+)?%?", text)]
            assert len({(text.endswith("%"), len(text.partition(".")[2])) for text in numbers}) <= 1, numbers
