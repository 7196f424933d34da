"""The day of an actual is the one by which a deadline is judged, and a period that spans it has none."""

from __future__ import annotations

import pytest

from perfbatch.forms import frames
from perfbatch.notation import Around, read_actual, read_target


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
    wanted = read_target(target, Around(year=2023))
    done = read_actual(actual, wanted, Around(year=2023))
    held = frames.pair_columns(wanted, done)
    assert held["actual_date"] == day
    assert (held["comparison"] == "none") is (day == "")
    assert ("不能判断是否按期" in held["notes"]) is (day == "")
