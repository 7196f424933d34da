"""Which files a run works on: the INPUT arguments unfolded, in a stable order, with what was passed over."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from perfbatch.errors import UsageError

SUFFIXES = frozenset(
    [
        ".xlsx",
        ".xlsm",
        ".xlsb",
        ".xls",
        ".xltx",
        ".xltm",
        ".ods",
        ".et",
        ".html",
        ".htm",
        ".csv",
        ".tsv",
        ".xml",
        ".zip",
    ]
)
ANNOTATED_MARK = "_批注"  # our own annotated copies are not inputs


@dataclass(frozen=True, slots=True)
class Source:
    """One input file: where it is and the name shown everywhere (relative to the INPUT folder given).

    `refusal` is the code and the sentence of a file that is known not to be readable.
    """

    path: Path
    name: str
    refusal: tuple[str, str] | None = None


@dataclass(slots=True)
class Sources:
    """Input files in stable order, and files passed over with the reason."""

    files: list[Source] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def find(inputs: Iterable[Path]) -> Sources:
    """Unfold files and folders; raises UsageError when an INPUT does not exist."""
    found = Sources()
    seen: set[Path] = set()
    for given in inputs:
        if not given.exists():
            raise UsageError(f"找不到输入“{given}”，请检查路径，或把导出的表格放入 input 文件夹后重新运行。")
        entries = _walk(given) if given.is_dir() else iter([(given, given.name)])
        for path, name in entries:
            _add(found, seen, path, name, explicit=not given.is_dir())
    return found


def must_be_file(path: Path) -> None:
    """Raise UsageError unless `path` is one file, as commands about a single form need it."""
    if path.is_dir():
        some = [source.path for source in find([path]).files]
        hint = f"，例如“{some[0]}”" if some else ""
        raise UsageError(f"“{path}”是文件夹，请给出其中的一个文件{hint}。")
    if not path.exists():
        near = difflib.get_close_matches(path.name, _names(path.parent), 1)
        hint = f"；是否应为“{path.parent / near[0]}”？" if near else "，请检查路径和文件名（含扩展名，如 .xlsx）。"
        raise UsageError(f"找不到文件“{path}”{hint}")


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Files below a folder in name order; links to folders are not followed, so loops cannot happen."""
    for root, folders, files in os.walk(folder):
        folders.sort()
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in sorted(files):
            path = Path(root, name)
            yield path, path.relative_to(folder).as_posix()


def _add(found: Sources, seen: set[Path], path: Path, name: str, *, explicit: bool) -> None:
    reason = reason_to_skip(path, explicit=explicit)
    key = path.resolve()
    if reason is None and key in seen:
        return
    if reason is None:
        seen.add(key)
        found.files.append(Source(path, name))
    elif reason:
        found.skipped.append((name, reason))


def reason_to_skip(path: Path, *, explicit: bool) -> str | None:
    """None to read the file, a Chinese reason to mention it, empty to pass over it silently."""
    if path.name.startswith("~$"):
        return "Excel/WPS 打开文件时留下的临时文件；该表格正在被打开，读到的是上次保存的内容"
    if path.name.startswith("."):
        return "" if path.name in (".gitkeep", ".DS_Store") else "隐藏文件，不作为自评表读取"
    if explicit:
        return None
    if path.suffix.lower() not in SUFFIXES:
        return "不是表格文件，不作为自评表读取"
    if path.stem.endswith(ANNOTATED_MARK):
        return "本程序生成的批注文件，不重复读取"
    return None
