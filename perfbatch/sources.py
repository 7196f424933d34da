"""Which files a run works on: the INPUT arguments unfolded, in a stable order, with what was passed over."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from perfbatch.errors import UsageError

SUFFIXES = frozenset([
    ".xlsx", ".xlsm", ".xlsb", ".xls", ".xltx", ".xltm", ".ods", ".et", ".html", ".htm", ".csv", ".tsv", ".xml", ".zip",
])  # fmt: skip
ANNOTATED_MARK = "_批注"  # our own annotated copies are not inputs
STORE = ".perfbatch"  # in an output folder: what a run keeps for the next one


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


def find(inputs: Iterable[Path], output: Path | None = None) -> Sources:
    """Unfold files and folders, but not `output` and output folders of other runs.

    Raises UsageError when an INPUT does not exist or is an output folder.
    """
    found = Sources()
    seen: set[Path] = set()
    for given in inputs:
        if not given.exists():
            raise UsageError(f"找不到输入“{given}”，请检查路径，或把导出的表格放入 input 文件夹后重新运行。")
        if not given.is_dir():
            _add(found, seen, given, given.name, explicit=True)
            continue
        if _is_output(given, output):
            raise UsageError(
                f"“{given}”是存放结果的文件夹，不能同时作为输入，否则汇总表等会被当作自评表再读一遍；"
                "请把自评表放在别的文件夹，或用 --output 另给一个输出文件夹。"
            )
        for path in _walk(given, output, found):
            _add(found, seen, path, path.relative_to(given).as_posix(), explicit=False)
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


def _walk(given: Path, output: Path | None, found: Sources) -> Iterator[Path]:
    """Files below a folder in name order; links to folders are not followed, so loops cannot happen."""
    for root, folders, files in os.walk(given):
        inner = [Path(root, name) for name in sorted(folders) if not name.startswith(".")]
        results = [folder for folder in inner if _is_output(folder, output)]
        folders[:] = [folder.name for folder in inner if folder not in results]
        found.skipped += [
            (folder.relative_to(given).as_posix(), "以前运行的输出文件夹，不作为自评表读取")
            for folder in results
            if output is None or not _same(folder, output)
        ]
        for name in sorted(files):
            yield Path(root, name)


def _is_output(folder: Path, output: Path | None) -> bool:
    return (folder / STORE).is_dir() or (output is not None and _same(folder, output))


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


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
