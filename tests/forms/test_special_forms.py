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
