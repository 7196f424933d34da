"""The maps: docs/DEVELOPERS.md names every room of the program, tests/README.md every folder and document."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
PACKAGE = ROOT / "perfbatch"


def first_column(path: Path, heading: str) -> list[str]:
    """The code words in the first column of the table under `heading`."""
    table = path.read_text(encoding="utf-8").partition(f"| {heading} |")[2].partition("\n\n")[0]
    rows = [line for line in table.splitlines()[2:] if line.startswith("|")]
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row.split("|")[1])]


def holds_code(folder: Path) -> bool:
    return folder.is_dir() and folder.name != "__pycache__"


def test_every_room_is_on_the_map_once() -> None:
    folders = [f"{path.name}/" for path in PACKAGE.iterdir() if holds_code(path)]
    modules = [path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__")]
    assert sorted(first_column(ROOT / "docs" / "DEVELOPERS.md", "room")) == sorted([*folders, *modules])


def test_every_module_says_what_it_is_for() -> None:
    """One sentence at least; only an empty `__init__` has nothing to say."""
    silent = []
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if tree.body and not ast.get_docstring(tree):
            silent.append(path.relative_to(ROOT).as_posix())
    assert silent == []


def test_every_folder_of_the_tests_is_on_the_map() -> None:
    folders = [f"{path.name}/" for path in TESTS.iterdir() if holds_code(path)]
    assert sorted(first_column(TESTS / "README.md", "folder")) == sorted(folders)


def test_every_document_on_the_map_is_there() -> None:
    for line in (TESTS / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            _, folder, _, documents, _ = line.split("|")
            for name in re.findall(r"`([^`]+)`", documents):
                near = TESTS / folder.strip().strip("`/")
                pattern = name.replace("XX99", "*")
                assert list(near.glob(pattern)) or list(TESTS.glob(pattern)), name


def test_every_test_module_says_what_it_proves() -> None:
    modules = [*TESTS.rglob("test_*.py"), *(TESTS / "support").glob("[a-z]*.py")]
    assert [p.name for p in modules if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))] == []


def test_how_to_add_each_thing_in_ten_lines() -> None:
    text = (ROOT / "docs" / "DEVELOPERS.md").read_text(encoding="utf-8").partition("## How to add …")[2]
    entries = re.split(r"^\* \*\*", text, flags=re.M)[1:]
    named = [entry.partition("**")[0] for entry in entries]
    assert {"a check", "a ruleset", "a layout", "an output"} <= set(named)
    assert max(entry.count("\n") for entry in entries) <= 10
