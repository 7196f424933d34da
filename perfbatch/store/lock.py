"""One run at a time in an output folder: a lock that says who holds it and that outlives nobody.

On this computer a holder is alive while its process is, known by its number and when it began. Of another computer
on a shared folder only signs of life tell: one that seems too old, or of the future, is watched for a while, because
the clocks of two computers differ.
"""

import contextlib
import errno
import hashlib
import itertools
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from perfbatch.errors import OutputFolderFull, PerfbatchError, why
from perfbatch.store import renames
from perfbatch.store.plain import record_in

NAME = "lock.json"
_BEAT = 5.0  # seconds between signs of life
_SILENT = 60.0  # seconds without one after which a holder may be dead
_WATCHED = 8.0  # seconds in which one that may be dead must give a sign
_SAME = 2.0  # seconds by which two readings of the beginning of one process may differ: the clock is set meanwhile
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

    def beat() -> None:
        for count in itertools.count(1):
            if over.wait(_BEAT):
                break
            with contextlib.suppress(OSError):
                _beats(path).write_text(f"{os.getpid()} {count}", encoding="ascii")

    beating = threading.Thread(target=beat, daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()
        with contextlib.suppress(OSError):
            renames.remove(_beats(path))
            renames.remove(path)


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
        if _taken(path):
            return
        holder = record_in(path)
        if _is_dead(path, holder):
            _clear(path, holder)
        elif time.monotonic() > deadline:
            host, pid, since = (holder.get(name, "未知") for name in ("host", "pid", "since"))
            raise PerfbatchError(
                f"输出文件夹“{path.parent.parent}”正被计算机“{host}”上的另一次运行（进程{pid}，{since}开始）使用；"
                f"请等它结束，或用 --output 另选文件夹。如确认没有运行，请删除“{path}”后再试。"
            )
        else:
            time.sleep(0.1)


def place() -> str:
    """The room in which a process number means something: machine, system and, on Linux, the namespace."""
    inner = ""
    with contextlib.suppress(OSError):
        inner = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - no path but a word
    return " ".join(filter(None, (platform.node(), sys.platform, inner)))


def started(pid: int) -> float | None:
    """When a process of this machine began (seconds), None when there is none of that number, 0 when nobody may tell.

    Numbers of processes are used again. One that has ended and whom nobody has asked about is none.
    """
    import psutil  # noqa: PLC0415 - a run in which nothing changed needs no lock

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.AccessDenied:
        return 0.0
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return None


def _taken(path: Path) -> bool:
    """Make the lock, with all it says, unless there is one."""
    pid, now = os.getpid(), time.strftime("%Y-%m-%d %H:%M:%S")
    holder = {"host": platform.node(), "place": place(), "pid": pid, "started": started(pid), "since": now}
    text = json.dumps(holder, ensure_ascii=True)
    ready = path.with_name(f"{NAME}.{_mark()}{renames.TEMPORARY}")
    try:
        ready.write_text(text, encoding="ascii")
        os.link(ready, path)
        return True
    except FileExistsError:
        return False
    except OSError:  # a file system without links, or one that takes nothing
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(text)
            return True
        return False
    finally:
        with contextlib.suppress(OSError):
            ready.unlink(missing_ok=True)


def _clear(path: Path, holder: dict[str, object]) -> None:
    """Remove a dead lock. Renamed first: of two runs that both see a dead holder, one gets the name and removes it."""
    aside = path.with_name(f"{NAME}.{_mark()}")
    with contextlib.suppress(OSError):
        path.rename(aside)
        if record_in(aside) != holder and not path.exists():  # the other was faster, and this is its own lock
            aside.rename(path)
        else:
            aside.unlink()


def _mark() -> str:
    return f"{hashlib.sha256(place().encode('utf-8')).hexdigest()[:6]}-{os.getpid()}"


def _beats(path: Path) -> Path:
    return path.with_name("lock.beat")


def _is_dead(path: Path, holder: dict[str, object]) -> bool:
    """The holder's process is gone, or it gives no sign of life."""
    pid, here = holder.get("pid"), holder.get("place", f"{holder.get('host')}") in (place(), platform.node())
    if here and isinstance(pid, int):
        began, said = started(pid), holder.get("started")
        if began is None:
            return True
        if began and isinstance(said, int | float):
            return abs(began - said) > _SAME
    try:
        age = time.time() - _life(path)[0]
    except OSError:
        return False  # gone meanwhile
    return abs(age) > _SILENT and _is_still(path)


def _life(path: Path) -> tuple[float, str]:
    """The latest sign of life: when, and what it says; a file that is opened is asked for anew, also on a network."""
    with contextlib.suppress(OSError):
        return _beats(path).stat().st_mtime, _beats(path).read_text(encoding="ascii")
    return path.stat().st_mtime, path.read_text(encoding="utf-8", errors="replace")


def _is_still(path: Path) -> bool:
    end = time.monotonic() + _WATCHED
    try:
        before = _life(path)
        while time.monotonic() < end:
            time.sleep(min(0.5, _WATCHED / 4))
            if _life(path) != before:
                return False
    except OSError:
        return False
    return True
