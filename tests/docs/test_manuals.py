"""The generated manuals are those of the present program, and say everything a reader may ask."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from perfbatch import rulesets
from perfbatch.checks.register import register
from perfbatch.cli import parser
from perfbatch.commands import manual
from perfbatch.rulesets import parameters
from tools import handbook

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[一-龥]")


@pytest.mark.parametrize("name", ["RULES.md", "RULESETS.md", "CLI.md", "OUTPUTS.md"])
def test_committed_manual_is_fresh(name: str) -> None:
    """A change of a check, ruleset or option comes with its page: python -m tools.handbook"""
    assert (handbook.DOCS / name).read_text(encoding="utf-8") == handbook.pages()[name]


def test_written_files_are_the_pages(tmp_path: Path) -> None:
    written = handbook.write(tmp_path)
    assert {path.name: path.read_bytes() for path in written} == {
        name: text.encode() for name, text in handbook.pages().items()
    }


def test_readme_links_every_manual() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in handbook.pages() if f"](docs/{name})" not in readme] == []


def test_every_check_says_why_in_chinese() -> None:
    """One reason a check, and no reason copied."""
    reasons = {code: entry.why for code, entry in register().items()}
    assert len(set(reasons.values())) == len(reasons)
    for code, text in reasons.items():
        assert text.endswith("。") and len(CHINESE.findall(text)) >= 10, code


def test_rule_manual_is_complete() -> None:
    """Every check with its texts and the default and meaning of every parameter."""
    sections = re.split(r"^### ", handbook.pages()["RULES.md"], flags=re.M)[1:]
    assert [section.split()[0] for section in sections] == list(register())
    default = rulesets.default()
    for section, entry in zip(sections, register().values(), strict=True):
        for text in (entry.title, entry.basis, entry.hint, entry.why):
            assert text in section, entry.code
        for key in entry.parameters:
            assert f"`{key}` = " in section and key in default.values, (entry.code, key)
        clerk = section.partition("<details>")[0]
        assert "English" not in clerk and entry.explanation.split(".")[0] not in clerk


@pytest.mark.parametrize("code", register())
def test_page_of_the_command_line_has_no_english(code: str) -> None:
    """The clerk's page carries reason and parameters, not the docstring."""
    page = manual.check_page(code)
    assert register()[code].why in page
    assert register()[code].explanation.split("\n")[0] not in page


def test_ruleset_manual_is_complete() -> None:
    """Every ruleset has its own values, each with source and status; every parameter is explained once."""
    page = handbook.pages()["RULESETS.md"]
    sections = dict(re.findall(r"^## ([\w-]+)\n(.*?)(?=^## |\Z)", page, flags=re.M | re.S))
    for name in (*rulesets.names(), "conventions"):
        ruleset = rulesets.load(name)
        rows = re.findall(r"^\| `(\w+)` \|", sections[name], flags=re.M)
        own = [key for key, value in ruleset.values.items() if value.origin == name]
        assert rows == own and own
    explained = re.findall(r"^\| `(\w+)` \|", sections["参数一览"], flags=re.M)
    assert explained == list(parameters())


def test_command_manual_is_complete() -> None:
    """Every command and every option with the words of ``--help``."""
    page = handbook.pages()["CLI.md"]
    commands = next(a.choices for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    for name, command in commands.items():
        section = page.partition(f"## perfbatch {name}\n")[2].partition("\n## ")[0]
        for option in command._actions:
            assert option.help in section, (name, option.dest)
            assert all(f"`{text}" in section for text in option.option_strings)
