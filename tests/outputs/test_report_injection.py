"""Text of the forms is text in the Word report: the same, whatever it holds, and never markup."""

from __future__ import annotations

import re
import zipfile
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.batches import batch, indicator, project
from support.reports import Written, written

from perfbatch.config import Settings
from perfbatch.outputs.report.draft import Column, Draft
from perfbatch.outputs.report.phrases import inline

NASTY = [
    "</w:t></w:r></w:p><w:p/>", "&amp;&lt;", "]]>", "<!--", "\x00\x01\x0b\x1f前", "\ud800孤立", "\ufffe\uffff",
    "\u202e反向\u200f", "制表\t换行\n再\r\n回车\r末", "😀", "【待填写：伪造】", "{0}{name}%s",
    "=1+1", " 前后空格 ", "\u2028\u2029\x85", "长" * 32_767,
]  # fmt: skip
ANY = st.text(st.characters(), max_size=40)


def cell_text(text: str) -> str:
    """What a cell must hold: the text without what XML forbids, all breaks of one kind."""
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", re.sub("[\ud800-\udfff]", "\ufffd", text))
    return re.sub("\r\n?", "\n", kept)


def made(texts: list[str], family: str = "township"):
    """A batch in which every text is a name, a goal, a target and a reason, and every project is drawn."""
    projects = [
        project(
            at, project_name=text, goal_expected=text, goal_actual=text, category=text, origin=text, problems=text,
            measures=text, executed=Decimal(0) if at % 2 else Decimal(5), fund_reason=text, unit=text,
        )
        for at, text in enumerate(texts, 1)
    ]  # fmt: skip
    short = {"actual_value": Decimal(6), "actual_base": Decimal(6), "score_declared": Decimal("4.5")}
    rows = [
        indicator(at, row, level3=text, target_text=text, actual_text=text, reason=text, **short)
        for at, text in enumerate(texts, 1)
        for row in (9, 10)
    ]
    drawn = [entry["project_id"] for entry in projects]
    return batch(projects, rows, sample=drawn), Settings(report=family, unit_name=texts[0])


def names(report: Written) -> list[str]:
    """The names in the list of all projects."""
    (rows,) = [rows for rows in report.tables if rows[0][-2:] == ["自评得分", "等级"]]
    at = rows[0].index("项目名称")
    return [row[at] for row in rows[1:]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("texts")


@settings(max_examples=25, deadline=None)
@example(texts=NASTY[:-1])
@given(texts=st.lists(ANY, min_size=1, max_size=4))
def test_any_text_comes_out_as_the_same_text(folder, texts):
    report = written(folder, *made(texts))
    assert names(report) == [cell_text(text) for text in texts]
    for text in filter(None, map(inline, texts)):
        assert text in report.text, "in the running text too"


@pytest.mark.parametrize("family", ["township", "hubei", "public"])
def test_nasty_texts_keep_every_form_readable(folder, family):
    report = written(folder, *made(NASTY, family))
    assert len(report.paragraphs) < 1500, "no text broke out of its paragraph"
    with zipfile.ZipFile(report.path) as package:
        assert package.testzip() is None
    for text in NASTY:
        assert inline(text) in report.text


def test_a_forged_slot_is_not_counted(folder):
    plain = written(folder, *made(["甲", "乙"]))
    forged = written(folder, *made(["甲", "【待填写：伪造】"]))
    assert forged.slots == plain.slots == len(forged.highlighted)


def test_the_longest_cell_stays_whole_and_may_run_over_pages(folder):
    long = "长" * 32_767
    report = written(folder, *made(["甲", long]))
    assert names(report) == ["甲", long]


def test_a_row_of_one_text_spans_the_table(folder):
    draft, path = Draft("标题"), folder / "span.docx"
    draft.table([Column("甲", 1), Column("乙", 1)], [["小标题"], ["1", "2"]])
    draft.save(path)
    (table,) = Written(path).document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["甲", "乙"], ["小标题"] * 2, ["1", "2"]]
    assert table._tbl.xml.count('<w:gridSpan w:val="2"/>') == 1
    assert table._tbl.xml.count("<w:tc>") == 2 + 1 + 2


def test_written_reports_hold_our_parts_only(folder):
    report: Written = written(folder, *made(["甲"]))
    with zipfile.ZipFile(report.path) as package:
        parts = set(package.namelist())
    assert not [name for name in parts if "thumbnail" in name or "customXml" in name]
