"""One run at a time in an output folder: a lock that says who holds it and that outlives nobody."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from perfbatch.errors import OutputFolderFull, PerfbatchError, why

NAME = "lock.json"
_BEAT = 10.0  # seconds between signs of life
_SILENT = 90.0  # seconds without one after which a holder is taken for dead
_PATIENCE = 3.0  # seconds for the workers of a killed run to notice and end


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder` (made if missing); raises PerfbatchError naming the holder when it is taken."""
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _acquire(path)
    except OSError as error:
        raise unwritable(folder.parent, error) from error
    over = threading.Event()
    threading.Thread(target=_beat, args=(path, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()
        with contextlib.suppress(OSError):
            path.unlink()


def unwritable(folder: Path, error: OSError) -> OutputFolderFull:
    """The one sentence about an output folder that takes nothing."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        what, then = "所在磁盘空间不足，本次没有完成", "请清理磁盘后用同样的命令重新运行"
        return OutputFolderFull(f"输出文件夹“{folder}”{what}；{then}。")
    then = "请检查权限，或用 --output 另选文件夹后重新运行"
    return OutputFolderFull(f"输出文件夹“{folder}”无法写入（{why(error)}）；{then}。")


def _acquire(path: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump(_self(), stream, ensure_ascii=False)
            return
        holder = _holder(path)
        if _is_dead(path, holder):
            # renamed first: of two runs that both see a dead holder, one gets the name and removes it
            aside = path.with_name(f"{NAME}.{os.getpid()}")
            with contextlib.suppress(OSError):
                path.rename(aside)
                aside.unlink()
        elif time.monotonic() > deadline:
            raise PerfbatchError(_taken(path, holder))
        else:
            time.sleep(0.1)


def _self() -> dict[str, object]:
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    return {"host": platform.node(), "pid": os.getpid(), "since": now}


def _holder(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _taken(path: Path, holder: dict[str, object]) -> str:
    host, pid, since = (holder.get(name, "未知") for name in ("host", "pid", "since"))
    who = f"计算机“{host}”上的另一次运行（进程{pid}，{since}开始）"
    return (
        f"输出文件夹“{path.parent.parent}”正被{who}使用；请等它结束，或用 --output 另选文件夹。"
        f"如确认没有运行，请删除“{path}”后再试。"
    )


def _is_dead(path: Path, holder: dict[str, object]) -> bool:
    """The holder's process is gone, or it has given no sign of life for a while."""
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > _SILENT:
            return True
    pid = holder.get("pid")
    if os.name == "nt" or holder.get("host") != platform.node() or not isinstance(pid, int):
        return False  # os.kill would end a process of Windows instead of asking for it
    return not is_running(pid)


def is_running(pid: int) -> bool:
    """Whether a process of this machine is at work; one that has ended and whom nobody has asked about is not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    with contextlib.suppress(OSError, IndexError):
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        return told.rpartition(")")[2].split()[0] != "Z"
    return True


def _beat(path: Path, over: threading.Event) -> None:
    while not over.wait(_BEAT):
        with contextlib.suppress(OSError):
            os.utime(path)
