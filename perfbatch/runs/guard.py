"""A light parent for a run in one process: when a native reader takes the process down, it is run again.

A run of one file is fastest in the process that reads it, but a crash there would end the whole run. So this
parent, which loads no pandas, runs it in a child; if the child dies or hangs, it is run once more with every file
in a worker of its own, where the crash costs one file. Results already stored are kept.
"""

import multiprocessing
import sys
from collections.abc import Callable
from typing import Any

_SECONDS = 300.0  # for one file with all outputs, before it counts as hanging
_CODES = (0, 1, 2, 3, 4)  # of the command line


def run(work: Callable[[bool], int], files: int, interrupted: Callable[[], None] = lambda: None) -> int | None:
    """The exit code of `work(isolated)` in a child process, None if it dies twice.

    An interrupt is left to the child, which ends in its own way; `interrupted` is told of it.
    """
    # forked where the system can do that safely: this process is light and has one thread
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    for isolated in (False, True):
        child = context.Process(target=_child, args=(work, isolated))
        child.start()
        code = _waited(child, None if isolated else _SECONDS * files, interrupted)
        if code in _CODES:
            return code
    return None


def _waited(child: Any, seconds: float | None, interrupted: Callable[[], None]) -> int:
    while True:
        try:
            child.join(seconds)
            break
        except KeyboardInterrupt:
            interrupted()  # the terminal has told the child as well
    if child.exitcode is None:
        child.kill()
        child.join()
    return int(child.exitcode)


def _child(work: Callable[[bool], int], isolated: bool) -> None:
    from perfbatch.runs.engine import end_with_parent  # noqa: PLC0415

    end_with_parent()
    sys.exit(work(isolated))
