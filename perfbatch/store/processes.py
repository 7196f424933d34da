"""Whether a process of this machine is at work, and since when: numbers of processes are used again."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import sys
from pathlib import Path
from typing import Any

_ASK, _NO_SUCH, _AT_WORK = 0x1000, 87, 259  # Windows: limited information; wrong parameter; still active


def place() -> str:
    """The room in which a process number means something: machine, system and, on Linux, the namespace."""
    inner = ""
    with contextlib.suppress(OSError):
        inner = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - no path but a word
    return " ".join(filter(None, (platform.node(), sys.platform, inner)))


def started(pid: int) -> str | None:
    """A word for when a process began, None when there is none of that number; empty when that cannot be told.

    One that has ended and whom nobody has asked about is none.
    """
    if pid <= 0:
        return None
    if os.name == "nt":
        return _on_windows(pid, getattr(ctypes, "WinDLL")("kernel32", use_last_error=True))  # noqa: B009
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return None
    except OSError:
        pass  # of another user
    with contextlib.suppress(OSError, IndexError):
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        fields = told.rpartition(")")[2].split()  # from the state on
        if fields[0] == "Z":
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {fields[19]}"
    return ""


def _on_windows(pid: int, kernel: Any) -> str | None:
    """The same by the calls of Windows, where os.kill would end the process."""
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(_ASK, False, pid)
    if not handle:
        return None if getattr(ctypes, "get_last_error", lambda: 0)() == _NO_SUCH else ""
    try:
        code, times = ctypes.c_ulong(), [(ctypes.c_ulong * 2)() for _ in range(4)]
        asked = ctypes.c_void_p(handle)
        if kernel.GetExitCodeProcess(asked, ctypes.byref(code)) and code.value != _AT_WORK:
            return None
        if not kernel.GetProcessTimes(asked, *(ctypes.byref(time) for time in times)):
            return ""
        low, high = times[0]
        return str((high << 32) + low)
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))
