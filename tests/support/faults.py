"""Runs that die or meet a full disk at a chosen write step, in forked children of one warm process.

``python faults.py`` reads lines ``KIND STEP INPUT OUTPUT`` and answers with the exit status and the number of write
steps of that run. A step is any opening for writing, renaming, removing or making below OUTPUT, as the
interpreter's audit events tell them; so no step can be forgotten here when the program gains one.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "os.utime"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Server:
    """The warm process; `run` is one run with one fault."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip

    def run(self, kind: str, step: int, source: Path, output: Path) -> tuple[int, int, str]:
        """Exit status (negative: killed), write steps that were met, and what was said."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{kind}\t{step}\t{source}\t{output}\n")
        self._process.stdin.flush()
        status, steps, text = self._process.stdout.readline().rstrip("\n").split("\t")
        return int(status), int(steps), text

    def close(self) -> None:
        """End the warm process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def _child(kind: str, step: int, source: str, output: str, count: Path, said: Path) -> None:
    from perfbatch.cli import main

    steps = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal steps
        if event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and flags & WRITING
        else:
            path, writes = (arguments[0] if arguments else None), event in EVENTS
        if not writes or not isinstance(path, str | os.PathLike) or not str(path).startswith(output):
            return
        steps += 1
        if steps == step and kind == "kill":
            count.write_text(str(steps), encoding="ascii")
            os.kill(os.getpid(), signal.SIGKILL)
        if steps >= step and kind == "full" and event in ("open", "os.mkdir"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    sys.addaudithook(hook)
    streams = io.StringIO()
    with redirect_stdout(streams), redirect_stderr(streams):
        code = main(["run", source, "--output", output, "--workers", "1"])
    kind = "over"
    count.write_text(str(steps), encoding="ascii")
    said.write_text(streams.getvalue(), encoding="utf-8")
    os._exit(code)


def serve() -> None:
    """Answer the lines of the standard input."""
    import tempfile

    import perfbatch.runs.batch  # noqa: F401 - warm

    with tempfile.TemporaryDirectory() as folder:
        count, said = Path(folder, "steps"), Path(folder, "said")
        for line in sys.stdin:
            kind, step, source, output = line.rstrip("\n").split("\t")
            count.write_text("0", encoding="ascii")
            said.write_text("", encoding="utf-8")
            pid = os.fork()
            if pid == 0:
                try:
                    _child(kind, int(step), source, output, count, said)
                finally:  # never back into the loop of the parent
                    said.write_text(traceback.format_exc(), encoding="utf-8")
                    os._exit(70)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            text = said.read_text(encoding="utf-8").replace("\n", " ⏎ ").replace("\t", " ")
            sys.stdout.write(f"{status}\t{count.read_text(encoding='ascii')}\t{text}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    serve()
