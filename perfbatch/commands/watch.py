"""Leave it running: what is dropped into the input folder is processed once it has settled."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from perfbatch import sources
from perfbatch.errors import UsageError

SETTLED = 3.0  # seconds without a change before work begins: a copy over the network pauses for less


def must_be_folder(folder: Path) -> None:
    """Raise UsageError when there is no such folder."""
    if not folder.is_dir():
        raise UsageError(f"找不到要监视的文件夹“{folder}”，请先建立它，或给出别的文件夹。")


def changes(folder: Path, output: Path, stop: threading.Event, settled: float = SETTLED) -> Iterator[None]:
    """One item whenever something in `folder` has changed and then kept still for `settled` seconds.

    Ends when `stop` is set. Raises UsageError when the folder is missing or is `output`. The folder is looked at
    again and again: a shared folder does not tell what other machines write into it, which is what libraries
    like watchfiles wait for.
    """
    must_be_folder(folder)
    last: dict[Path, tuple[int, int]] | None = None
    pending = True  # what is there already
    while not stop.wait(settled if last is not None else 0):
        if not folder.is_dir():  # a network drive that is away for a while
            continue
        now = _state(folder, output)
        if now != last:
            pending, last = True, now
        elif pending:  # a whole look without any change
            pending = False
            yield


def _state(folder: Path, output: Path) -> dict[Path, tuple[int, int]]:
    """Size and time of last change of every file that a run would read."""
    state = {}
    found = sources.find([folder], output)
    for path in (*(source.path for source in found.files), *(paper.path for paper in found.evidence)):
        with contextlib.suppress(OSError):  # gone since it was listed
            seen = path.stat()
            state[path] = (seen.st_size, seen.st_mtime_ns)
    return state


def watch(
    folder: Path,
    output: Path,
    run: Callable[[], int],
    tell: Callable[[str], None],
    *,
    stop: threading.Event | None = None,
    settled: float = SETTLED,
) -> int:
    """Call `run` for what is there and after every settled change, until interrupted; the last exit code.

    Raises UsageError when the folder is missing; `run` is a whole run in a process of its own.
    """
    code = 0
    must_be_folder(folder)
    tell(f"正在监视“{folder}”，放入的表格会自动处理；按 Ctrl+C 结束。")
    with contextlib.suppress(KeyboardInterrupt):
        for _ in changes(folder, output, stop or threading.Event(), settled):
            code = run()
            tell(f"继续监视“{folder}”；按 Ctrl+C 结束。")
    tell("已停止监视。")
    return code
