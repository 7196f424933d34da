"""The word lists of the checks: every list compiles, says whom it serves and on what it rests."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import perfbatch.checks
from perfbatch.checks import register, words

DOCUMENT = tomllib.loads((Path(perfbatch.checks.__file__).parent / "words.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DOCUMENT)
def test_list_is_cited_and_used(name: str) -> None:
    """A list names existing checks and its source, and holds words that its pattern finds."""
    entry = DOCUMENT[name]
    assert entry["source"]
    assert set(entry["for"]) <= set(register.register())
    assert len(set(entry.get("stems", ()))) == len(entry.get("stems", ())), "a word twice"
    for stem in entry.get("stems", ()):
        assert words.pattern(name).search(stem), stem


@pytest.mark.parametrize("name", DOCUMENT)
def test_list_is_read_by_the_code(name: str) -> None:
    """No list is left that no check asks for."""
    sources = [p.read_text(encoding="utf-8") for p in Path(perfbatch.checks.__file__).parent.glob("*.py")]
    assert any(f'"{name}"' in source for source in sources)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("rate_names", "参训率", True),
        ("rate_names", "巡查频率", False),
        ("label_target", "合格率98%以上", True),
        ("label_target", "2023年培训任务", False),
        ("vague", "有效提升", True),
        ("vague", "提升至95%", False),
        ("only_done", "已按要求全部完成年度目标任务。", True),
        ("only_done", "完成2个站点", False),
        ("claims_done", "已全部完成", True),
        ("claims_done", "已完成，但余款未付", False),
        ("template", "（100字以内）", True),
        ("template", "★举办培训期数", False),
        ("problem_none", "暂无存在问题", True),
        ("problem_none", "无专职人员", False),
        ("about_money", "工程款未支付", True),
        ("about_money", "1.执行率=全年执行数/全年预算数；2.得分最高不能超过分值", False),
        ("not_a_deadline", "10月前", True),
        ("not_a_deadline", "12月底前", False),
    ],
)
def test_words_and_their_exceptions(name: str, text: str, said: bool) -> None:
    """Samples of what a list finds and what its exceptions let pass."""
    assert words.says(text, name) is said
