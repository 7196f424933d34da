"""The columns of a target hold its reading, and the day of an actual is the one by which a deadline is judged."""

from __future__ import annotations

import pytest

from perfbatch.layouts import values
from perfbatch.notation import read_actual, read_target

TARGETS = (
    {"text": "≥50个"}, {"text": "116.95", "sign": "=", "unit": "亩"}, {"text": "90", "unit": "%", "sign": "≥"},
    {"text": "≤90万元"}, {"text": "10-20天"}, {"text": "2023年12月底前", "year": 2023}, {"text": "有效提升"},
    {"text": "不适用"}, {"text": "/"}, {"text": "11月底完成100%", "year": 2023}, {"text": "3:1"}, {"text": "#REF!"},
    {"text": "10500", "points": 10}, {"text": "0.9", "stored": "percent"}, {"text": "45291", "name": "完成时间"},
)  # fmt: skip
ACTUALS = ("50个", "116.95亩", "95%", "1200000元", "2024年1月", "已完成", "不适用", "", "6:2")


@pytest.mark.parametrize("given", TARGETS, ids=lambda given: given["text"])
def test_a_target_comes_back_out_of_its_columns(given: dict) -> None:
    target = read_target(**given)
    for text in ACTUALS:
        held = values.columns(target, read_actual(text, target)) | {"target_text": given["text"]}
        back = values.target_reading(*(held[name] for name in values.TARGET))
        again = values.columns(back, read_actual(text, back))
        assert {**again, "notes": ""} == {name: held[name] for name in again} | {"notes": ""}
        assert (back.scale, back.applicable) == (target.scale, target.applicable)


@pytest.mark.parametrize(
    ("target", "actual", "day"),
    [
        ("2023年9月底前", "2023年9月20日", "2023-09-20"),
        ("2023年6月30日前", "2023年上半年", "2023-06-30"),  # a period in time: its end
        ("2023年9月底前", "2023年11月", "2023-11-01"),  # a late one: its beginning
        ("2023年6月底前", "2023年", ""),  # spans the deadline
        ("2023年12月15日前", "2023年12月完成", ""),
        ("6月底前", "1-12月", ""),
    ],
)
def test_a_period_that_spans_the_deadline_has_no_day_and_says_so(target: str, actual: str, day: str) -> None:
    read = read_target(target, year=2023)
    held = values.columns(read, read_actual(actual, read, year=2023))
    assert held["actual_date"] == day
    assert (held["comparison"] == "none") is (day == "")
    assert ("不能判断是否按期" in held["notes"]) is (day == "")
