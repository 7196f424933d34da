"""Publishing files: nothing half-written, nothing overwritten that is open, names every system accepts.

Promise 2 of the design: written under a temporary name in the same folder, flushed to the disk, proven where
a proof is given, then renamed. Every output of the program goes through `publish`, which asks `Edited` whether what
lies there may be replaced.
"""

import contextlib
import errno
import hashlib
import os
import platform
import re
import time
import unicodedata
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path, PurePosixPath

from perfbatch.errors import UnpublishedOutput, why
from perfbatch.outputs.user_edits import Edited
from perfbatch.sources import ANNOTATED_MARK
from perfbatch.store import renames
from perfbatch.store.lock import started
from perfbatch.store.renames import UNFINISHED

_MOST_NAMES = 99
_SHOWN = 20  # characters of a name in that of its temporary file, so that paths stay short
_NUMBERED = re.compile(r"(.+)\((\d{1,3})\)")
_LONGEST = 120
_DAY = 86_400
_OWNER = re.compile(rf"\.(\d+)-([0-9a-f]{{6}}){re.escape(UNFINISHED)}")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)
_OWN_SUFFIXES = {".xlsm": ".xlsm", ".docx": ".docx", ".docm": ".docm"} | dict.fromkeys(
    (".doc", ".wps", ".rtf", ".odt"), ".docx"
)  # of the annotated copy; of all others .xlsx


def publish(
    target: Path,
    write: Callable[[Path], object],
    prove: Callable[[Path], None] | None = None,
    edited: Edited | None = None,
) -> Path:
    """Let `write` fill a temporary file beside `target`, let `prove` judge it, then rename it to `target`.

    With `edited` nothing is replaced that a person has changed. Returns the path it got: `target`, or ``名称(2).xlsx``
    … beside it when `target` stayed locked for some seconds (open in Excel). Raises UnpublishedOutput when the folder
    cannot be written; whatever `write` or `prove` raise passes through. In every case of failure the temporary file
    is gone and `target` is as it was.
    """
    temporary = target.with_name(f"{target.stem[:_SHOWN]}.{os.getpid()}-{_host()}{UNFINISHED}{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        with temporary.open("xb"):  # so that a full or read-only disk shows before the work is done
            pass
        write(temporary)
        renames.flush(temporary)
        if prove is not None:
            prove(temporary)
        return _rename(temporary, target, edited)
    except Exception as error:
        if (reason := _about_folder(error, target)) is None:
            raise
        raise UnpublishedOutput(_sentence(target, reason)) from error
    finally:
        with contextlib.suppress(OSError):
            renames.remove(temporary)


def moved(wanted: Path, path: Path) -> list[str]:
    """The sentence for the clerk when `publish` had to take another name than `wanted`; else nothing."""
    if path == wanted:
        return []
    return [f"“{wanted.name}”正被其他程序打开或设为只读，结果已另存为“{path.name}”。"]


def clean_leftovers(folder: Path) -> list[str]:
    """Delete the temporary files that an interrupted run left in `folder`; returns their names, sorted.

    Files of a process that is still at work stay, and those of another machine on a shared folder until they
    are a day old.
    """
    gone = []
    for path in sorted(folder.glob(f"*{UNFINISHED}*")) if folder.is_dir() else []:
        if (owner := _OWNER.search(path.name)) is None:
            continue
        with contextlib.suppress(OSError):
            if owner[2] == _host():
                in_use = started(int(owner[1])) is not None
            else:
                in_use = time.time() - path.stat().st_mtime < _DAY
            if not in_use:
                path.unlink()
                gone.append(path.name)
    return gone


def safe_name(text: str) -> str:
    """`text` as one path component that Windows and Linux accept, at most 120 bytes of UTF-8; stable.

    Forbidden characters become ``_``; control, bidirectional and unassigned characters go; reserved device
    names get a ``_`` in front. A name that had to be cut ends in a digest of the whole, so that two long
    names with a common beginning stay apart.
    """
    plain = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode("utf-8"))
    kept = "".join(c if c != "\t" else " " for c in plain if c == "\t" or unicodedata.category(c)[0] != "C")
    name = _FORBIDDEN.sub("_", kept).strip().rstrip(". ") or "未命名"
    if _RESERVED.match(name):
        name = "_" + name
    whole = name.encode("utf-8")
    if len(whole) <= _LONGEST:
        return name
    digest = hashlib.sha256(whole).hexdigest()[:8]
    return whole[: _LONGEST - 9].decode("utf-8", "ignore").rstrip(". ") + "_" + digest


def output_names(files: Sequence[str]) -> dict[str, str]:
    """The name of the annotated copy for each input file: ``<stem>_批注.xlsx`` (``.xlsm`` stays ``.xlsm``).

    Names are unique without regard to case, whatever folders the files come from: the first keeps the plain
    name, the next carry their folder, then a number. Depends on the order of `files` alone.
    """
    taken: set[str] = set()
    names: dict[str, str] = {}
    for file in dict.fromkeys(files):
        path = PurePosixPath(file.replace("\\", "/"))
        suffix = _OWN_SUFFIXES.get(path.suffix.lower(), ".xlsx")
        folder = "_".join(part for part in path.parts[:-1] if part not in ("/", "..", "."))
        candidates = [path.stem, f"{path.stem}_{folder}" if folder else path.stem]
        candidates += [f"{path.stem}({number})" for number in range(2, len(files) + 2)]
        full = (safe_name(candidate) + ANNOTATED_MARK + suffix for candidate in candidates)
        names[file] = next(name for name in full if name.casefold() not in taken)
        taken.add(names[file].casefold())
    return names


def _rename(temporary: Path, target: Path, edited: Edited | None) -> Path:
    """Rename to `target`; when that stays locked or is somebody's work, to the first numbered name that is free."""
    numbered = _NUMBERED.fullmatch(target.stem)
    stem, number = (numbered[1], int(numbered[2])) if numbered else (target.stem, 1)
    others = (f"{stem}({more}){target.suffix}" for more in range(number + 1, number + _MOST_NAMES))
    held: OSError | None = None
    for name in chain([target], map(target.with_name, others)):
        first = name == target
        if edited is not None and not edited.admits(name, temporary, move=first):
            continue
        try:
            return renames.replace(temporary, name, None if first else 0.0)
        except renames.StillHeld as error:
            if name.is_dir():
                raise
            held = held or error
    raise held or PermissionError(errno.EACCES, "held", str(target))


def _sentence(target: Path, error: OSError) -> str:
    """One Chinese sentence: which output, why not, what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"输出文件“{target.name}”未能写出：磁盘空间不足；请清理磁盘后重新运行。"
    if renames.is_held(error):
        blame = f"文件被占用或文件夹“{target.parent}”没有写入权限"
        return f"输出文件“{target.name}”未能写出：{blame}；请关闭该文件或更换输出文件夹后重新运行。"
    return f"输出文件“{target.name}”未能写出（{why(error)}）；请检查输出文件夹“{target.parent}”后重新运行。"


def _about_folder(error: Exception, target: Path) -> OSError | None:
    """The system error behind `error` when it concerns the output; XlsxWriter wraps it in its own."""
    inner = error if isinstance(error, OSError) else next(iter(error.args), None)
    if not isinstance(inner, OSError):
        return None
    named = Path(str(inner.filename)) if inner.filename else target
    above = (target.parent, *target.parent.parents)
    return inner if named.parent == target.parent or named in above else None


def _host() -> str:
    """Six hexadecimal digits that stand for this machine."""
    return hashlib.sha256(platform.node().encode("utf-8")).hexdigest()[:6]
