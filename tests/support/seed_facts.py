"""What the real self-evaluation report of 安肃镇 for 2023 (dated 2024-03-18) states, copied by hand.

The tests hold the outputs of the program against these figures. Nothing here is imported from the generator
of the sample export, so a mistake there cannot excuse a mistake in the program. Money in 万元.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType


@dataclass(frozen=True)
class Sampled:
    """A spot-checked project as the report describes it."""

    executed: Decimal
    category: str
    origin: str
    score: Decimal = Decimal(100)


@dataclass(frozen=True)
class Deviation:
    """An indicator the report names as missed; figures are None where the report gives none."""

    project: str
    indicator: str
    target: Decimal | None = None
    actual: Decimal | None = None
    unit: str = ""
    completion: Decimal | None = None  # actual ÷ target, 4 decimals, computed by hand


UNIT, YEAR = "安肃镇人民政府", 2023
PROJECTS = 83
EXECUTED = Decimal("4660.46")
BANDS = MappingProxyType({"90分以上": 81, "60至90分": 0, "60分以下": 2})

SAMPLED = MappingProxyType(
    {
        "政府机关维护运行(运转保障)": Sampled(Decimal("16.81"), "运转保障类", "年初预算"),
        "安肃镇铁市场旱厕整改费用": Sampled(Decimal("64.33"), "工程建设类", "追加预算"),
        "选任专职人民调解员经费": Sampled(Decimal("9.72"), "政策保障类", "年初预算"),
        "拨付安肃镇购置应急保障公务用车经费": Sampled(Decimal("10.77"), "设备采购类", "追加预算"),
        "瀑河生态治理项目临时占地补偿费用": Sampled(Decimal("50"), "安置补偿类", "追加预算"),
    }
)
SAMPLED_EXECUTED = Decimal("151.63")

UNEXECUTED = ("津保公路拆迁户安置取暖补助", "久久集团检波器项目粮食补助款")
UNEXECUTED_CAUSE = "财力紧张"

GREENWAY = "绿道绿廊土地租金"
DEVIATIONS = (
    Deviation(GREENWAY, "补偿面积", Decimal("156.9"), Decimal("116.95"), "亩", Decimal("0.7454")),
    Deviation(GREENWAY, "预算项目控制数", Decimal(492125), Decimal(292375), "元", Decimal("0.5941")),
    Deviation("稳定经费", "排查化解矛盾纠纷数量"),
    Deviation("乡镇武装工作经费(运转保障)", "征兵数量"),
)

# Not stated by the report: totals that the sample export adds so that its forms are complete.
SAMPLE_BUDGET_INITIAL = Decimal("4160.925")
SAMPLE_BUDGET_ADJUSTED = Decimal("4699.13")
SAMPLE_EXECUTION_RATE = Decimal("0.9918")  # 4660.46 ÷ 4699.13, 4 decimals
