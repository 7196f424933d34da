"""Self-evaluations of special kinds (shapes e and b of the domain reference): read to the cell, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import drawing

from perfbatch.config import Settings
from perfbatch.decimals import plain
from perfbatch.model import WorkbookResult
from perfbatch.pipeline import process_workbook

BOND = """
地方政府专项债券项目资金绩效自评表（2023年度） │ < │ < │ < │ < │ < │ < │ <
项目名称 │ 污水处理厂扩建（虚构） │ < │ < │ 实施单位 │ 河滨县住建局 │ < │ <
自评总得分 │ 93.5 │ < │ < │ 自评等级 │ 优 │ < │ <
项目资金（万元） │  │ 全年预算数 │ 全年执行数 │ 执行率 │ 分值 │ 得分 │
^ │ 年度资金总额 │ 5000 │ 4500 │ 90% │ 10 │ 9 │
绩效总体目标 │ 建成日处理2万吨的污水处理厂。 │ < │ < │ 绩效总体目标完成情况 │ 完成主体工程建设。 │ < │ <
一级指标 │ 二级指标 │ 三级指标 │ 指标值 │ 绩效指标完成情况 │ 指标满分值/权重 │ 自评分 │ 偏差分析及整改措施
产出指标 │ 数量指标 │ 处理能力 │ ≥2万吨 │ 2万吨 │ 40 │ 40 │
^ │ 质量指标 │ 验收合格率 │ 100% │ 100% │ 20 │ 20 │
效益指标 │ 社会效益指标 │ 受益人口 │ ≥5万人 │ 4.5万人 │ 20 │ 18 │ 管网未全部接通，次年完成。
满意度指标 │ 服务对象满意度指标 │ 群众满意度 │ ≥90% │ 92% │ 10 │ 6.5 │
"""
SERVICE = """
政府购买服务项目绩效自评表（2023年度） │ < │ < │ < │ < │ < │ <
项目名称 │ 养老护理服务（虚构） │ < │ < │ < │ < │ <
购买主体 │ 河滨县民政局 │ < │ < │ 承接主体 │ 某某服务中心 │ <
项目资金（万元） │  │ 合同金额 │ 实际支付数 │ 执行率 │ 分值 │ 得分
^ │ 年度资金总额 │ 50 │ 45 │ 90% │ 10 │ 9
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分
产出指标 │ 数量指标 │ 服务老人 │ ≥200人 │ 210人 │ 50 │ 50
效益指标 │ 社会效益指标 │ 护理达标率 │ ≥95% │ 96% │ 30 │ 30
满意度指标 │ 服务对象满意度指标 │ 老人满意度 │ ≥90% │ 95% │ 10 │ 10
总分 │ < │ < │ < │ < │ 100 │ 99
"""
BESIDE = """
转移支付绩效自评汇总表（2023年度） │ < │ < │ < │ < │ < │ < │ <
转移支付名称 │ 农村人居环境整治补助（虚构） │ < │ < │ < │ < │ < │ <
绩效指标 │ 一级指标 │ 二级指标 │ 三级指标 │ 甲乡 │ < │ 乙乡 │ <
^ │ ^ │ ^ │ ^ │ 年度指标值 │ 实际完成值 │ 年度指标值 │ 实际完成值
^ │ 产出指标 │ 数量指标 │ 改厕数量 │ ≥100座 │ 101座 │ ≥80座 │ 82座
^ │ ^ │ 质量指标 │ 合格率 │ ≥95% │ 96% │ ≥95% │ 97%
"""
BELOW = """
转移支付绩效自评汇总表（2023年度） │ < │ < │ < │ < │ < │ < │ <
转移支付名称 │ 农村人居环境整治补助（虚构） │ < │ < │ < │ < │ < │ <
资金使用单位 │ 一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 得分 │ 未完成原因
甲乡 │ 产出指标 │ 数量指标 │ 改厕数量 │ ≥100座 │ 101座 │ 20 │
^ │ ^ │ 质量指标 │ 合格率 │ ≥95% │ 96% │ 20 │
乙乡 │ 产出指标 │ 数量指标 │ 改厕数量 │ ≥80座 │ 82座 │ 20 │
^ │ ^ │ 质量指标 │ 合格率 │ ≥95% │ 97% │ 20 │
"""


def read(folder: Path, grid: str) -> WorkbookResult:
    path = drawing.write(folder / "表.xlsx", {"表": drawing.parse(grid)})
    return process_workbook(path, path.name, Settings())


def test_bond(tmp_path: Path) -> None:
    result = read(tmp_path, BOND)
    (sheet,) = result.sheets
    assert (sheet.kind, sheet.projects, sheet.indicators, sheet.unread) == ("bond", 1, 4, ())
    assert result.frames is not None
    (project,) = result.frames.projects.to_dict("records")
    assert [plain(project[name]) for name in ("budget_adjusted", "executed", "total_declared")] == [
        "5000",
        "4500",
        "93.5",
    ]
    assert (
        project["goal_expected"] == "建成日处理2万吨的污水处理厂。" and project["goal_actual"] == "完成主体工程建设。"
    )
    rows = result.frames.indicators.to_dict("records")
    assert [(row["actual_text"], plain(row["points"]), plain(row["score_declared"])) for row in rows] == [
        ("2万吨", "40", "40"), ("100%", "20", "20"), ("4.5万人", "20", "18"), ("92%", "10", "6.5"),
    ]  # fmt: skip
    assert rows[2]["reason"] == "管网未全部接通，次年完成。"


def test_purchased_services(tmp_path: Path) -> None:
    """The contract is the budget, what was paid the expenditure; the unit is who buys, not who serves."""
    result = read(tmp_path, SERVICE)
    (sheet,) = result.sheets
    assert (sheet.projects, sheet.indicators, sheet.unread) == (1, 3, ())
    assert result.frames is not None
    (project,) = result.frames.projects.to_dict("records")
    assert [plain(project[name]) for name in ("budget_adjusted", "executed", "total_declared")] == ["50", "45", "99"]
    assert (project["unit"], project["budget_initial"]) == ("河滨县民政局", None)


@pytest.mark.parametrize("grid", [BESIDE, BELOW], ids=["columns a unit", "rows a unit"])
def test_a_roll_up_by_units_is_refused_by_name(grid: str, tmp_path: Path) -> None:
    result = read(tmp_path, grid)
    assert result.frames is None
    (sheet,) = result.sheets
    told = "转移支付绩效自评表按资金使用单位（甲乡、乙乡）汇总，没有读取；请导出各资金使用单位自己的自评表"
    assert (sheet.kind, sheet.remark) == ("transfer", told)


POLICY = """
财政政策绩效自评价表（2024年度） │ < │ < │ < │ < │ < │ <
政策（项目）名称 │ 贷款贴息政策（虚构） │ < │ < │ 政策依据 │ 河政办发〔2023〕17号 │ <
牵头主管部门 │ 河滨县财政局 │ < │ < │ 执行单位 │ 河滨县金融服务中心 │ <
资金（万元） │ 预算安排数 │ 实际支出数 │ 预算执行率 │ 分值 │ 得分 │ 差异说明
^ │ 300 │ 285 │ 95% │ 10 │ 9.5 │ 两户放弃
指标类别 │ 指标维度 │ 指标名称 │ 年度目标值 │ 实际完成值 │ 指标分值 │ 自评得分
产出 │ 数量 │ 贴息企业户数 │ ≥150家 │ 156家 │ 50 │ 50
效益 │ 社会效益 │ 稳定就业人数 │ ≥2600人 │ 2710人 │ 30 │ 30
满意度 │ 服务对象满意度 │ 企业满意度 │ ≥92% │ 95% │ 10 │ 10
合计 │ < │ < │ < │ < │ 100 │ 99.5
"""
ADJUSTED = """
2024年度项目绩效自评表 │ < │ < │ < │ < │ < │ < │ <
项目名称 │ 农家书屋图书更新（虚构） │ < │ < │ 实施单位 │ 柳溪镇人民政府 │ < │ <
资金（万元） │ 年初预算数 │ 预算调整数（调增+，调减-） │ 全年预算数 │ 全年执行数 │ 预算执行率 │ 分值 │ 得分
^ │ 30 │ -6.4 │ 23.6 │ 23.6 │ 100 │ 10 │ 10
一级指标 │ 二级指标 │ 三级指标 │ 年初指标值 │ 调整后指标值 │ 实际完成值 │ 分值 │ 得分
产出指标 │ 数量指标 │ 更新图书册数 │ ≥12000册 │ ≥8800册 │ 8850册 │ 80 │ 80
满意度指标 │ 服务对象满意度指标 │ 读者满意度 │ ≥90% │ ≥90% │ 95% │ 10 │ 10
总分 │ < │ < │ < │ < │ < │ 100 │ 100
"""
YEARS = """
跨年度项目支出绩效自评表（2024年度） │ < │ < │ < │ < │ < │ < │ < │ <
项目名称 │ 供水改造（虚构） │ < │ < │ < │ 项目单位 │ 柳溪镇人民政府 │ < │ <
资金情况（万元） │ 资金来源 │ 实施期 │ < │ 本年度 │ < │ < │ 分值 │ 得分
^ │ ^ │ 项目总预算 │ 累计执行数 │ 年初预算数 │ 全年预算数 │ 全年执行数 │ ^ │ ^
^ │ 合计 │ 3600 │ 3302 │ 1200 │ 1150 │ 1127 │ 10 │ 9.8
总体目标 │ < │ 实施期总目标 │ < │ 本年度目标 │ < │ < │ 本年度目标完成情况 │ <
^ │ ^ │ 新建管网96公里。 │ < │ 新建管网32公里。 │ < │ < │ 新建管网32.5公里。 │ <
一级指标 │ 二级指标 │ 三级指标 │ 实施期指标 │ < │ 年度指标 │ < │ 分值 │ 得分
^ │ ^ │ ^ │ 实施期目标值 │ 累计完成值 │ 年度目标值 │ 年度完成值 │ ^ │ ^
产出指标 │ 数量指标 │ 新建管网 │ ≥96公里 │ 92.1公里 │ ≥32公里 │ 32.5公里 │ 90 │ 90
总分 │ < │ < │ < │ < │ < │ < │ 100 │ 99.8
"""
FACTS = ("project_name", "unit", "money_unit", "budget_adjusted", "executed", "total_declared")


def shown(result: WorkbookResult, *names: str) -> list[object]:
    assert result.frames is not None
    (project,) = result.frames.projects.to_dict("records")
    return [value if isinstance(value := project[name], str) else plain(value) for name in names]


def lines(result: WorkbookResult, *names: str) -> list[tuple[object, ...]]:
    assert result.frames is not None
    return [tuple(row[name] for name in names) for row in result.frames.indicators.to_dict("records")]


def test_a_policy_is_a_project(tmp_path: Path) -> None:
    result = read(tmp_path, POLICY)
    assert shown(result, *FACTS, "department", "fund_reason") == [
        "贷款贴息政策（虚构）", "河滨县金融服务中心", "万元", "300", "285", "99.5", "河滨县财政局", "两户放弃",
    ]  # fmt: skip
    assert lines(result, "level1", "level2") == [
        ("产出指标", "数量指标"), ("效益指标", "社会效益指标"), ("满意度指标", "服务对象满意度指标"),
    ]  # fmt: skip
    assert result.sheets[0].unread == () and not [one for one in result.findings if one.severity == "error"]


def test_what_was_adjusted_counts_as_adjusted(tmp_path: Path) -> None:
    """The change of the budget is no budget, and the target of the beginning is not the one to be reached."""
    result = read(tmp_path, ADJUSTED)
    assert shown(result, *FACTS, "budget_initial") == [
        "农家书屋图书更新（虚构）", "柳溪镇人民政府", "万元", "23.6", "23.6", "100", "30",
    ]  # fmt: skip
    assert lines(result, "target_text", "initial_target") == [("≥8800册", "≥12000册"), ("≥90%", "≥90%")]
    assert result.sheets[0].unread == () and not [one for one in result.findings if one.severity == "error"]


DIVIDED = """
项目支出绩效自评表（2023年度） │ < │ < │ < │ < │ < │ < │ < │ < │ <
项目名称 │ 渡口修缮（虚构） │ < │ < │ < │ 实施单位 │ 河滨县航道站 │ < │ < │ <
项目资金（万元） │ 资金来源 │ {first} │ < │ < │ {second} │ < │ < │ 执行率 │ 得分
^ │ ^ │ {words} │ ^ │ ^
^ │ 年度资金总额 │ {figures} │ 98% │ 9.8
{more}一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ < │ 实际完成值 │ < │ 分值 │ 得分 │ 未完成原因
产出指标 │ 数量指标 │ 修缮渡口 │ ≥6处 │ < │ 6处 │ < │ 90 │ 90 │
总分 │ < │ < │ < │ < │ < │ < │ 100 │ 99.8 │
"""
QUARTERS = ("一季度", "二、三季度")


@pytest.mark.parametrize(
    ("words", "figures", "told"),
    [
        ("当年预算 │ 上年结转 │ 合计 │ 一季度 │ 二、三季度 │ 累计", "80 │ 20 │ 100 │ 20 │ 30 │ 98", QUARTERS),
        ("合计 │ 当年预算数 │ 上年结转数 │ 全年 │ 一季度 │ 二、三季度", "100 │ 80 │ 20 │ 98 │ 20 │ 30", QUARTERS),
        ("财政资金 │ 小计 │ 其他资金 │ 财政资金 │ 小计 │ 其他资金", "90 │ 100 │ 10 │ 88 │ 98 │ 10", ()),
        (
            "小计 │ 其中：上年结转 │ 其中：省级资金 │ 小计 │ 其中：上年结转 │ 其中：省级资金",
            "100 │ 20 │ 30 │ 98 │ 20 │ 30",
            (),
        ),
    ],
)
def test_of_a_divided_amount_the_sum_is_the_value(
    words: str, figures: str, told: tuple[str, ...], tmp_path: Path
) -> None:
    """The sum is the amount wherever it stands below 全年预算数; its parts are sources, told, or no whole (其中)."""
    grid = DIVIDED.format(first="全年预算数", second="全年执行数", words=words, figures=figures, more="")
    result = read(tmp_path, grid)
    assert shown(result, "budget_adjusted", "executed") == ["100", "98"]
    assert not [one for one in result.findings if one.severity == "error"]
    assert {left.header for left in result.sheets[0].unread} >= set(told)


@pytest.mark.parametrize("second", ["全年执行数", "资金执行情况"])
def test_of_a_divided_amount_no_part_is_the_value(second: str, tmp_path: Path) -> None:
    words, figures = "小计 │ 财政资金 │ 其他资金 │ 上半年 │ 7—9月 │ 四季度", "100 │ 90 │ 10 │ 40 │ 20 │ 38"
    grid = DIVIDED.format(first="全年预算数", second=second, words=words, figures=figures, more="")
    result = read(tmp_path, grid)
    assert shown(result, "budget_adjusted", "executed") == ["100", ""]
    assert {left.header for left in result.sheets[0].unread} >= {"上半年", "四季度"}
    assert not [one for one in result.findings if one.severity == "error"]


BANDS = """
项目支出绩效自评表（2023年度） │ < │ < │ < │ < │ <
项目名称 │ 灌渠清淤（虚构） │ < │ 实施单位 │ 河滨县灌区管理所 │ <
二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分
{first} │ {rest}
数量指标 │ 清淤渠道 │ ≥42公里 │ 43公里 │ 40 │ 40
质量指标 │ 验收合格率 │ 100% │ 100% │ 20 │ 20
{second} │ {rest}
成本指标 │ 每公里成本 │ ≤2万元 │ 1.9万元 │ 40 │ 39.25
总分 │ < │ < │ < │ 100 │ 99.25
"""


@pytest.mark.parametrize("rest", ["< │ < │ < │ < │ <", "│ │ │ │"])  # as a csv has it
@pytest.mark.parametrize(
    ("first", "second", "points"),
    [
        ("产出指标", "效益指标", ["", ""]),
        ("（一）产出指标（60分）", "（二）效益指标（40分）", ["60", "40"]),
        ("一、产出指标（小计60分，自评得分60分）", "二、效益指标（小计40分，自评得分39.25分）", ["60", "40"]),
        ("1.产出指标（得分60分，满分60分）", "2.效益指标（得分39.25分，满分40分）", ["60", "40"]),
    ],
)
def test_a_row_of_a_level_alone_is_that_of_the_rows_below(
    first: str, second: str, points: list[str], rest: str, tmp_path: Path
) -> None:
    result = read(tmp_path, BANDS.format(first=first, second=second, rest=rest))
    found = [(row[0], plain(row[1])) for row in lines(result, "level1", "level1_points")]
    assert found == [("产出指标", points[0]), ("产出指标", points[0]), ("效益指标", points[1])]
    assert result.sheets[0].unread == ()
    assert ("得分没有核对" in str(result)) == ("得分" in first)


def test_parts_of_another_source_are_none_of_the_total(tmp_path: Path) -> None:
    words, figures = "财政资金 │ 其他资金 │ 合计 │ 财政资金 │ 其他资金 │ 合计", "90 │ 10 │ 100 │ 88 │ 10 │ 98"
    more = "".join(
        f"^ │ {name} │ {figures} │ │ \n"
        for name, figures in (
            ("其中：本级资金", "60 │ 5 │ 65 │ 60 │ 5 │ 65"),
            ("上级资金", "30 │ 5 │ 35 │ 28 │ 5 │ 33"),
        )
    )
    grid = DIVIDED.format(first="全年预算数", second="全年执行数", words=words, figures=figures, more=more)
    result = read(tmp_path, grid)
    assert shown(result, "budget_adjusted", "executed") == ["100", "98"]
    assert not [one for one in result.findings if one.code == "FU04"]


def test_a_year_of_a_project_of_several(tmp_path: Path) -> None:
    result = read(tmp_path, YEARS)
    facts = (*FACTS, "budget_initial", "execution_score_declared", "goal_expected", "goal_actual", "origin")
    assert shown(result, *facts) == [
        "供水改造（虚构）", "柳溪镇人民政府", "万元", "1150", "1127", "99.8", "1200", "9.8", "新建管网32公里。",
        "新建管网32.5公里。", "",
    ]  # fmt: skip
    assert lines(result, "target_text", "actual_text") == [("≥32公里", "32.5公里")]
    told = {left.header for left in result.sheets[0].unread}
    assert told >= {"项目总预算", "累计执行数", "实施期目标值", "累计完成值"} and not told & {"分值", "得分"}


NESTED = """
县级部门预算项目绩效自评表 │ < │ < │ < │ < │ < │ < │ < │ < │ < │ <
预算年度：2024　　单位：万元 │ < │ < │ < │ < │ < │ < │ < │ < │ < │ <
项目名称 │ < │ 图书馆建设（虚构） │ < │ < │ 项目单位 │ < │ 柳溪镇人民政府 │ < │ < │ <
预算执行情况 │ < │ 资金来源 │ 预算数 │ < │ < │ 执行 │ < │ 评分 │ < │ 说明
^ │ ^ │ ^ │ 年初 │ 调整 │ 全年（调整后） │ 全年执行数 │ 执行率 │ 分值 │ 得分 │ ^
^ │ ^ │ 合计 │ 112.5 │ 5.5 │ 118 │ 106.2 │ 90.00% │ 10 │ 9 │ 尾款
绩效指标 │ < │ < │ 年度目标 │ < │ < │ 完成情况 │ 评分 │ < │ 偏差情况 │ <
一级 │ 二级 │ 三级 │ 符号 │ 数值 │ 单位 │ ^ │ 分值 │ 得分 │ 原因 │ 改进措施
产出指标 │ 数量指标 │ 建成分馆 │ ≥ │ 16 │ 个 │ 15 │ 60 │ 56.25 │ 一处选址未定。 │ 2025年上半年建成。
效益指标 │ 社会效益指标 │ 到馆人次 │ ≥ │ 52000 │ 人次 │ 52100 │ 30 │ 30 │ │
总得分 │ < │ < │ < │ < │ < │ < │ 100 │ 95.25 │ │
"""
LEVELS = """
项目支出绩效自评表（2024年度） │ < │ < │ < │ < │ < │ < │ < │ <
项目名称 │ 村道养护（虚构） │ < │ < │ 实施单位 │ 柳溪镇人民政府 │ < │ < │ <
资金（万元） │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 执行率 │ 分值 │ 得分 │ │
^ │ 50 │ 50 │ 50 │ 100% │ 10 │ 10 │ │
一级指标 │ 分值 │ 二级指标 │ 分值 │ 三级指标 │ 分值 │ 年度指标值 │ 实际完成值 │ 得分
产出指标 │ 50 │ 数量指标 │ 30 │ 养护里程 │ 30 │ ≥30公里 │ 31公里 │ 30
^ │ ^ │ 质量指标 │ 20 │ 合格率 │ 20 │ ≥95% │ 96% │ 20
效益指标 │ 40 │ 社会效益指标 │ 40 │ 受益村庄 │ 40 │ ≥12个 │ 12个 │ 40
总分 │ < │ < │ < │ < │ 100 │ │ │ 100
"""
VILLAGES = """
项目绩效自评表（2024年度，分村统计） │ < │ < │ < │ < │ < │ < │ <
项目名称 │ 环境整治（虚构） │ < │ < │ 实施单位 │ 柳溪镇人民政府 │ < │ <
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ < │ < │ 分值 │ 得分
^ │ ^ │ ^ │ ^ │ 东风村 │ 红旗村 │ 全镇合计（平均） │ ^ │ ^
产出指标 │ 数量指标 │ 清运垃圾（吨） │ ≥400 │ 202 │ 216 │ 418 │ 100 │ 100
总分 │ < │ < │ < │ < │ < │ < │ 100 │ 100
"""
UNDER = """
2024年度村级项目绩效自评表 │ < │ < │ < │ < │ < │ <
项 目 名 称 │ < │ < │ 实施单位 │ < │ 负责人 │ 联系电话
饮水管网改造（虚构） │ < │ < │ 大寨子村村民委员会 │ < │ 甲 │ /
资金（万元） │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 分值 │ 得分 │ 执行率
^ │ 18 │ 18 │ 18 │ 10 │ 10 │ 100%
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分
产出指标 │ 数量指标 │ 更换主管 │ 4.5公里 │ 4.5公里 │ 90 │ 90
总分 │ < │ < │ < │ < │ 100 │ 100
"""
ACROSS = """
2024年村级组织运转经费绩效自评情况表 │ < │ < │ <
内容 │ 项目一 │ 项目二 │ 合计
项目名称 │ 张家沟村运转经费 │ 李家塬村运转经费 │ —
实施单位 │ 张家沟村 │ 李家塬村 │ —
年初预算数（万元） │ 6.2 │ 6.2 │ 12.4
全年预算数（万元） │ 6.2 │ 6.2 │ 12.4
全年执行数（万元） │ 6.2 │ 6 │ 12.2
自评总分 │ 100 │ 98.5 │ —
"""


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "as csv"])
def test_headers_in_groups(merged: bool, tmp_path: Path) -> None:
    """预算数 over 年初, 调整 and 全年; 年度目标 over 符号, 数值 and 单位."""
    result = read(tmp_path, NESTED if merged else NESTED.replace("<", "").replace("^", ""))
    facts = (*FACTS, "budget_initial", "execution_score_declared")
    assert shown(result, *facts) == [
        "图书馆建设（虚构）", "柳溪镇人民政府", "万元", "118", "106.2", "95.25", "112.5", "9",
    ]  # fmt: skip
    columns = ("level3", "operator", "target_text", "unit", "actual_text", "points_text", "score_text")
    assert lines(result, *columns) == [
        ("建成分馆", "ge", "16", "个", "15", "60", "56.25"),
        ("到馆人次", "ge", "52000", "人次", "52100", "30", "30"),
    ]
    assert lines(result, "reason") == [("一处选址未定。；2025年上半年建成。",), ("",)]
    assert not [one for one in result.findings if one.severity == "error"]


def test_points_of_levels_are_not_those_of_the_indicators(tmp_path: Path) -> None:
    result = read(tmp_path, LEVELS)
    assert [[plain(value) for value in row] for row in lines(result, "points", "level2_points", "level1_points")] == [
        ["30", "30", "50"], ["20", "20", "50"], ["40", "40", "40"],
    ]  # fmt: skip
    assert result.sheets[0].unread == () and not [one for one in result.findings if one.severity == "error"]
    without = LEVELS.replace("│ 三级指标 │ 分值", "│ 三级指标 │ 备注")
    assert [plain(row[0]) for row in lines(read(tmp_path, without), "points")] == ["30", "20", "40"]


def test_of_groups_of_an_actual_the_sum_is_the_value(tmp_path: Path) -> None:
    result = read(tmp_path, VILLAGES)
    assert lines(result, "target_text", "actual_text") == [("≥400", "418")]
    assert {left.header for left in result.sheets[0].unread} >= {"东风村", "红旗村"}


def test_values_below_a_row_of_labels(tmp_path: Path) -> None:
    assert shown(read(tmp_path, UNDER), "project_name", "unit", "executed") == [
        "饮水管网改造（虚构）", "大寨子村村民委员会", "18",
    ]  # fmt: skip


def test_a_list_turned_on_its_side_is_refused_by_name(tmp_path: Path) -> None:
    result = read(tmp_path, ACROSS)
    assert result.frames is None or result.frames.projects.empty
    told = "每列一个项目，栏目竖排在A列（行列转置的表），没有读取；请把表格行列对调后重新导出"
    assert result.sheets[0].remark == told


FOLDED = """
发热门诊项目绩效自评表（2023年度） │ < │ < │ < │ < │ < │ < │ < │ < │ < │ <
项目名称 │ 发热门诊设备（虚构） │ < │ < │ 实施单位 │ 河滨县医院 │ < │ < │ < │ < │ <
项目资金（万元） │ 全年预算数 │ 全年执行数 │ 分值 │ 得分 │ 执行率 │ │ │ │ │
^ │ 30 │ 30 │ 10 │ 10 │ 100% │ │ │ │ │
一级指标 │ 三级指标 │ 指标值 │ 完成值 │ 分值 │ 得分 │ 一级指标 │ 三级指标 │ 指标值 │ 完成值 │ 分值 │ 得分 │ 原因
产出指标 │ 购置设备 │ ≥14台 │ 14台 │ 30 │ 30 │ 效益指标 │ 接诊人次 │ ≥600人次 │ 610人次 │ 30 │ 30 │
^ │ 购置成本 │ ≤30万元 │ 30万元 │ 20 │ 20 │ {right}
{below}
"""
SATISFIED = "满意度指标 │ 患者满意度 │ ≥90% │ 81% │ 10 │ 9 │ 候诊时间长，已增设分诊台。"


@pytest.mark.parametrize(
    ("right", "below"),
    [
        (SATISFIED, "总分 │ < │ < │ < │ 100 │ 99 │ │ │ │ │ │ │"),
        (SATISFIED, "│ │ │ │ │ │ 总分 │ < │ < │ < │ 100 │ 99 │"),
        ("总分 │ < │ < │ < │ 100 │ 100 │", ""),
    ],
)
def test_a_table_folded_into_two_halves(right: str, below: str, tmp_path: Path) -> None:
    """It was refused as one of several units that use the money (A3 page of a hospital)."""
    result = read(tmp_path, FOLDED.format(right=right, below=below))
    found = [("产出指标", "购置设备", "30"), ("产出指标", "购置成本", "20"), ("效益指标", "接诊人次", "30")]
    found += [("满意度指标", "患者满意度", "9")] if right == SATISFIED else []
    assert lines(result, "level1", "level3", "score_text") == found
    assert lines(result, "reason")[-1][0] == ("候诊时间长，已增设分诊台。" if right == SATISFIED else "")
    assert shown(result, "total_declared") == ["99" if right == SATISFIED else "100"]
    assert result.sheets[0].unread == ()
    expected = [] if right == SATISFIED else ["WT01"]  # 80 points and 10 of the money
    assert [one.code for one in result.findings if one.severity == "error"] == expected


FOOT = """
{title}一级指标 │ 三级指标 │ 指标值 │ 完成值 │ 分值 │ 得分
产出指标 │ 更换课桌 │ ≥240套 │ 240套 │ 90 │ 90
总分 │ < │ < │ < │ 100 │ 99.6
项目资金（万元） │ 全年预算数 │ 全年执行数 │ 分值 │ 得分 │ 执行率
^ │ 12.5 │ 12 │ 10 │ 9.6 │ 96%
项目名称 │ 课桌更新（虚构） │ < │ < │ < │ <
主管部门 │ 河滨县教育局 │ < │ 实施单位 │ 河滨县第三小学 │ <
"""


@pytest.mark.parametrize("title", ["", "2023年度项目支出绩效自评表 │ < │ < │ < │ < │ <\n"])
def test_the_head_at_the_foot_of_the_form(title: str, tmp_path: Path) -> None:
    """The project had no name, and a false error said that its head was missing (ST11)."""
    result = read(tmp_path, FOOT.format(title=title))
    assert shown(result, "project_name", "unit", "executed", "total_declared") == [
        "课桌更新（虚构）", "河滨县第三小学", "12", "99.6",
    ]  # fmt: skip
    assert result.sheets[0].unread == () and not [one for one in result.findings if one.severity == "error"]


BOXED = """
托养服务项目绩效自评表（2023年度） │ < │ < │ < │ < │ <
项目名称 │ 托养服务（虚构） │ < │ 实施单位 │ 河滨县残联 │ <
一级指标 │ 二级指标 │ 三级指标 │ 年度指标值 │ 实际完成值 │ 分值 │ 得分
产出指标 │ 数量指标 │ 服务人数 │ ≥250人 │ 240人 │ 100 │ 96
总分 │ < │ < │ < │ < │ 100 │ 96
{box}
"""


@pytest.mark.parametrize("word", ["偏差原因分析及改进措施", "未完成原因", "未达标原因及整改措施", "扣分原因说明"])
@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ("{word} │ 10人中途退出。 │ < │ < │ < │ < │ <", "10人中途退出。"),
        ("{word}：10人中途退出。 │ < │ < │ < │ < │ < │ <", "10人中途退出。"),
        ("{word} │  │ < │ < │ < │ < │ <", ""),
    ],
)
def test_a_box_for_the_reasons_below_the_indicators(word: str, drawn: str, said: str, tmp_path: Path) -> None:
    """What it said was not read, and a blank one was 可以报送: RE02 was 不适用."""
    result = read(tmp_path, BOXED.format(box=drawn.format(word=word)))
    assert shown(result, "reason_box") == [said] and result.sheets[0].unread == ()
    assert [one.code for one in result.findings if one.severity == "error"] == ([] if said else ["RE02"])


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("绩效运行监控及自评一体表", "self"),
        ("绩效监控与绩效自评表", "self"),
        ("绩效运行监控表", "monitoring"),
        ("绩效监控自评表", "monitoring"),  # of the half year
    ],
)
def test_a_title_of_monitoring_and_self_evaluation(title: str, kind: str, tmp_path: Path) -> None:
    drawn = BOXED.replace("托养服务项目绩效自评表", f"项目支出{title}").format(box="")
    assert [sheet.kind for sheet in read(tmp_path, drawn).sheets] == [kind]


def test_points_in_the_header_of_the_score_of_the_money(tmp_path: Path) -> None:
    """得分（20分） was not looked at, and the ruleset's 10 were taken: a true score of 18 was called too high."""
    money = (
        "资金（万元） │ 年初预算数 │ 全年预算数 │ 全年执行数 │ 执行率 │ 得分（20分） │\n^ │ 50 │ 50 │ 45 │ 90% │ 18 │\n"
    )
    drawn = BOXED.replace("一级指标 │", f"{money}一级指标 │", 1).replace("100 │ 96\n总分", "80 │ 76.8\n总分")
    result = read(
        tmp_path,
        drawn.replace("100 │ 96\n", "100 │ 94.8\n").format(box="未完成原因 │ 10人中途退出。 │ < │ < │ < │ < │ <"),
    )
    assert shown(result, "execution_points", "execution_score", "total_declared") == ["20", "18", "94.8"]
    assert not [one for one in result.findings if one.severity == "error"]


YEARS_OF_RESEARCH = """
科技计划项目绩效自评表（2023年度） │ < │ < │ < │ < │ < │ < │ < │ <
项目名称 │ 水稻新品系选育（虚构） │ < │ < │ 承担单位 │ 河滨县农科院 │ < │ < │ <
{above}经费（万元） │ │ 三年总经费 │ {first} │ 本年预算数 │ 本年执行数 │ 执行率 │ 分值 │ 得分
^ │ 经费合计 │ 150 │ 96 │ 50 │ 46 │ 92% │ 10 │ 9.2
^ │ 财政拨款 │ 140 │ 90 │ 45 │ 41 │ 91.11% │ — │ —
^ │ 课题组自筹 │ 10 │ 6 │ 5 │ 5 │ 100% │ — │ —
一级指标 │ 三级指标 │ 指标值 │ < │ 完成值 │ < │ 分值 │ 得分 │ 未完成原因
^ │ ^ │ 三年总目标 │ 本年目标 │ 累计完成 │ 本年完成 │ ^ │ ^ │ ^
产出指标 │ 筛选品系 │ ≥10个 │ ≥4个 │ 8个 │ 5个 │ 90 │ 90 │
总分 │ < │ < │ < │ < │ < │ 100 │ 99.2 │
"""


def test_of_several_years_this_one_counts(tmp_path: Path) -> None:
    """累计支出 beside 本年执行数 was what was executed, with three false errors on a form of a research institute."""
    result = read(tmp_path, YEARS_OF_RESEARCH.format(above="", first="累计支出"))
    assert shown(result, "budget_adjusted", "executed", "total_declared") == ["50", "46", "99.2"]
    assert lines(result, "target_text", "actual_text") == [("≥4个", "5个")]
    assert result.frames is not None  # 经费（万元） merged down beside the sources is what the block is called
    assert result.frames.funds["source"].tolist() == ["经费合计", "财政拨款", "课题组自筹"]
    assert {left.header for left in result.sheets[0].unread} == {"三年总经费", "累计支出", "三年总目标", "累计完成"}
    assert not [one for one in result.findings if one.severity == "error"]


def test_a_contract_above_the_money_is_no_budget(tmp_path: Path) -> None:
    above = "合同金额 │ 135 │ < │ < │ 承接主体 │ 某某服务中心 │ < │ < │ <\n"
    result = read(tmp_path, YEARS_OF_RESEARCH.format(above=above, first="年初预算数"))
    assert shown(result, "budget_initial", "budget_adjusted", "executed") == ["96", "50", "46"]
    assert not [one for one in result.findings if one.severity == "error"]
