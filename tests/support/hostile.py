"""A work folder full of what people wrote, a file system that refuses or a process that dies at any step; the judge.

After a run with one fault: every word that a person wrote still stands in some file, what was said is true, and the
next run, without faults, ends as if nothing had happened.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import openpyxl

from perfbatch.cli import main
from support import writing
from support.faults import Server
from support.forms import outputs
from support.held import held_open

KINDS = ("kill", "once", "ever")
COPY, SUMMARY, REPORT = "甲_批注.xlsx", "绩效自评汇总表.xlsx", "绩效自评报告.docx"
PAPER, RETURNS = "抽查工作底稿.xlsx", "退回修改意见.xlsx"
ALL = (COPY, SUMMARY, REPORT, PAPER, RETURNS, "findings.jsonl", "run.json")
_EXACT = (COPY, RETURNS, "findings.jsonl", "data/findings.parquet", "data/indicators.parquet", "data/projects.parquet")


class Verdict(NamedTuple):
    """What came of one step with one fault; `wrong` is empty if all held."""

    step: int
    kind: str
    what: str
    code: int
    wrong: tuple[str, ...]


class Scene:
    """The folder before the run that is disturbed: outputs of two runs, all changed by people, and a new export."""

    def __init__(self, home: Path, server: Server) -> None:
        self.home, self._server = home, server
        self.source, self._before = home / "input", home / "before"
        writing.export(self.source, 0)
        main(["run", str(self.source), "--output", str(self._before), "--workers", "1"])
        writing.export(self.source, 1)
        with held_open(*ALL):
            main(["run", str(self.source), "--output", str(self._before), "--workers", "1"])
        self.words = [*self._write("", "原"), *self._write("(2)", "二")]
        writing.export(self.source, 2)
        code, self.steps, _ = server.run("none", 0, self.source, self._fresh("undisturbed"))
        assert code in (0, 1)
        self._expected = self._results(home / "undisturbed")
        assert not self._lost(home / "undisturbed")

    def _write(self, number: str, mark: str) -> Iterator[str]:
        def at(name: str) -> Path:
            return self._before / f"{Path(name).stem}{number}{Path(name).suffix}"

        writing.cell(at(COPY), None, "B10", f"{mark}目标")
        writing.cell(at(SUMMARY), "汇总", "A2", f"{mark}标题")
        writing.ledger(at(SUMMARY), f"{mark}措施")
        writing.report(at(REPORT), f"{mark}句子。")
        writing.paper(at(PAPER), f"{mark}意见")
        writing.cell(at(RETURNS), None, "A3", f"{mark}退回")
        at("findings.jsonl").write_text(f"{mark}一行", encoding="utf-8")
        yield from (f"{mark}{word}" for word in ("目标", "标题", "措施", "句子", "意见", "退回", "一行"))

    def _fresh(self, name: str) -> Path:
        shutil.rmtree(self.home / name, ignore_errors=True)
        shutil.copytree(self._before, self.home / name)
        return self.home / name

    def judge(self, step: int, kind: str) -> Verdict:
        """Run with one fault, look, run again, look again."""
        output = self._fresh("disturbed")
        code, _, what, said = self._server.tell(kind, step, self.source, output)
        wrong = [f"lost: {word}" for word in self._lost(output)]
        if kind == "kill":
            wrong += [] if code == -9 else [f"ended with {code}"]
        else:
            wrong += self._untrue(code, said, output)
        again, _, told = self._server.run("none", 0, self.source, output)
        wrong += [f"lost by the next run: {word}" for word in self._lost(output)]
        wrong += [f"next run: {text}" for text in self._untrue(again, told, output)]
        if again not in (0, 1):
            wrong.append(f"next run ended with {again}: {told[-300:]}")
        else:
            wrong += self._differences(output)
        left = [path.name for path in output.rglob("*") if "perfbatch-tmp" in path.name or path.name.endswith(".tmp")]
        # that of a lock stays when it can never be removed, until a run has something to do
        wrong += [f"left: {name}" for name in left if not name.startswith("lock.json")]
        return Verdict(step, kind, what, code, tuple(wrong))

    def _lost(self, output: Path) -> list[str]:
        there = writing.words_of(output)
        return [word for word in self.words if word not in there]

    def _untrue(self, code: int, said: str, output: Path) -> Iterator[str]:
        """Sentences that the folder gives the lie to."""
        if "Traceback" in said or code not in (0, 1, 3):
            yield f"ended with {code}: {said[-300:]}"
        for name in re.findall(r"(?:已改名为|已另存为|另存为)“([^”]+)”", said):
            if not (output / name).is_file() and not (output / "data" / name).is_file():
                yield f"there is no {name}"
        for name in re.findall(r"输出文件夹中的“([^”]+)”", said):
            if "一直被" not in said and not (output / name).exists():
                yield f"there is no {name} to be outdated"
        if code in (0, 1):
            record = json.loads(self._record(output).read_text(encoding="utf-8"))
            yield from (f"missing: {name}" for name in record["outputs"] if not (output / name).is_file())
            if "第2次" not in writing.words_of(output):
                yield "nothing new was published"
        elif code == 3 and not re.search(r"\[未生成\]|\[未处理\]|无法写入|被其他程序占用|未能", said):
            yield f"nothing says what is missing: {said[-300:]}"

    def _record(self, output: Path) -> Path:
        """The newest run.json, whatever number it got."""
        return max(output.glob("run*.json"), key=lambda path: path.stat().st_mtime_ns)

    def _differences(self, output: Path) -> Iterator[str]:
        now = self._results(output)
        yield from (f"{name} differs" for name in self._expected if now.get(name) != self._expected[name])

    def _results(self, output: Path) -> dict[str, object]:
        """What a run made, but for the numbers of files that went beside others."""
        hashes = outputs(output)
        found: dict[str, object] = {name: hashes.get(name) for name in _EXACT}
        record = json.loads((output / "run.json").read_text(encoding="utf-8"))
        found["run.json"] = [record["files"], record["totals"], record["checks"]]
        book = openpyxl.load_workbook(output / SUMMARY)
        found["ledger"] = sorted(str([cell.value for cell in row]) for row in book["整改台账"].iter_rows())
        found["goals"] = [path for path in output.glob("绩效自评报告*.docx") if self._holds(path, "第2次")] != []
        return found

    def _holds(self, report: Path, word: str) -> bool:
        with zipfile.ZipFile(report) as package:
            return word in package.read("word/document.xml").decode("utf-8")
