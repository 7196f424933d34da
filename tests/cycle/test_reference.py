"""The reference case of 83 projects beside approved targets made from it, fifteen of them changed: each is found, and
nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from perfbatch.cli import main
from perfbatch.config import Settings
from perfbatch.decimals import plain
from perfbatch.pipeline import process_workbook

SAMPLE = Path(__file__).parents[2] / "input_templates" / "安肃镇2023年度绩效自评表（示例）.xlsx"
HEADS = ("项目编码", "项目名称", "预算单位", "年初预算数", "一级指标", "二级指标", "三级指标", "指标值", "分值")
SIGNS = {"ge": "≥", "le": "≤", "eq": "="}
Row = dict[str, Any]


class Plan:
    """The approved targets while they are changed: rows by project, and what ought to be found."""

    def __init__(self, projects: pd.DataFrame, indicators: pd.DataFrame) -> None:
        self.heads = {row["project_id"]: row for row in projects.to_dict("records")}
        own = indicators[(indicators["role"] == "indicator")]
        self.rows: dict[str, list[Row]] = {key: [] for key in self.heads}
        for row in own.to_dict("records"):
            self.rows[row["project_id"]].append(
                row | {"approved": row["target_text"], "approved_points": row["points"]}
            )
        self.wanted: set[tuple[str, str, str]] = set()
        self.left = iter(sorted(self.heads))

    def take(self, operator: str = "") -> tuple[str, Row]:
        """The next project nobody has changed, with its first row of that sign (a plain figure above zero)."""
        for key in self.left:
            for row in self.rows[key]:
                plain_figure = row["target_value"] and row["target_value"] > 0 and row["target_value2"] is None
                if plain_figure and row["target_status"] == "ok" and (not operator or row["operator"] == operator):
                    return key, row
        raise AssertionError(f"no project with a target {operator}")

    def expect(self, code: str, key: str, cell: str) -> None:
        self.wanted.add((code, self.heads[key]["sheet"], cell))


def changed(plan: Plan) -> None:
    """Fifteen changes, each in a project of its own."""
    for _ in range(4):
        key, row = plan.take("ge")
        row["approved"] = f"≥{plain(row['target_value'] * Decimal('1.25'))}{row['unit']}"
        plan.expect("TG01", key, row["cell_target"])
    key, row = plan.take("le")
    row["approved"] = f"≤{plain(row['target_value'] * Decimal('0.8'))}{row['unit']}"
    plan.expect("TG01", key, row["cell_target"])
    for name in ("编印宣传册数量", "组织现场巡查次数"):
        key, row = plan.take()
        plan.rows[key].append(row | {"level3": name, "approved": "≥77次", "approved_points": Decimal(3)})
        plan.expect("TG03", key, plan.heads[key]["cell"])
    for _ in range(2):
        key, row = plan.take()
        plan.rows[key].remove(row)
        plan.expect("TG04", key, row["cell_level3"])
    for _ in range(2):
        key, row = plan.take()
        row["approved_points"] = row["points"] + 1
        plan.expect("WT07", key, row["cell_points"])
    key, row = plan.take("ge")
    row["approved"] = f"≥{plain(row['target_value'])}{'户' if row['unit'] != '户' else '件'}"
    plan.expect("TG06", key, row["cell_unit"] or row["cell_target"])
    key, row = plan.take("ge")
    row["approved"] = f"={plain(row['target_value'])}{row['unit']}"
    plan.expect("TG07", key, row["cell_sign"] or row["cell_target"])
    key, _ = plan.take()
    plan.heads[key]["budget_initial"] += 5
    plan.expect("TG09", key, plan.heads[key]["cell_initial"])
    plan.wanted.add(("TG12", "目标", f"B{3 + sum(map(len, plan.rows.values()))}"))


def sheet(plan: Plan) -> Iterator[list[Any]]:
    for key, head in plan.heads.items():
        for row in plan.rows[key]:
            money = head["budget_initial"]
            yield [
                head["project_code"], head["project_name"], head["unit"], "" if money is None else float(money),
                row["level1_text"], row["level2_text"], row["level3"], row["approved"],
                "" if row["approved_points"] is None else float(row["approved_points"]),
            ]  # fmt: skip
    yield ["", "村级光伏电站运维", head["unit"], 12, "产出指标", "数量指标", "运维电站数量", "≥3座", 20]


def written(path: Path, plan: Plan) -> Path:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        page = book.add_worksheet("目标")
        page.write(0, 0, "2023年度项目绩效目标表（单位：万元）")
        page.write_row(1, 0, HEADS)
        for at, row in enumerate(sheet(plan), 2):
            page.write_row(at, 0, row)
    return path


@pytest.fixture(scope="module")
def plan() -> Plan:
    result = process_workbook(SAMPLE, SAMPLE.name, Settings())
    assert result.frames is not None and len(result.frames.projects) == 83
    return Plan(result.frames.projects, result.frames.indicators)


def test_fifteen_changes_and_nothing_else(plan: Plan, tmp_path: Path) -> None:
    changed(plan)
    assert len(plan.wanted) == 15
    written(tmp_path / "目标.xlsx", plan)
    command = ["run", str(SAMPLE), "--targets", str(tmp_path / "目标.xlsx"), "--output", str(tmp_path / "o")]
    assert main([*command, "--workers", "1"]) in (0, 1)
    lines = (tmp_path / "o" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    found = [one for line in lines if (one := json.loads(line))["code"].startswith(("TG", "WT07"))]
    said = {(one["code"], one["sheet"], one["cell"]) for one in found if one["severity"] != "info"}
    assert said == plan.wanted
    informed = {one["code"] for one in found if one["severity"] == "info"}
    assert informed <= {"TG02", "TG09"}, "scores under the approved targets; a budget that changed without its targets"
    lowered = {one["project"] for one in found if one["code"] == "TG01"}
    assert {one["project"] for one in found if one["code"] == "TG02"} <= lowered, "rescored only where a target fell"
