"""Old Word formats (.doc, .wps of Kingsoft, .rtf, .odt) turned into .docx by LibreOffice, where it is installed.

Nothing here reads them: their tables are what LibreOffice makes of them. It runs without a window and with a profile of
its own, so that it neither meets an open one nor leaves anything behind; macros and links of a document are not run.
"""

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from perfbatch.intake.grids import WORDS
from perfbatch.intake.guard import refuse

KINDS: Mapping[str, tuple[str, str, str]] = WORDS["libreoffice"]["kinds"]  # suffix, filter, name of each kind
_SECONDS = 90
_RESAVE = "请用 Word 或 WPS 打开后另存为 .docx 再放入"


def office() -> str:
    """Where LibreOffice is, empty where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next(filter(os.path.exists, WORDS["libreoffice"]["usual"]), "")


def as_docx(data: bytes, kind: str, name: str) -> bytes:
    """The document as .docx. Raises RefusedFile (``needs_office``, ``damaged``) where that cannot be had."""
    what = KINDS[kind][2]
    program = office()
    if not program:
        reason = f"是{what}，读取它要用 LibreOffice 转换，本机没有安装"
        raise refuse("needs_office", name, reason, f"{_RESAVE}，或安装 LibreOffice 后重新运行")
    made = _converted(data, kind, program)
    if made is None:
        raise refuse("damaged", name, f"是{what}，LibreOffice 没有能转换它，可能已损坏或设有密码", _RESAVE)
    return made


@lru_cache(maxsize=4)  # read, then annotated
def _converted(data: bytes, kind: str, program: str) -> bytes | None:
    suffix, reading, _ = KINDS[kind]
    with tempfile.TemporaryDirectory(prefix="perfbatch-") as scratch:
        source, target = Path(scratch, f"form{suffix}"), Path(scratch, "form.docx")
        source.write_bytes(data)
        command = [
            program, "--headless", "--norestore", "--nolockcheck", "--nodefault", f"-env:UserInstallation={_profile()}",
            f"--infilter={reading}", "--convert-to", "docx:MS Word 2007 XML", "--outdir", scratch, str(source),
        ]  # fmt: skip
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            _run(command)
        return target.read_bytes() if target.is_file() else None


def _run(command: list[str]) -> None:
    """Run to the end or to the time limit; ended with all it started."""
    options: dict[str, object] = {"start_new_session": True, "preexec_fn": _unlimited}
    if sys.platform == "win32":
        options = {"creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0)}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, **options)  # type: ignore[call-overload]  # noqa: S603
    try:
        process.wait(_SECONDS)
    except BaseException:
        if sys.platform != "win32":
            import signal  # noqa: PLC0415

            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
        raise


def _unlimited() -> None:
    """The memory limit of a worker is for what reads untrusted bytes in Python, and too small for an office program."""
    import resource  # noqa: PLC0415 - POSIX only

    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


@cache
def _profile() -> str:
    """Address of a profile for this process, deleted with it."""
    folder = Path(tempfile.mkdtemp(prefix="perfbatch-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder.as_uri()
