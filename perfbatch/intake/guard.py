"""Limits on what one input may cost, enforced on the zip container while it is inflated.

Headers are not trusted: every entry is inflated in small steps and counted, whether or not it is read later,
because the tools that write the annotated copy open every part. Sources: the shared RELIABILITY notes,
threats 3 (bombs), 4 (entities), 8 and 20 (part names).
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count

from perfbatch.errors import RefusedFile
from perfbatch.model import FILE_BYTES

_STEP = 1 << 18
_UTF8 = 0x800  # flag of an entry: the name is UTF-8
_KEPT = 64 << 20
_MARKUP = (".xml", ".rels", ".vml", ".rdf")
_DOCTYPE = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)")
_OUTSIDE = re.compile(r"^(?:/|[A-Za-z]:)|(?:^|/)\.\.(?:/|$)|\x00")
_ADVICE = "请用 WPS 或 Excel 打开确认内容，删去无关内容后另存为 .xlsx 再放入"
_UNPACK = "请解压后只把其中的表格放入"
_AGAIN = "请重新导出或向发送人再要一份"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: bytes on disk (zipped, not zipped, web page), inflated, their ratio, and counts.

    The defaults hold a list of 25 000 rows by 20 columns and keep memory under 400 MB.
    """

    file_bytes: int = FILE_BYTES
    unzipped_bytes: int = 64 << 20
    page_bytes: int = 16 << 20
    inflated_bytes: int = 256 << 20
    ratio: int = 100
    ratio_grace: int = 8 << 20
    parts: int = 5_000
    cells: int = 500_000
    characters: int = 50_000_000
    merges: int = 100_000
    sheets: int = 2_000


def distinct(name: str, taken: Container[str]) -> str:
    """A file name that is not among those taken (in small letters): ``a.xlsx``, ``a(2).xlsx``, ``a(3).xlsx`` …"""
    stem, suffix = posixpath.splitext(name)
    names = chain([name], (f"{stem}({number}){suffix}" for number in count(2)))
    return next(candidate for candidate in names if candidate.lower() not in taken)


class LockedError(Exception):
    """The workbook is encrypted."""


def refuse(code: str, name: str, reason: str, advice: str = _ADVICE) -> RefusedFile:
    """The refusal with its one Chinese sentence: file, reason, next step."""
    return RefusedFile(code, f"文件“{name}”{reason}，未作检查；{advice}。")


class SafeZip:
    """The entries of a zip container, inflated under `limits` and CRC-checked on opening.

    Part names are given with forward slashes. An `archive` of files, unlike a package, may hold a name twice: the
    second is given as ``name(2).xlsx``. Raises RefusedFile (`damaged`, `too_many_parts`, `too_large`, `bomb`,
    `duplicate_parts`, `unsafe_part_name`, `doctype`, `encrypted`) on opening, never later.
    """

    def __init__(self, data: bytes, name: str, limits: Limits, *, archive: bool = False) -> None:
        self._name, self._limits, self._archive = name, limits, archive
        self._kept: dict[str, bytes] = {}
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self.entries = self._named_entries()
            self.names = tuple(self.entries)  # in the order of the central directory, folders left out
            self._stored = {part.lower(): part for part in self.names}
            total = 0
            for part, info in self.entries.items():
                total += self._inflate(part, info, total)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise refuse("damaged", name, "的压缩包已损坏或不完整", _AGAIN) from error
        except (NotImplementedError, RuntimeError, ValueError, IndexError) as error:
            raise refuse("damaged", name, "的压缩方式或目录无法识别", _AGAIN) from error

    def _refuse(self, code: str, reason: str) -> RefusedFile:
        return refuse(code, self._name, reason, _UNPACK if self._archive else _ADVICE)

    def title(self, part: str) -> str:
        """The name the packer meant: zips made on Chinese Windows hold GBK without saying so."""
        if self.entries[part].flag_bits & _UTF8 or part.isascii():
            return part
        for encoding in ("utf-8", "gb18030"):
            try:
                return part.encode("cp437").decode(encoding)
            except UnicodeError:
                continue
        return part

    def saved(self, part: str) -> float:
        """When a part was last changed (seconds), 0 where the archive tells no possible time."""
        year, month, day, hour, minute, second = self.entries[part].date_time
        try:
            return datetime(year, month, day, hour, minute, min(second, 59)).timestamp()
        except (ValueError, OverflowError, OSError):
            return 0.0

    def find(self, part: str) -> str | None:
        """The name as stored of `part`, compared without case as OPC demands, or None."""
        return part if part in self.entries else self._stored.get(part.lower())

    def read(self, part: str) -> bytes:
        """Bytes of a part; KeyError when there is none."""
        stored = self.find(part)
        if stored is None:
            raise KeyError(part)
        kept = self._kept.get(stored)
        return self._zip.read(self.entries[stored]) if kept is None else kept

    def _named_entries(self) -> dict[str, zipfile.ZipInfo]:
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        most = self._limits.parts
        if len(infos) > most:
            raise self._refuse("too_many_parts", f"内含 {len(infos)} 个部件，超过 {most} 个")
        entries: dict[str, zipfile.ZipInfo] = {}
        seen: set[str] = set()
        for info in infos:
            # zipfile cuts the name at a NUL; the name as stored is what other readers may see.
            if _OUTSIDE.search(info.orig_filename.replace("\\", "/")):
                raise refuse("unsafe_part_name", self._name, "内部部件的路径指向包外，可能被篡改", _AGAIN)
            part = info.filename.replace("\\", "/")
            if part.lower() in seen:
                if not self._archive:
                    raise refuse("duplicate_parts", self._name, f"内部有两个同名部件“{part}”，内容有歧义")
                part = distinct(part, seen)
            if info.flag_bits & 1:
                raise refuse("encrypted", self._name, "的压缩包设有密码", "请解密后再放入")
            seen.add(part.lower())
            entries[part] = info
        return entries

    def _inflate(self, part: str, info: zipfile.ZipInfo, before: int) -> int:
        """Size of an entry, whose bytes are kept where cheap; refuses as soon as a limit is passed."""
        limits, size, tail = self._limits, 0, b""
        pieces: list[bytes] = []
        markup = part.lower().endswith(_MARKUP)
        keep = markup and before + info.file_size < _KEPT
        with self._zip.open(info) as stream:
            while piece := stream.read(_STEP):
                size += len(piece)
                if before + size > limits.inflated_bytes:
                    raise self._refuse("too_large", f"解压后超过 {limits.inflated_bytes >> 20} MB")
                if size > limits.ratio_grace and size > limits.ratio * max(info.compress_size, 1):
                    raise self._refuse("bomb", f"的部件“{part}”压缩比异常（超过 {limits.ratio} 倍）")
                # The search for "!" alone costs next to nothing and almost always ends it.
                if markup and (b"!" in piece or b"<" in tail[-2:]) and _DOCTYPE.search(tail + piece):
                    raise self._refuse("doctype", f"的部件“{part}”含有 DOCTYPE 声明，可能有害")
                tail = piece[-32:]
                if keep:
                    pieces.append(piece)
        if size != info.file_size:
            raise refuse("damaged", self._name, f"的部件“{part}”大小与登记不符", _AGAIN)
        if keep:
            self._kept[part] = b"".join(pieces)
        return size
