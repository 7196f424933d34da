"""The README tells the truth: CI runs its command, every command and option of the program is in it or in --help."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from perfbatch.cli import parser

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks() -> list[str]:
    """The fenced blocks without a language: command lines."""
    parts = re.split(r"^```(.*)$", README, flags=re.M)
    return [parts[i + 1].strip() for i in range(1, len(parts), 4) if not parts[i].strip()]


def test_ci_calls_exactly_the_test_command() -> None:
    command = next(block for block in blocks() if "-m pytest" in block)
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_first_command_runs_the_main_job_on_a_committed_sample() -> None:
    command = next(block for block in blocks() if "perfbatch run input_templates/" in block)
    assert "\n" not in command
    sample = command.rsplit("perfbatch run ", 1)[1]
    assert (ROOT / sample).is_file()


def test_commands_of_windows_are_those_of_the_others() -> None:
    """The same installation, in the words of cmd."""
    first = next(block for block in blocks() if "perfbatch run input_templates/" in block).split(" && ")
    windows = README.partition("```bat\n")[2].partition("\n```")[0].split(" && ")
    translated = [part.replace(".venv/bin/", ".venv\\Scripts\\").replace("python3", "py") for part in first[:2]]
    assert windows[:2] == translated and windows[2].endswith(r"\perfbatch init 绩效自评")


def commands() -> dict[str, argparse.ArgumentParser]:
    action = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in commands() if f"perfbatch {name}" not in README] == []


def test_every_option_has_chinese_help() -> None:
    for name, command in commands().items():
        for action in command._actions:
            assert action.help and re.search(r"[\u4e00-\u9fff]", action.help), (name, action.dest)


def test_no_registry_and_no_path_of_a_machine() -> None:
    for path in (ROOT / "constraints.txt", ROOT / "pyproject.toml", ROOT / "README.md", ROOT / ".ci" / "run"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://", text), path
        assert "--index" not in text, path


def test_it_fits_a_screen_and_what_it_points_to_is_there() -> None:
    """The clerk's part: short, and every page it links exists; so do those the pages link."""
    clerk = README.partition("\n---\n")[0]
    assert clerk.count("\n") <= 50
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)|<img src=\"([^\"]+)\"", text):
            assert (page.parent / next(filter(None, target))).exists(), (page.name, target)
