"""Headers as people compose them: each of the usual words in its place on one form is read, on the form and by check.

The vocabulary spells such words with alternatives (``{年初|年度|}{指标|目标}值``); the rest stays a question.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from support import drawing

from perfbatch.config import Settings
from perfbatch.forms import vocabulary
from perfbatch.model import Finding, WorkbookResult
from perfbatch.pipeline import process_workbook

FORM = """
项目支出绩效自评表 │ < │ < │ < │ < │ < │ < │ <
（2023年度） │ < │ < │ < │ < │ < │ < │ <
{项目名称} │ 村道养护（虚构） │ < │ < │ < │ < │ < │ <
{主管部门} │ 河滨县交通运输局 │ < │ < │ {实施单位} │ 柳溪镇人民政府 │ < │ <
项目资金（万元） │ │ {年初预算数} │ {全年预算数} │ {全年执行数} │ 分值 │ {执行率} │ 得分
^ │ 年度资金总额 │ 40 │ 50 │ 45 │ 10 │ 90% │ 9
绩效指标 │ 一级指标 │ 二级指标 │ {三级指标} │ {年度指标值} │ {实际完成值} │ {分值} │ {得分} │ {偏差原因分析及改进措施}
^ │ 产出指标 │ 数量指标 │ 养护里程 │ ≥30公里 │ 30.5公里 │ 50 │ 50 │
^ │ 效益指标 │ 社会效益指标 │ 受益村庄 │ ≥12个 │ 12个 │ 30 │ 30 │
^ │ 满意度指标 │ 服务对象满意度指标 │ 群众满意度 │ ≥90% │ 81% │ 10 │ 9 │ 两村改线未养护，已列入2024年养护计划。
总分 │ < │ < │ < │ < │ < │ 100 │ 98 │
"""
WORDS = {
    "项目名称": "项目支出名称 项目（资金）名称 政策和项目名称",
    "主管部门": "业务主管部门 上级主管部门 主管单位 归口管理部门 一级预算单位",
    "实施单位": "使用单位 实施主体 预算执行单位 具体实施单位 项目实施单位名称",
    "年初预算数": "年初批复数 年初部门预算 批复数 预算批复数 年初下达数 预算数（年初）",
    "全年预算数": "年末预算数 调整后预算金额 全年预算总额 下达预算数 本年预算数 预算金额 预算数（调整后）",
    "全年执行数": "实际执行数 全年实际支出 已支付金额 本年支出数 资金使用数 实支数 执行额",
    "执行率": "预算资金执行率 全年执行率 支付率 预算完成率 资金支出率（%） 资金使用率",
    "三级指标": "具体指标 三级指标内容 三级绩效指标 考核指标",
    "年度指标值": "绩效目标值 年初设定目标值 年初计划值 批复指标值 全年目标值 预期完成值 设定值 年度绩效指标值（A）",
    "实际完成值": "实际完成数 全年完成情况 年末完成值 实际达成值 指标实际值 指标实际完成情况 实际完成结果（B）",
    "分值": "满分 权重分 权重% 设定分值 指标满分值 应得分 分值权重（100分）",
    "得分": "实得分 评分 打分 单位自评得分 自评评分 得分情况 指标自评得分",
    "偏差原因分析及改进措施": "原因分析 扣分依据 未完成情况说明 偏差（扣分）原因",
}


def read(folder: Path, form: str) -> WorkbookResult:
    path = drawing.write(folder / "表.xlsx", {"自评表": drawing.parse(form)})
    return process_workbook(path, path.name, Settings())


def drawn(**words: str) -> str:
    text = FORM
    for usual in WORDS:
        text = text.replace(f"{{{usual}}}", words.get(usual, usual))
    return text


def errors(result: WorkbookResult) -> list[Finding]:
    return [one for one in result.findings if one.severity == "error"]


@pytest.mark.parametrize(("usual", "word"), [(usual, word) for usual, words in WORDS.items() for word in words.split()])
def test_a_header_is_read_by_any_of_its_names(tmp_path: Path, usual: str, word: str) -> None:
    result = read(tmp_path, drawn(**{usual: word}))
    assert result.frames is not None and result.status == "ok" and not errors(result)
    assert [sheet.unread for sheet in result.sheets] == [()]
    (project,) = result.frames.projects.to_dict("records")
    shown = [str(project[name]) for name in ("project_name", "department", "unit")]
    assert shown == ["村道养护（虚构）", "河滨县交通运输局", "柳溪镇人民政府"]
    (money,) = result.frames.funds[["initial", "adjusted", "executed", "rate_text"]].astype(str).values.tolist()
    assert money == ["40", "50", "45", "90%"]
    columns = ["level3", "target_text", "actual_text", "points_text", "score_text", "reason"]
    assert result.frames.indicators[columns].values.tolist() == [
        ["养护里程", "≥30公里", "30.5公里", "50", "50", ""],
        ["受益村庄", "≥12个", "12个", "30", "30", ""],
        ["群众满意度", "≥90%", "81%", "10", "9", "两村改线未养护，已列入2024年养护计划。"],
    ]


@pytest.mark.parametrize(("points", "score"), [("权重分", "单位自评得分"), ("满分", "评分"), ("应得分", "实得分")])
def test_the_money_has_the_same_names_for_points_and_score(tmp_path: Path, points: str, score: str) -> None:
    form = drawn().replace("│ 分值 │ 执行率 │ 得分", f"│ {points} │ 执行率 │ {score}")
    result = read(tmp_path, form)
    assert result.frames is not None and not errors(result) and result.sheets[0].unread == ()
    columns = ["execution_points", "execution_score_declared"]
    assert result.frames.projects[columns].astype(str).values.tolist() == [["10", "9"]]


def test_no_word_has_two_meanings_in_a_block() -> None:
    """Alternatives are multiplied out, so that two lists may meet unseen."""
    for block in ("head", "fund", "indicator", "listing"):
        names: dict[str, set[str]] = {}
        for name, words in vocabulary._document()[block].items():
            for word in words:
                for parts in product(*(part.split("|") for part in word.replace("}", "{").split("{"))):
                    names.setdefault("".join(parts), set()).add(name)
        assert {word: some for word, some in names.items() if len(some) > 1} == {}


def test_years_of_a_longer_project_are_no_amounts_of_this_one(tmp_path: Path) -> None:
    result = read(tmp_path, drawn(全年执行数="累计执行数"))
    assert result.frames is not None and result.frames.projects["executed"].tolist() == [None] and not errors(result)


@pytest.mark.parametrize("sign", ["，", ",", "；", "、", "/", "|", "。", "  ", "⏎"])
def test_fields_of_one_cell_end_where_the_next_begins(tmp_path: Path, sign: str) -> None:
    """项目名称：甲，主管部门：乙，实施单位：丙 in one cell: the name took all of it in, and nothing was said."""
    one = sign.join(["项目名称：村道养护（虚构）", "主管部门：河滨县交通运输局", "实施单位：柳溪镇人民政府"])
    lines = drawn().strip().split("\n")
    result = read(tmp_path, "\n".join([*lines[:2], one + " │ <" * 6, *lines[4:]]))
    assert result.frames is not None
    (project,) = result.frames.projects[["project_name", "department", "unit"]].values.tolist()
    assert project == ["村道养护（虚构）", "河滨县交通运输局", "柳溪镇人民政府"]


def test_a_name_without_a_known_label_is_a_question(tmp_path: Path) -> None:
    result = read(tmp_path, drawn(项目名称="事项"))
    assert not errors(result)
    assert result.status == "partial" and any("村道养护" in left.text for left in result.sheets[0].unread)


def test_a_rate_by_the_whole_budget_is_no_error_where_the_base_is_assumed(tmp_path: Path) -> None:
    """Forms of Beijing measure by the initial budget and mark it (A); the words 得分计算方法 alone prove no Beijing."""
    form = (
        drawn().replace("│ 三级指标 │", "│ 三级指标 │ 得分计算方法 │").replace("│ 养护里程 │", "│ 养护里程 │ 按比例 │")
    )
    form = form.replace("│ 受益村庄 │", "│ 受益村庄 │ 按比例 │").replace("│ 群众满意度 │", "│ 群众满意度 │ 按比例 │")
    result = read(tmp_path, form.replace("总分 │", "总分 │ < │"))
    found = {one.code: one.severity for one in result.findings if one.code in ("FU01", "FU02")}
    assert found == {"FU01": "warning", "FU02": "warning"}


def test_an_amount_that_is_none_is_said_beside_cells_that_were_not_read(tmp_path: Path) -> None:
    form = drawn().replace("│ 45 │ 10 │ 90% │ 9", "│ 30+15=45 │ 10 │ 90% │ 9 │ 追加12万元")
    found = [(one.code, one.cell) for one in read(tmp_path, form).findings if one.code == "FU12"]
    assert len(found) == 1


def test_a_total_in_a_sentence_is_told(tmp_path: Path) -> None:
    form = drawn().replace(
        "总分 │ < │ < │ < │ < │ < │ 100 │ 98 │", "总分100分，自评得分98分，评价等级：优 │ < │ < │ < │ < │ < │ < │ <"
    )
    result = read(tmp_path, form)
    assert not errors(result) and "总分100分，自评得分98分，评价等级：优" in [
        left.text for left in result.sheets[0].unread
    ]
