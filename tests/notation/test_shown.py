"""Target and actual as messages, lists and workpapers quote them, with sign and unit cells of their own."""

import pytest

from perfbatch.notation import shown_actual, shown_target


@pytest.mark.parametrize(
    ("text", "sign", "unit", "shown"),
    [
        ("156.9", "=", "亩", "=156.9亩"),
        ("156.9亩", "＝", "亩", "＝156.9亩"),
        ("≥50", "≥", "个", "≥50个"),  # the sign stands in both cells
        ("≤50", "≥", "个", "≥≤50个"),  # a contradiction stays to be seen
        ("50", "2", "个", ">50个"),  # code of the platform: 250个 would be another figure
        ("50", "正向指标", "个", "≥50个"),
        ("5个", "正向指标", "", "≥5个"),
        ("不少于50", "1", "个", "不少于50"),
        ("有效提升", "定性", "", "有效提升"),
        ("有效提升", "6", "/", "有效提升"),
        ("50", "/", "—", "50"),
        ("50", "大约", "个", "大约50个"),  # what nobody knows is shown as it is
        ("95%", "≥", "%", "≥95%"),
        ("90", ">=", "%(百分比)", ">=90%"),
        ("800", "≤", "元/(人·月)", "≤800元/(人·月)"),
        ("", "≥", "个", "≥"),
    ],
)
def test_target(text: str, sign: str, unit: str, shown: str) -> None:
    assert shown_target(text, sign, unit) == shown


@pytest.mark.parametrize(
    ("text", "unit", "shown"),
    [("116.95", "亩", "116.95亩"), ("116.95亩", "亩", "116.95亩"), ("已完成", "个", "已完成"), ("", "个", "")],
)
def test_actual(text: str, unit: str, shown: str) -> None:
    assert shown_actual(text, unit) == shown
