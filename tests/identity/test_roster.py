"""A roster of units: who handed in nothing and who is not on it, however the names are written, and what is wrong with
a list that cannot be used."""

from pathlib import Path

import openpyxl
import pytest

from perfbatch.config import Settings
from perfbatch.errors import UsageError
from perfbatch.identity.roster import Attendance, Roster, attendance, load

NAMES = ["柳溪镇人民政府", "林泉县教育局", "601002-林泉县民政局", "林泉县司法局"]


def test_a_unit_is_there_under_any_spelling():
    found = attendance(
        Roster(tuple(NAMES), "名单.txt"),
        ["柳溪镇", "教育局", "林泉县民政局(本级)", "林泉县水利局"],
        {"林泉县教育局": ["教育局"]},
    )
    assert found == Attendance(4, ("林泉县司法局",), ("林泉县水利局",), "名单.txt")
    assert found.told()[0] == "应报送4个单位，已报送3个，未报送1个：林泉县司法局。"
    assert "有1个单位不在单位名单“名单.txt”中：林泉县水利局" in found.told()[1]


def test_names_written_twice_count_once():
    found = attendance(Roster(("柳溪镇", "柳溪镇人民政府", "东塘镇"), "名单.txt"), ["柳溪镇人民政府"], {})
    assert (found.expected, found.absent) == (2, ("东塘镇",))


def test_units_of_the_settings_are_a_roster_of_several_units_only():
    roster = load(Settings(units={"甲局": [], "乙局": ["乙"]}))
    assert roster.names == ("甲局", "乙局")
    assert attendance(roster, ["丙局"], {}).told() == []
    found = attendance(roster, ["甲局", "丙局"], {"乙局": ["乙"]})
    assert found.told() == ["perfbatch.toml 的 units 中有1个单位没有报送：乙局。"]
    assert found.unknown == (), "spellings of some units are no list of all"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_text_file_has_a_unit_a_line(tmp_path: Path, encoding: str):
    (tmp_path / "名单.txt").write_bytes("甲局\r\n\r\n  乙局  \r\n".encode(encoding))
    assert load(Settings(roster=str(tmp_path / "名单.txt"))).names == ("甲局", "乙局")


@pytest.mark.parametrize("headed", [True, False])
def test_a_workbook_has_them_in_the_column_so_headed_else_in_the_first(tmp_path: Path, headed: bool):
    book = openpyxl.Workbook()
    if headed:
        book.active.append(["2023年自评单位名单"])
        book.active.append(["序号", "单位名称", "联系人"])
    for at, name in enumerate(NAMES, 1):
        book.active.append([at, name, "某"] if headed else [name])
    book.save(tmp_path / "名单.xlsx")
    assert load(Settings(roster=str(tmp_path / "名单.xlsx"))).names == tuple(NAMES)


BAD = [
    ("没有.xlsx", None, "单位名单“{path}”不存在，请检查 perfbatch.toml 中的 roster。"),
    ("没有.txt", None, "单位名单“{path}”打不开"),
    ("空.txt", b"\n\n", "单位名单“空.txt”中没有单位名称，请每行写一个单位。"),
    ("坏.xlsx", b"PK\x03\x04", "单位名单不能使用：文件“坏.xlsx”已损坏"),
]


@pytest.mark.parametrize(("name", "data", "told"), BAD)
def test_a_list_that_cannot_be_used_ends_as_one_sentence(tmp_path: Path, name: str, data: bytes | None, told: str):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UsageError) as error:
        load(Settings(roster=str(path)))
    assert str(error.value).startswith(told.format(path=path))
    assert "\n" not in str(error.value)
