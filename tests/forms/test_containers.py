"""Layouts × containers: every drawn form in every container gives the same lines, or is refused for a said reason."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from support import drawing
from tabulate import tabulate

from perfbatch.errors import RefusedFile
from perfbatch.forms import recognise
from perfbatch.intake import read_book

KINDS = {  # written by LibreOffice → its filter
    "xls": "xls", "ods": "ods", "fods": "fods", "html": "html",
    "csv": "csv:Text - txt - csv (StarCalc):44,34,76",
}  # fmt: skip
CONTAINERS = {  # name as handed in → what it is, and the encoding of its text where it is not UTF-8
    "xls": ("xls", ""), "et": ("xls", ""), "ods": ("ods", ""), "fods": ("fods", ""), "html": ("html", ""),
    "html.xls": ("html", ""), "csv": ("csv", ""), "gbk.csv": ("csv", "gb18030"), "gbk.xls": ("csv", "gb18030"),
}  # fmt: skip
TEXTS = ("level1", "level2", "level3", "target", "actual", "score")
REFUSED: dict[tuple[str, str], str] = {}  # (layout, container) → code of the refusal; none today


def drawn() -> list[str]:
    return [name for name in drawing.families() if "grid" in drawing.load(name)]


def outcome(path: Path) -> str:
    """Layout, lines and where each stands, or the code of the refusal."""
    try:
        forms = recognise.recognise(read_book(path, name=path.name)).forms
    except RefusedFile as refusal:
        return refusal.code
    (form,) = forms
    lines = [tuple(line.text(name) for name in TEXTS) for line in form.lines]
    return f"{form.layout} {form.anchor} {[(line.row, *texts) for line, texts in zip(form.lines, lines, strict=True)]}"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("own")
    return {f: drawing.write(folder / f"{f}.xlsx", {"表": drawing.parse(drawing.load(f)["grid"])}) for f in drawn()}


def convert(own: dict[str, Path], folder: Path) -> None:
    """Every form in every kind, by LibreOffice."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    for wanted in KINDS.values():
        command = ["soffice", profile, "--headless", "--convert-to", wanted, "--outdir", folder, *own.values()]
        subprocess.run(command, check=True, capture_output=True, timeout=300)


def handed_in(folder: Path, family: str, container: str) -> Path:
    """The file of one form as a clerk would hand it in."""
    kind, encoding = CONTAINERS[container]
    data = (folder / f"{family}.{kind}").read_bytes()
    path = folder / "in" / f"{family}.{container}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data.decode().encode(encoding) if encoding else data)
    return path


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_layouts_in_containers(own: dict[str, Path], tmp_path: Path) -> None:
    expected = {family: outcome(path) for family, path in own.items()}
    assert [text.split()[0] for text in expected.values()] == list(own)
    convert(own, tmp_path)
    table: list[list[str]] = []
    wrong: dict[tuple[str, str], str] = {}
    for family in own:
        found = {name: outcome(handed_in(tmp_path, family, name)) for name in CONTAINERS}
        right = {name: text == expected[family] for name, text in found.items()}
        table.append([family, "ok", *("ok" if right[name] else found[name].split()[0] for name in CONTAINERS)])
        for name, text in found.items():
            if text != REFUSED.get((family, name), expected[family]):
                wrong[family, name] = text
    print(tabulate(table, headers=("layout", "xlsx", *CONTAINERS)))
    assert wrong == {}
