"""One supporting document: its kind, its figures and dates with their places, or why it was not read."""

import hashlib
import io
import logging
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from perfbatch.errors import RefusedFile, why
from perfbatch.evidence import kinds
from perfbatch.evidence.figures import Figure, Table, folded, in_text
from perfbatch.evidence.kinds import limit
from perfbatch.intake import Limits, as_docx, office, read_book, sniff
from perfbatch.intake.sniff import encoding_of
from perfbatch.model import Grid

State = Literal["read", "picture", "unread", "left"]
Aside = Mapping[str, Sequence[str]]
_TABLES = ("xlsx", "xlsm", "xlsb", "xls", "ods", "fods", "xml2003", "html", "mht", "csv", "tsv")
_HEAD = 4096
_OPENING = 120  # characters in which the heading of a text stands
_INVOICE = re.compile("发票号码[:：]?([0-9]{8}(?:[0-9]{12})?)(?![0-9])")
_SAME_TEXT = 40  # characters from which two equal texts are one document
_FEW = 20  # characters of a PDF that are no text


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of one document, whatever it is called.

    `state` ``left``: of a project that was not drawn, so nobody looked into it. `kinds` are ids of `evidence.toml`, the
    main one first. `reason` completes “…”; `numbers` are those of invoices; `text` is a hash of what it says, empty
    where it says little. `cut`: it has more figures than are kept.
    """

    state: State
    reason: str = ""
    sha256: str = ""
    kinds: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    numbers: tuple[str, ...] = ()
    text: str = ""
    cut: bool = False


def read_document(path: Path, name: str) -> Document:
    """Read one document; whatever is in it, this gives a Document and raises only MemoryError."""
    try:
        seen = path.lstat()
        if not stat.S_ISREG(seen.st_mode):
            return Document("unread", "是链接，没有读取" if stat.S_ISLNK(seen.st_mode) else "不是普通文件，没有读取")
        if (early := by_name(name)) is not None:
            return early
        if seen.st_size > limit("bytes"):
            return Document("unread", f"超过 {limit('bytes') >> 20} MB，没有读取")
        data = path.read_bytes()
    except OSError as error:
        return Document("unread", f"打不开（{why(error)}）")
    return read_bytes(data, path, name)


def by_name(name: str) -> Document | None:
    """A document of which the name tells that nothing here reads it."""
    suffix = PurePath(name).suffix.lower()
    if suffix in kinds.table()["suffixes"]["pictures"]:
        return Document("picture", "是图片或版式文件，其中的文字没有读取")
    if suffix in kinds.table()["suffixes"]["sound"]:
        return Document("unread", "是录音录像，没有读取")
    return None


def read_bytes(data: bytes, path: Path, name: str) -> Document:
    """As `read_document`, of bytes that were read from `path`."""
    digest, container = hashlib.sha256(data).hexdigest(), sniff(data)
    if container == "csv" and PurePath(name).suffix.lower() == ".txt":
        container = "text"  # the commas of 42,025.00
    if container == "image":
        return Document("picture", "是图片，其中的文字没有读取", digest)
    try:
        if container in _TABLES:
            book = read_book(path, name=name, limits=Limits(file_bytes=limit("bytes")))
            return _made(digest, name, grids=book.grids)
        if container == "docx" or container in office.KINDS:
            from perfbatch.intake.prose import read_all  # noqa: PLC0415 - not every run has one

            if container != "docx":
                data = as_docx(data, container, name)
            return _made(digest, name, *read_all(data, name))
        if container == "pdf":
            figures, said = [], []
            for number, text in enumerate(pages_of(data), 1):
                said.append(folded(text))
                for line in text.splitlines():
                    figures += in_text(line, page=number)
            if sum(map(len, said)) >= _FEW:
                return _document(digest, figures, said, name)
            return Document("picture", "是扫描件（PDF 中没有文字），没有读取", digest, kinds.of("", name))
        if container == "text":
            encoding, _ = encoding_of(data) or ("gb18030", False)
            return _made(digest, name, data.decode(encoding, "replace").splitlines())
    except RefusedFile as refusal:
        # the reason within the sentence: 文件“…”已加密，未作检查；… → 已加密
        reason = re.sub("^(?:文件)?“.*?”", "", str(refusal)).split("，未作检查")[0].rstrip("。").removeprefix("的")
        return Document("unread", reason, digest)
    return Document("unread", kinds.table()["unread"].get(container, "不是可识别的文件"), digest)


def _made(
    digest: str, name: str, lines: Sequence[str] = (), grids: Iterable[Grid] = (), aside: Aside | None = None
) -> Document:
    """A document of lines of text, of tables, and of lines beside the text by where they stand (页眉 …)."""
    figures, said = [], []
    for number, text in enumerate(lines, 1):
        said.append(folded(text))
        figures += in_text(text, line=number)
    for grid in grids:
        table = Table(grid)
        figures += table.figures()
        said.append(table.said)
    for place, beside in (aside or {}).items():
        for number, text in enumerate(beside, 1):
            said.append(folded(text))
            figures += in_text(text, sheet=place, line=number)
    return _document(digest, figures, said, name)


def _document(digest: str, figures: list[Figure], said: list[str], name: str) -> Document:
    whole = "\n".join(said)[: limit("characters")]
    most = limit("figures")
    opening = next((text for text in said if text), "")[:_OPENING]
    text = hashlib.sha256(whole.encode("utf-8", "backslashreplace")).hexdigest() if len(whole) >= _SAME_TEXT else ""
    numbers = tuple(dict.fromkeys(_INVOICE.findall(whole)))
    found = kinds.of(whole, name, opening)
    return Document("read", "", digest, found, tuple(figures[:most]), numbers, text, len(figures) > most)


def pages_of(data: bytes) -> list[str]:
    """The text of each page; RefusedFile when the file is protected, damaged or too long, or pypdf is not there."""
    try:
        from pypdf import PdfReader  # noqa: PLC0415 - an extra
    except ImportError:
        raise RefusedFile("extra", '读 PDF 需另装组件（pip install ".[evidence]"），没有读取') from None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its remarks are English and not for the clerk
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise RefusedFile("encrypted", "已加密，请去掉打开密码")
        if len(reader.pages) > limit("pages"):
            raise RefusedFile("too_large", f"超过{limit('pages')}页，没有读取")
        return [page.extract_text() for page in reader.pages]
    except (RefusedFile, MemoryError):
        raise
    except Exception as error:  # what a damaged PDF makes of a reader is without end
        raise RefusedFile("damaged", "已损坏或不合规范") from error
