"""A light parent for a run in one process: when a native reader takes the process down, it is run again.

A run of one file is fastest in the process that reads it, but a crash there would take the whole run. So this
parent, which loads no pandas, starts it as a child; if the child dies or hangs, the same command is started
with every file in a worker of its own, where the crash costs one file. Results already stored are kept.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

SUPERVISED = "PERFBATCH_SUPERVISED"
_ISOLATED = "PERFBATCH_ISOLATED"  # as perfbatch.runs.engine reads it, which is not loaded here
_SECONDS = 300.0  # for one file with all outputs, before it counts as hanging
_CODES = (0, 1, 2, 3)


def is_wanted(files: int, workers: int | None) -> bool:
    """Whether this run would go through one process, and is not a supervised child already."""
    alone = files == 1 or min(workers or os.cpu_count() or 1, files) == 1
    return alone and not os.environ.get(SUPERVISED) and not os.environ.get(_ISOLATED)


def run(
    arguments: Sequence[str],
    files: int,
    interrupted: Callable[[], None] = lambda: None,
    *,
    work: Callable[[], int] | None = None,
) -> int:
    """Run the command line `arguments` as a child, a second time isolated if it dies; its exit code.

    `work` is the same as a function: where the system can fork, the first child runs it and need not start an
    interpreter; it comes back from here with the code, in a process of its own. An interrupt is left to the
    child, which ends in its own way; `interrupted` is told of it.
    """
    if work is not None and hasattr(os, "fork") and threading.active_count() == 1:
        ends = os.pipe()
        child = os.fork()
        if child == 0:
            os.environ[SUPERVISED] = "1"
            os.dup2(ends[0], 0)
            for end in ends:
                os.close(end)
            return work()
        os.close(ends[0])
        code = _waited(child, _SECONDS * files, interrupted)
    else:
        code = _child(arguments, {SUPERVISED: "1"}, _SECONDS * files, interrupted)
    if code in _CODES:
        return code
    code = _child(arguments, {SUPERVISED: "1", _ISOLATED: "1"}, None, interrupted)
    return code if code in _CODES else 3


def _waited(child: int, seconds: float, interrupted: Callable[[], None]) -> int:
    """Exit code of a forked child, which is killed after `seconds`."""
    limit = threading.Timer(seconds, os.kill, (child, 9))
    limit.daemon = True
    limit.start()
    try:
        while True:
            try:
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            except KeyboardInterrupt:
                interrupted()  # the terminal has told the child as well
    finally:
        limit.cancel()


def _child(
    arguments: Sequence[str], extra: dict[str, str], seconds: float | None, interrupted: Callable[[], None]
) -> int:
    home = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH", ""))))
    command = [sys.executable, "-P", "-m", "perfbatch", *arguments]
    # the child reads its standard input only to notice that this process has ended
    with subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
        command, env={**os.environ, **extra, "PYTHONPATH": paths}, stdin=subprocess.PIPE
    ) as process:
        while True:
            try:
                return process.wait(seconds)
            except KeyboardInterrupt:
                interrupted()  # the terminal has told the child as well
            except subprocess.TimeoutExpired:
                process.kill()
                return -1


def end_with_parent() -> None:
    """In a supervised child: end at once when the parent was killed, so that nothing writes unwatched."""
    if not os.environ.get(SUPERVISED):
        return

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1):  # not sys.stdin, whose lock would be held when this process ends
                pass
        os._exit(3)

    threading.Thread(target=watch, daemon=True).start()
