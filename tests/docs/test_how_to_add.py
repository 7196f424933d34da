"""What docs/DEVELOPERS.md says of adding something is enough: done in a copy of the checkout, with the files it names.

Each test adds something that does not exist, touches only files that the paragraph names, and asks the tests of the
room; without it they would say what is missing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = "docs/DEVELOPERS.md"


def named(what: str) -> list[str]:
    """The files and folders that the paragraph on adding `what` names, all from the root."""
    section = (ROOT / PAGE).read_text(encoding="utf-8").partition("## How to add")[2]
    paragraph = re.search(rf"\n\* \*\*{what}\*\*(.*?)(?=\n\* \*\*|\Z)", section, re.S)
    assert paragraph, what
    return [word for word in re.findall(r"`([^`\s]+)`", paragraph[1]) if "/" in word]


class Copy:
    """A checkout of its own in which something is added."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.changed: list[str] = []
        for name in ("perfbatch", "tests", "tools", "docs", "input_templates"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, folder / name)

    def write(self, name: str, text: str) -> None:
        """Write a new file."""
        assert not (self.folder / name).exists(), name
        self.changed.append(name)
        (self.folder / name).write_text(text, encoding="utf-8")

    def edit(self, name: str, before: str, after: str) -> None:
        """Put `after` in the place of `before`, which stands once; at the end of the file where `before` is empty."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert not before or text.count(before) == 1, (name, before)
        self.changed.append(name)
        text = text.replace(before, after) if before else text + after
        (self.folder / name).write_text(text, encoding="utf-8")

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code and output of Python in the copy."""
        done = subprocess.run(
            [sys.executable, *words], cwd=self.folder, capture_output=True, encoding="utf-8", errors="replace",
            env={**_environment(), "PYTHONPATH": f"{self.folder}{os.pathsep}{self.folder / 'tests'}"}, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def must(self, *words: str) -> None:
        """Run something that succeeds."""
        code, told = self.run(*words)
        assert code == 0, told[-3000:]

    def must_be_named(self, what: str) -> None:
        """Every changed file is one that the paragraph names, or lies in a folder that it names."""
        known = [name.replace("XX99", "*").replace("<family>", "*") for name in named(what)]
        strange = [name for name in self.changed if not any(Path(name).match(pattern) for pattern in known)]
        assert strange == []


def _environment() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "checkout")


TESTS = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-x")


def test_every_file_that_is_named_exists() -> None:
    section = (ROOT / PAGE).read_text(encoding="utf-8").partition("## How to add")[2]
    for word in re.findall(r"`([^`\s]+)`", section):
        if "/" in word and "(" not in word:
            pattern = word.replace("XX99", "*").replace("<family>", "*")
            assert list(ROOT.glob(pattern)), word


def test_a_layout(copy: Copy) -> None:
    """A form with header words of its own: three tables and its drawing, no Python."""
    copy.edit("perfbatch/forms/vocabulary.toml", 'actual = ["实际完成值", ', 'actual = ["柳溪实现数", "实际完成值", ')
    plain = '[[family]]\nid = "F1"\n'  # the last of the forms: it takes what no other has recognised
    own = '[[family]]\nid = "F99"\ntitle = "柳溪式自评表"\nany = ["柳溪实现数"]\ntraits = ["total_row"]\n\n'
    copy.edit("perfbatch/forms/families.toml", plain, own + plain)
    layouts = "[layouts]\n"
    own = 'F99 = { ruleset = "national-2020", words = "柳溪表样", regions = "any" }\n'
    copy.edit("perfbatch/rulesets/choice.toml", layouts, layouts + own)
    drawn = (ROOT / "tests/forms/drawn/F1.toml").read_text(encoding="utf-8")
    drawn = drawn.replace("│ 实际完成值 │ 分值 │ 得分 │", "│ 柳溪实现数 │ 分值 │ 得分 │").replace('"F1"', '"F99"')
    copy.write("tests/forms/drawn/F99.toml", drawn)
    copy.must_be_named("a layout")
    copy.must("-m", "tools.handbook", "docs")
    copy.must(*TESTS, "tests/forms/test_drawn_forms.py", "tests/rulesets/test_choice.py", "-k", "F99 or family")


def test_a_ruleset(copy: Copy) -> None:
    """A region with one value of its own."""
    copy.write(
        "perfbatch/rulesets/liuxi.toml",
        'title = "柳溪市办法"\nregion = "柳溪"\nextends = "national-2020"\n'
        'citation = "柳溪市预算绩效管理办法（虚构）"\n'
        'status = "seen"\nsince = "2024-01-01"\n\n[values]\nexec_points = { value = 20, clause = "第九条" }\n',
    )
    copy.edit("perfbatch/rulesets/choice.toml", "[regions]\n", '[regions]\nliuxi = ["柳溪市"]\n')
    copy.edit(
        "tests/rulesets/test_shipped.py", '    "anhui": {},\n', '    "anhui": {},\n    "liuxi": {"exec_points": 20},\n'
    )
    copy.must_be_named("a ruleset")
    copy.must("-m", "tools.handbook", "docs")
    copy.must(*TESTS, "tests/rulesets")


FUNCTION = '''

@check("RE99", of="form")
def only_an_annex(form: Form) -> Iterator[Hit]:
    """A reason that is nothing but 详见附件."""
    for row in form.indicators:
        if fold(row.reason) == "详见附件说明":
            yield row.hit("cell_reason", f"指标{row.called}的原因只写“{row.reason}”。", seen=row.reason)
'''
ENTRY = """
[RE99]
title = "原因只写“详见附件说明”"
severity = "info"
basis = "填报实务"
why = "表上没有原因，看表的人不知道为什么。"
failing = "≥40 → 30 │8│6，“详见附件说明”"
passing = "≥40 → 30 │8│6，“雨季停工两月，已顺延”"
hint = "把附件中的原因写到表上。"
"""
CASES = """code = "RE99"

[[failing]]
why = "nothing but the annex"
edit = { "reason@6" = "详见附件说明" }
hits = [{ cell = "reason@6", seen = "详见附件说明" }]

[[passing]]
why = "the reason as well"
edit = { "reason@6" = "雨季停工两月，详见附件说明" }
"""


def test_a_check(copy: Copy) -> None:
    """A function, an entry, a case file; what each lack of them is told by."""
    about = ("tests/checks/test_cases.py", "tests/checks/test_register.py", "tests/checks/test_written_out.py")
    copy.edit("perfbatch/checks/reasons.py", "", FUNCTION)
    code, told = copy.run(*TESTS, *about, "-k", "RE99 or entry or case")
    assert code and "RE99" in told and "reasons.toml" in told
    copy.edit("perfbatch/checks/reasons.toml", "", ENTRY)
    code, told = copy.run(*TESTS, *about, "-k", "RE99 or entry or case")
    assert code and "tests/checks/cases/RE99.toml" in told
    copy.write("tests/checks/cases/RE99.toml", CASES)
    copy.must_be_named("a check")
    copy.must("-m", "tools.handbook", "docs")
    assert copy.run("tests/checks/test_written_out.py")[0] == 0
    copy.must(*TESTS, *about, "tests/docs/test_manuals.py", "-k", "RE99 or entry or case or manual")


def test_a_column_of_the_summary(copy: Copy) -> None:
    """One `Field` and its line in the table of what outputs hold."""
    column = '        Field("错误", lambda r: r.item.errors, "count", 5, total=whole.errors),\n'
    own = '        Field("编号", lambda r: r.item.project_id, "code", 9),\n'
    copy.edit(
        "perfbatch/outputs/summary/projects.py", f"        *marks(),\n{column}", f"        *marks(),\n{own}{column}"
    )
    text = (copy.folder / "tools/outputs.toml").read_text(encoding="utf-8")
    sheet = text[text.index('[summary."项目得分"]') :].partition("\n\n")[0]
    described = sheet.replace('"错误" = ', '"编号" = "程序给的编号"\n"错误" = ')
    copy.edit("tools/outputs.toml", sheet, described)
    copy.must_be_named("a column of the summary")
    copy.must("-m", "tools.handbook", "docs")
    copy.must(*TESTS, "tests/docs/test_outputs.py", "tests/outputs/test_summary_sheets.py")
