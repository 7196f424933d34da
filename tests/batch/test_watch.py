"""perfbatch watch: what is dropped in is processed once it has settled, and Ctrl+C ends it cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support.forms import write_forms

from perfbatch.commands.watch import changes, watch
from perfbatch.errors import UsageError


def until(test: object, seconds: float = 40) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():  # type: ignore[operator]
            return True
        time.sleep(0.1)
    return False


def _heeds_interrupts() -> None:
    """In the child: a shell that runs these tests in the background had interrupts ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_run_for_what_is_there_and_one_for_what_comes(tmp_path: Path) -> None:
    runs: list[list[str]] = []
    stop = threading.Event()

    def run() -> int:
        runs.append(sorted(path.name for path in tmp_path.iterdir()))
        return 1

    (tmp_path / "一.xlsx").write_bytes(b"1")
    said: list[str] = []
    codes: list[int] = []

    def work() -> None:
        codes.append(watch(tmp_path, tmp_path / "结果", run, said.append, stop=stop, settled=0.3))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert until(lambda: len(runs) == 1)
    for part in range(5):  # a slow copy is one change
        with (tmp_path / "二.xlsx").open("ab") as stream:
            stream.write(b"2")
        time.sleep(0.15 if part < 4 else 0)
    assert until(lambda: len(runs) == 2)
    (tmp_path / "~$二.xlsx").write_bytes(b"")
    (tmp_path / "备忘.txt").write_bytes(b"")
    time.sleep(1)
    stop.set()
    thread.join(10)
    assert [names[:2] for names in runs] == [["一.xlsx"], ["一.xlsx", "二.xlsx"]]
    assert codes == [1]
    assert said[-1] == "已停止监视。"


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="找不到要监视的文件夹"):
        next(changes(tmp_path / "没有", tmp_path, threading.Event()))


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_the_command_ends_cleanly(tmp_path: Path) -> None:
    write_forms(tmp_path / "input", "甲")
    process = subprocess.Popen(
        [sys.executable, "-m", "perfbatch", "watch"], cwd=tmp_path, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,  # in the encoding of the machine, as the command writes to a console
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        preexec_fn=_heeds_interrupts,
    )  # fmt: skip
    assert until(lambda: (tmp_path / "output" / "run.json").exists())
    write_forms(tmp_path / "input", "乙")
    assert until(lambda: (tmp_path / "output" / "乙_批注.xlsx").exists())
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=40)[1]
    assert process.returncode in (0, 1)
    assert "已停止监视" in said
    assert "Traceback" not in said
