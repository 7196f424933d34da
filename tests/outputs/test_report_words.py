"""How the report words figures, reasons and itself: one line a case."""

from __future__ import annotations

from decimal import Decimal

import pytest

from perfbatch.outputs.report.phrases import (
    a_project,
    band,
    before_figure,
    causes,
    clipped,
    common_cause,
    day,
    done,
    given_reasons,
    listed,
    money,
    ourselves,
    plans,
    target,
)

D = Decimal


@pytest.mark.parametrize(
    ("value", "text"),
    [("4660.46", "4660.46万元"), ("50", "50万元"), ("50.00", "50万元"), ("2.675", "2.68万元"), ("0", "0万元"),
     ("0.003", "0.003万元"), ("-1.5", "-1.5万元"), ("1E+3", "1000万元")],
)  # fmt: skip
def test_money(value, text):
    assert money(D(value)) == text


@pytest.mark.parametrize(
    ("unit", "word"),
    [("安肃镇", "我镇"), ("示例镇人民政府", "我镇"), ("示例乡", "我乡"), ("示例街道办事处", "我街道"),
     ("示例区财政局", "我局"), ("示例县第一中学", "我校"), ("示例医院", "我院"), ("某某公司", "我单位"),
     ("", "我单位")],
)  # fmt: skip
def test_ourselves(unit, word):
    assert ourselves(unit) == word


@pytest.mark.parametrize(
    ("text", "operator", "said"),
    [("=156.9亩", "eq", "等于156.9亩"), ("≥30人", "ge", "不低于30人"), ("≤160元/人", "le", "不超过160元/人"),
     ("＜5起", "lt", "低于5起"), (">3次", "gt", "高于3次"), ("156.9", "eq", "等于156.9"),
     ("30-50人", "range", "为30-50人"), ("得到改善", "none", "为得到改善"),
     ("不少于30人", "ge", "为不少于30人"), ("", "ge", "（未填指标值）")],
)  # fmt: skip
def test_target(text, operator, said):
    assert target(text, operator) == said


@pytest.mark.parametrize(
    ("cell", "cause", "plan"),
    [
        ("因财力紧张，项目未执行；下一步积极筹措资金。", "因财力紧张，项目未执行", "积极筹措资金"),
        ("群众外出务工，下一步加强沟通", "群众外出务工", "加强沟通"),
        ("原因：材料涨价；改进措施：加强询价", "材料涨价", "加强询价"),
        ("项目拟建设地点调整", "项目拟建设地点调整", ""),
        ("进度滞后。拟于明年完工", "进度滞后", "拟于明年完工"),
        ("下一步加强管理", "", "加强管理"),
        ("第一行\n第二行", "第一行 第二行", ""),
        ("", "", ""),
    ],
)
def test_a_reason_cell_has_causes_and_plans(cell, cause, plan):
    assert (causes(cell), plans(cell)) == (cause, plan)


@pytest.mark.parametrize(
    ("cells", "shared"),
    [
        (["因财力紧张，项目未执行；下一步筹资", "因财力紧张，粮食补助款未执行"], "财力紧张"),
        (["因财力紧张，项目未执行", "因财力紧张，项目未执行。"], "财力紧张，项目未执行"),
        (["财力紧张", "土地未批"], ""),
        (["财力紧张", "", "无"], "财力紧张"),
        (["因素众多"], "因素众多"),
        (["无", "/"], ""),
        ([], ""),
    ],
)
def test_only_what_all_reasons_share_is_said_of_all(cells, shared):
    assert common_cause(cells) == shared


def test_bands_dates_and_names():
    assert [band(name, 3) for name in ("90+", "60-90", "<60")] == ["90分以上的3个", "60至90分3个", "60分以下3个"]
    assert [day("2024-03-18"), day("二〇二四年三月"), day("")] == ["2024年3月18日", "二〇二四年三月", ""]
    assert [a_project("取暖补助"), a_project("治理项目")] == ["取暖补助项目", "治理项目"]
    assert [before_figure("经费"), before_figure("项目3")] == ["经费", "“项目3”"]
    assert listed(["甲", "乙", "丙"], most=2) == "甲、乙等3个项目"
    assert listed(["", "乙"]) == "（未填项目名称）、乙"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("救助困难群众人次", "335人次", "救助困难群众335人次"), ("举办培训期数", "9期", "举办培训9期"),
     ("补偿户数", "37户", "补偿37户"), ("考核评分", "89.5分", "考核评分89.5分"),
     ("道路养护里程", "37公里", "道路养护里程37公里"), ("购置设备数量", "15台", "购置设备数量15台"),
     ("满意度", "98%", "满意度98%"), ("办事效率", "有效提升", "办事效率为有效提升"),
     ("户数", "37户", "户数37户"), ("方案1", "3个", "方案1为3个"), ("完成时间", "2023年5月", "完成时间2023年5月")],
)  # fmt: skip
def test_a_value_has_its_unit_once(name, value, said):
    assert done(name, value) == said


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [("一二三。", 10, "一二三"), ("一二三四五。六七八九十。", 8, "一二三四五"),
     ("一二三，四五六，七八九", 8, "一二三，四五六"),
     ("一二三四五六七八九十。后面", 5, "一二三四五六七八九十"), ("一二三四五六七八九十", 5, "一二三四五六七八九十"),
     ("", 5, "")],
)  # fmt: skip
def test_what_is_quoted_ends_at_a_sentence_or_a_clause(text, most, kept):
    assert clipped(text, most) == kept


def test_reasons_together_keep_within_two_lines_and_say_no_clause_twice():
    cells = ["因财力紧张，项目未执行；下一步筹措资金", "因财力紧张，补助未发放", "无", "", "长" * 60]
    assert given_reasons(cells, 30) == "因财力紧张，项目未执行；补助未发放"
    assert given_reasons(["排查、化解矛盾纠纷的数量难以预判"]) == "排查、化解矛盾纠纷的数量难以预判"
