"""Loading: a user's own file in five lines, what is inherited from where, and every refusal in clear words."""

from __future__ import annotations

import os
import pickle
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perfbatch.errors import UsageError
from perfbatch.rulesets import load, names

_CASES = tomllib.loads(Path(__file__).with_name("refusals.toml").read_text(encoding="utf-8"))["case"]


def _file(folder: Path, text: str, name: str = "own.toml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_user_s_file_extends_a_shipped_one_in_five_lines(tmp_path: Path) -> None:
    text = """\
extends = "hubei"
citation = "本单位规定"
[values]
exec_points = 15
row_round = 1
"""
    own = load(_file(tmp_path, text, "本县.toml"))
    assert (own.name, own["exec_points"], own["row_round"]) == ("本县", 15, 1)
    assert own.values["exec_points"].citation == "本单位规定"
    assert own.values["exec_points"].origin == "本县"
    assert (own["negative_rule"], own.values["negative_rule"].origin) == ("ratio", "hubei")
    assert (own["grades"], own.values["grades"].origin) == ((90, 80, 60), "national-2020")
    assert own.values["tol_money"].origin == "conventions"


def test_a_value_may_bring_its_own_source(tmp_path: Path) -> None:
    text = """\
name = "某市2024"
title = "某市自评办法"
extends = "national-2020"
[values.over_deduction]
value = [[1.5, 0.2], [1.3, 0.1]]
citation = "某财绩〔2024〕1号"
clause = "第八条"
since = "2024-01-01"
"""
    value = load(_file(tmp_path, text)).values["over_deduction"]
    assert value.value == ((Decimal("1.5"), Decimal("0.2")), (Decimal("1.3"), Decimal("0.1")))
    assert (value.citation, value.clause, value.since, value.status) == (
        "某财绩〔2024〕1号", "第八条", "2024-01-01", "seen",
    )  # fmt: skip


def test_files_extend_files_beside_them_and_tables_and_off_are_read(tmp_path: Path) -> None:
    _file(tmp_path, 'extends = "national-2020"\ncitation = "市"\n[values]\nover_flag_ratio = "off"', "city.toml")
    own = load(
        _file(
            tmp_path,
            'extends = "city.toml"\ncitation = "县"\n[values]\nstrict_inequality = "on"\nweights_compare = "off"\n'
            '[values.check_severity]\nRE03 = "info"',
        )
    )
    assert own["over_flag_ratio"] is None
    assert own["weights_compare"] is None
    assert own["strict_inequality"] is True
    assert own["check_severity"] == {"RE03": "info"}
    assert own.values["over_flag_ratio"].origin == "city"


def test_two_files_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    _file(tmp_path, 'extends = "own.toml"\ncitation = "市"', "city.toml")
    with pytest.raises(UsageError, match="循环引用"):
        load(_file(tmp_path, 'extends = "city.toml"\ncitation = "县"'))


@pytest.mark.parametrize("case", _CASES, ids=[case["title"] for case in _CASES])
def test_loader_refuses(case: dict[str, Any], tmp_path: Path) -> None:
    path = _file(tmp_path, case["file"])
    with pytest.raises(UsageError) as refused:
        load(path)
    message = str(refused.value)
    assert "own.toml" in message, "the file must be named"
    for words in case["says"]:
        assert words in message
    assert message.endswith(("。", "？")) and "Traceback" not in message
    assert re.search(r"[一-龥]", message)


@pytest.mark.parametrize("name", ["national-2002", "parameters", "choice", "../conventions", "湖北"])
def test_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=re.escape(name)):
        load(name)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="找不到规则集文件"):
        load(str(tmp_path / "没有.toml"))


def test_file_saved_by_notepad_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('extends = "hebei"\ncitation = "本单位规定"', encoding="utf-8-sig")
    assert load(str(path)).extends == "hebei"


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    path = _file(tmp_path, 'extends = "hebei"\ncitation = "县"\n[values]\nexec_points = 5')
    assert load(path) is load(path)
    Path(path).write_text('extends = "hebei"\ncitation = "县"\n[values]\nexec_points = 6', encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert load(path)["exec_points"] == 6


@pytest.mark.parametrize("name", names())
def test_rulesets_travel_to_worker_processes(name: str) -> None:
    ruleset = load(name)
    assert pickle.loads(pickle.dumps(ruleset)) == ruleset


def test_values_of_the_configuration_file_come_on_top() -> None:
    changed = load("hebei").with_values({"tol_score": 0.05, "over_reason_ratio": "off"}, "perfbatch.toml")
    assert changed["tol_score"] == Decimal("0.05")
    assert changed["over_reason_ratio"] is None
    assert changed.values["tol_score"].origin == "perfbatch.toml"
    assert load("hebei")["tol_score"] == Decimal("0.1")
    with pytest.raises(UsageError, match=r"“perfbatch\.toml”的参数“tol_scor”无法识别，是否应为“tol_score”"):
        load("hebei").with_values({"tol_scor": 1}, "perfbatch.toml")
