"""Runs that die, are refused or meet a full disk at a chosen write step, in forked children of one warm process.

``python faults.py`` reads lines ``KIND STEP INPUT OUTPUT`` and answers with the exit status, the number of write
steps of that run, what the step was and what was said. A step is any opening for writing, renaming, removing or making
below OUTPUT, as the interpreter's audit events tell them; so no step can be forgotten here when the program gains one.

``kill``: the process ends there. ``full``: from there on nothing can be made. ``once``: Windows refuses it because
another program has the file open for a moment. ``ever``: it is refused whenever it is tried, on that file.
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
        status, steps, _, text = self.tell(kind, step, source, output)
        return status, steps, text

    def tell(self, kind: str, step: int, source: Path, output: Path) -> tuple[int, int, str, str]:
        """As `run`, with the step that was met: its event and path below OUTPUT."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{kind}\t{step}\t{source}\t{output}\n")
        self._process.stdin.flush()
        status, steps, what, text = self._process.stdout.readline().rstrip("\n").split("\t")
        return int(status), int(steps), what, text

    def close(self) -> None:
        """End the warm process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def _child(kind: str, step: int, source: str, output: str, count: Path, said: Path) -> None:
    from perfbatch.cli import main
    from perfbatch.store import renames

    steps, what = 0, ""
    refused: tuple[str, str] | None = None
    if kind == "ever":
        renames.PATIENCE = 0.02

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal steps, what, refused
        if event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and flags & WRITING
        else:
            path, writes = (arguments[0] if arguments else None), event in EVENTS
        if not writes or not isinstance(path, str | os.PathLike) or not str(path).startswith(output):
            return
        named = str(arguments[1] if event == "os.rename" else path)
        if named.endswith("lock.beat"):  # a clock's work, not the run's
            return
        steps += 1
        if steps == step:
            what = f"{event} {named.removeprefix(output).lstrip('/')}"
            refused = (event, named)
        if steps == step and kind == "kill":
            count.write_text(f"{steps}\t{what}", encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)
        if steps >= step and kind == "full" and event in ("open", "os.mkdir"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        if event == "shutil.rmtree":  # announces others, which are refused one by one
            return
        if (kind == "once" and steps == step) or (kind == "ever" and refused == (event, named)):
            error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            error.winerror = 32  # type: ignore[attr-defined]
            raise error

    sys.addaudithook(hook)
    streams = io.StringIO()
    with redirect_stdout(streams), redirect_stderr(streams):
        code = main(["run", source, "--output", output, "--workers", "1"])
    kind = "over"
    count.write_text(f"{steps}\t{what}", encoding="utf-8")
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
            count.write_text("0\t", encoding="ascii")
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
            sys.stdout.write(f"{status}\t{count.read_text(encoding='utf-8')}\t{text}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    serve()
