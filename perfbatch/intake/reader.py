"""The one entry: a path in, a Book out, or one RefusedFile saying why not and what to do.

A password is used and forgotten: it stands in no message, and no cause is chained to the refusals.
"""

import gc
import hashlib
import io
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from perfbatch.errors import RefusedFile, pip_install
from perfbatch.intake import office
from perfbatch.intake.grids import NOTE_CODES, WORDS, Builder, Notes
from perfbatch.intake.guard import Limits, LockedError, SafeZip, refuse
from perfbatch.intake.markup import BrokenPart
from perfbatch.intake.ooxml import read_package
from perfbatch.intake.package import Package
from perfbatch.intake.sniff import sniff
from perfbatch.model import Book

# Workbooks with a protected structure are encrypted with this password by Excel and open without asking
# ([MS-OFFCRYPTO] §2.3.4.15 and [MS-XLS] §2.2.10).
_DEFAULT = "VelvetSweatshop"
_ADVICE = "请在 WPS 或 Excel 中取消打开密码并另存后再放入"


def decrypted(data: bytes, name: str, password: str | None) -> tuple[bytes, bool]:
    """The plain workbook, and whether the default password opened it. Raises RefusedFile (``encrypted``)."""
    try:
        import msoffcrypto  # noqa: PLC0415  (extra perfbatch[legacy])
    except ImportError:
        if password is None:
            raise refuse("encrypted", name, "设有打开密码", _ADVICE) from None
        advice = f"请运行 {pip_install('msoffcrypto-tool')} 后重试，或{_ADVICE.removeprefix('请')}"
        raise refuse("encrypted", name, "设有打开密码，且未安装解密组件", advice) from None
    for attempt in (_DEFAULT, password) if password is not None else (_DEFAULT,):
        out = io.BytesIO()
        try:
            locked = msoffcrypto.OfficeFile(io.BytesIO(data))
            locked.load_key(password=attempt)
            locked.decrypt(out)
        except MemoryError:
            raise
        except Exception:  # noqa: S112 - a wrong password and a broken file raise many kinds
            continue
        if plain := out.getvalue():
            return plain, attempt == _DEFAULT
    if password is None:
        raise refuse("encrypted", name, "设有打开密码", f"{_ADVICE}，或用 --password-file 提供密码文件")
    raise refuse("encrypted", name, "设有打开密码，所给密码不对或加密方式不支持", _ADVICE)


_RESAVE = "请用 WPS 或 Excel 打开后另存为 .xlsx 再放入"
_REASONS: dict[str, tuple[str, str, str]] = WORDS["refusals"]
_ZIPPED = ("xlsx", "xlsm", "xlsb", "ods", "docx", "odt")
_WORD_RESAVE = "请用 Word 或 WPS 打开后另存为 .docx 再放入"
_PAGES = ("html", "mht")  # built as a tree of ten times their size


def _rare(module: str, function: str) -> Callable[..., Any]:
    """A reader that is loaded when a file needs it: most runs meet .xlsx only."""

    def read(*arguments: object) -> Any:
        return getattr(import_module(f"perfbatch.intake.{module}"), function)(*arguments)

    return read


def _word(data: bytes, builder: Builder) -> None:
    """A Word document; what is wrong with it is said in terms of Word."""
    try:
        _rare("word", "read_word")(data, builder)
    except BrokenPart as error:
        raise refuse("damaged", builder.file, "的内部结构残缺或不合规范", _WORD_RESAVE) from error


def _converted(kind: str, data: bytes, builder: Builder) -> None:
    """An older document, by way of .docx."""
    if kind == "doc" and _rare("legacy", "is_locked")(data):
        raise LockedError
    _word(as_docx(data, kind, builder.file, builder.limits), builder)


def as_docx(data: bytes, kind: str, name: str, limits: Limits | None = None) -> bytes:
    """A document of one of `office.KINDS` as .docx. Raises RefusedFile."""
    if kind == "doc" and _rare("legacy", "is_locked")(data):
        raise refuse("encrypted", name, "已加密", "请去掉打开密码")
    if kind == "odt":
        SafeZip(data, name, limits or Limits())  # nothing hostile goes into another program
    return office.as_docx(data, kind, name)


def _packaged(read: Callable[[Package, Builder], None], data: bytes, builder: Builder) -> None:
    read(Package(data, name=builder.file, limits=builder.limits), builder)


_opendocument, _delimited = _rare("opendocument", "read_opendocument"), _rare("text", "read_delimited")
_READERS: dict[str, Callable[[bytes, Builder], None]] = {
    "xlsx": partial(_packaged, read_package),
    "xlsm": partial(_packaged, read_package),
    "xlsb": partial(_packaged, _rare("xlsb", "read_binary_package")),
    "ods": lambda data, builder: _opendocument(*_content(data, builder)),
    "fods": _opendocument,
    "xls": _rare("legacy", "read_biff"),
    "xml2003": _rare("xml2003", "read_xml2003"),
    "html": _rare("text", "read_html"),
    "mht": _rare("text", "read_mht"),
    "csv": lambda data, builder: _delimited(data, builder, "csv"),
    "tsv": lambda data, builder: _delimited(data, builder, "tsv"),
    "docx": _word,
    **{kind: partial(_converted, kind) for kind in office.KINDS},
}


def read_book(path: Path, *, name: str, limits: Limits | None = None, password: str | None = None) -> Book:
    """Read one input file into grids.

    `name` is the file name shown in messages and put in `Book.file` and `Grid.file`. Raises RefusedFile and
    nothing else (KeyboardInterrupt and SystemExit apart); codes: see `perfbatch.intake`.
    """
    limits = limits or Limits()
    try:
        with uncollected():
            return _read(_bytes_of(path, name, limits), name, limits, password)
    except (RefusedFile, KeyboardInterrupt, SystemExit):
        raise
    except BrokenPart as error:
        raise refuse("damaged", name, "的内部结构残缺或不合规范", _RESAVE) from error
    except MemoryError as error:
        raise refuse("too_large", name, "过大，内存不足", "请拆分成几个文件再放入") from error
    except BaseException as error:  # native readers raise panics past Exception
        raise refuse("unreadable", name, "的内容已损坏或不合规范，无法读取", _RESAVE) from error


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the cyclic collector: a book is a million tuples and no cycles, and each pass visits them all."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _bytes_of(path: Path, name: str, limits: Limits) -> bytes:
    """All bytes of a regular file, read once; RefusedFile when it is none, too large or cannot be opened."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise refuse("not_a_file", name, "是文件夹而不是文件", "请把其中的表格文件放入")
        if not stat.S_ISREG(status.st_mode):
            raise refuse("not_a_file", name, "不是普通文件", "请放入表格文件本身")
        if status.st_size > limits.file_bytes:
            raise refuse("too_large", name, f"超过 {limits.file_bytes >> 20} MB", "请拆分成几个文件再放入")
        with path.open("rb") as stream:
            return stream.read(limits.file_bytes + 1)
    except FileNotFoundError as error:
        raise refuse("unreadable", name, "不存在或已被移走", "请检查路径") from error
    except OSError as error:
        raise refuse("unreadable", name, "打不开", "请检查是否被其他程序占用、是否有读取权限") from error


def _read(data: bytes, name: str, limits: Limits, password: str | None) -> Book:
    digest, container = hashlib.sha256(data).hexdigest(), sniff(data)
    builder = Builder(name, limits, Notes())
    try:
        if container == "encrypted":
            raise LockedError
        _dispatch(data, container, builder)
    except LockedError:
        data, by_default = decrypted(data, name, password)
        builder, container = Builder(name, limits, Notes()), sniff(data)
        if by_default:
            builder.notes.tell("default_password")
        _dispatch(data, container, builder)
    if not any(grid.cells for grid in builder.grids):
        left = next((note for note in builder.notes.all() if note.cell), None)
        if left is None:
            raise refuse("empty", name, "里没有任何内容", "请确认导出是否成功")
        what = f"里没有读到表格（{left.sheet} {left.cell}：{NOTE_CODES[left.code]}）"
        raise refuse("empty", name, what, "请用 WPS 或 Excel 打开，把有用的内容移到表格的位置后另存再放入")
    return Book(name, container, digest, builder.grids, builder.notes.all())


def _dispatch(data: bytes, container: str, builder: Builder) -> None:
    """Hand the bytes to the reader of their container, or refuse it by name."""
    reader = _READERS.get(container)
    if reader is None:
        code, reason, advice = _REASONS.get(container, ("unknown_format", "不是可识别的表格文件", _RESAVE))
        raise refuse(code, builder.file, reason, advice)
    most = builder.limits.page_bytes if container in _PAGES else builder.limits.unzipped_bytes
    if container not in _ZIPPED and len(data) > most:
        raise refuse("too_large", builder.file, f"超过 {most >> 20} MB", "请用 WPS 或 Excel 另存为 .xlsx 再放入")
    reader(data, builder)


def _content(data: bytes, builder: Builder) -> tuple[bytes, Builder, bytes]:
    """Content and styles of an OpenDocument package; an encrypted one is refused: nothing here decrypts it."""
    archive = SafeZip(data, builder.file, builder.limits)
    manifest = archive.find("META-INF/manifest.xml")
    if archive.find("encrypted-package") or (manifest and b"encryption-data" in archive.read(manifest)):
        raise refuse("encrypted", builder.file, "设有打开密码", "请取消打开密码并另存为 .xlsx 后再放入")
    styles = archive.find("styles.xml")
    return archive.read("content.xml"), builder, archive.read(styles) if styles else b""
