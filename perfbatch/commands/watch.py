"""Leave it running: what is dropped into the input folder is processed once it has settled."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from perfbatch.errors import UsageError, pip_install
from perfbatch.sources import reason_to_skip

SETTLED = 3.0  # seconds without a change before work begins: a copy over the network pauses for less


def must_be_possible(folder: Path) -> None:
    """Raise UsageError when the folder is missing or the extra is not installed."""
    if not folder.is_dir():
        raise UsageError(f"找不到要监视的文件夹“{folder}”，请先建立它，或给出别的文件夹。")
    if importlib.util.find_spec("watchfiles") is None:
        raise UsageError(f"perfbatch watch 需要 watchfiles，请先运行：{pip_install('watchfiles')}")


def changes(folder: Path, stop: threading.Event, settled: float = SETTLED) -> Iterator[None]:
    """One item whenever something in `folder` has changed and then kept still for `settled` seconds.

    Ends when `stop` is set. Raises UsageError when watching is not possible (see `must_be_possible`).
    """
    must_be_possible(folder)
    from watchfiles import watch  # noqa: PLC0415 - an extra

    pending = True  # what is there already, or comes before the watch has begun
    looks = watch(
        folder,
        stop_event=stop,
        debounce=400,
        step=100,
        rust_timeout=int(settled * 1000),
        yield_on_timeout=True,
        raise_interrupt=True,
        watch_filter=lambda _, path: reason_to_skip(Path(path), explicit=False) is None,
    )
    for found in looks:
        if found:
            pending = True
        elif pending:  # a whole look without any change
            pending = False
            yield


def watch(
    folder: Path,
    run: Callable[[], int],
    tell: Callable[[str], None],
    *,
    stop: threading.Event | None = None,
    settled: float = SETTLED,
) -> int:
    """Call `run` for what is there and after every settled change, until interrupted; the last exit code.

    Raises UsageError where watching is not possible; `run` is a whole run in a process of its own.
    """
    code = 0
    must_be_possible(folder)
    tell(f"正在监视“{folder}”，放入的表格会自动处理；按 Ctrl+C 结束。")
    try:
        for _ in changes(folder, stop or threading.Event(), settled):
            code = run()
            tell(f"继续监视“{folder}”；按 Ctrl+C 结束。")
    except KeyboardInterrupt:
        pass
    tell("已停止监视。")
    return code
