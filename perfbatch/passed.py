"""What lies in an input folder and is not read: files of other kinds, rubbish, entries that are no files at all.

Nothing that may hold a form is passed over silently: it is refused by name, with what to do.
"""

import errno
import os
import re
import stat
import tomllib
from functools import cache
from pathlib import Path, PurePath
from typing import NamedTuple

from perfbatch.errors import why
from perfbatch.model import ARCHIVE_BYTES, FILE_BYTES

_LONG = 80  # characters of a name in a sentence; paths may have thousands


class Kind(NamedTuple):
    """A kind of file that is not read; `holds`: it may hold a form."""

    code: str
    what: str
    then: str
    holds: bool

    def of(self, name: str) -> str:
        """The sentence about a file of this kind."""
        then = f"；{self.then}" if self.then else ""
        return f"“{shown(name)}”{self.what}{'，未作检查' if self.holds else ''}{then}。"

    @property
    def reason(self) -> str:
        """What follows the name in a list."""
        return "；".join(filter(None, (self.what, self.then)))


_OTHER = Kind("other", "不是表格文件，不作为自评表读取", "", holds=False)


def kind_of(name: str) -> Kind:
    """The kind of a file that is not read, by the end of its name."""
    return _table()[0].get(PurePath(name).suffix.lower(), _OTHER)


def is_rubbish(name: str) -> bool:
    """Whether a file is one that programs leave behind: nobody misses it."""
    return _table()[1].fullmatch(name.lower()) is not None


def refusal_of(path: Path, name: str) -> tuple[str, str] | None:
    """Code and sentence of an entry that cannot be a form: no plain file, out of reach, too large; else None.

    Asked before anything opens it: a pipe would be waited for for ever, a device has no end.
    """
    try:
        status = path.stat()
    except (OSError, ValueError, RuntimeError) as error:
        return "unreadable", _out_of_reach(path, name, error)
    what = next((word for test, word in _ODD if test(status.st_mode)), "")
    if what:
        return "not_a_file", f"“{shown(name)}”是{what}，不是表格文件，未作检查；请放入表格文件本身。"
    most = ARCHIVE_BYTES if path.suffix.lower() == ".zip" else FILE_BYTES
    if status.st_size > most:
        then = "请拆分成几个文件再放入"
        return "too_large", f"文件“{shown(name)}”超过 {most >> 20} MB，未作检查；{then}。"
    return None


_ODD = (
    (stat.S_ISDIR, "文件夹"),
    (stat.S_ISFIFO, "管道"),
    (stat.S_ISSOCK, "套接字"),
    (stat.S_ISCHR, "设备"),
    (stat.S_ISBLK, "设备"),
    (lambda mode: not stat.S_ISREG(mode), "特殊文件"),
)


def _out_of_reach(path: Path, name: str, error: Exception) -> str:
    number = getattr(error, "errno", None)
    link = os.path.islink(path)  # noqa: PTH114 - says no where Path.is_link raises
    if number == errno.ELOOP or isinstance(error, RuntimeError):
        what, then = "是指回自身的链接，打不开", "请删除它，或换成表格文件本身"
    elif number == errno.ENOENT and link:
        what, then = "是链接，它指向的文件不存在", "请换成表格文件本身"
    elif number == errno.ENAMETOOLONG:
        what, then = "的路径太长，打不开", "请把它移到层数较少的文件夹后重新运行"
    else:
        reason = why(error) if isinstance(error, OSError) else "名称不合规定"
        what, then = f"打不开（{reason}）", "请检查是否有读取权限后重新运行"
    return f"“{shown(name)}”{what}，未作检查；{then}。"


def shown(name: str) -> str:
    """A name as a sentence shows it: of a very long one beginning and end."""
    return name if len(name) <= _LONG else f"{name[: _LONG // 2]}…{name[-_LONG // 2 :]}"


@cache
def _table() -> tuple[dict[str, Kind], re.Pattern[str]]:
    """Kinds by suffix, and what the names of rubbish look like."""
    table = tomllib.loads(Path(__file__).with_name("passed_over.toml").read_text(encoding="utf-8"))
    found: dict[str, Kind] = {}
    for entry in table["kind"]:
        kind = Kind(entry["code"], entry["what"], entry["then"], entry.get("holds", False))
        found |= dict.fromkeys(entry["suffixes"], kind)
    return found, re.compile("|".join(table["rubbish"]))
