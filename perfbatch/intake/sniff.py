"""What a file is, by its content: suffixes lie (an .xls from a web system is often HTML or tab-separated)."""

import codecs
import io
import re
import zipfile
import zlib

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = re.compile(rb"\x09[\x00\x02\x04\x08][\x04-\x10]\x00")
# Names of streams in the directory, most telling first; Crystal Reports writes WORKBOOK in capitals.
_OLE_KINDS = {b"encryptedpackage": "encrypted", b"workbook": "xls", b"book": "xls", b"worddocument": "doc"}
_STREAM = re.compile(b"|".join((name.decode() + "\0").encode("utf-16-le") for name in _OLE_KINDS), re.IGNORECASE)
_MAGIC = (
    (b"%PDF", "pdf"), (b"Rar!", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gz"), (b"\x89PNG", "image"), (b"\xff\xd8\xff", "image"), (b"GIF8", "image"),
    (b"MZ", "program"),
)  # fmt: skip
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|table|meta|style|div)\b", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_HEAD = 1 << 16
_FEW = 4  # broken or control characters that do not yet make a text file something else


def sniff(data: bytes) -> str:
    """Container word of some bytes.

    Readable: ``xlsx xlsm xlsb ods fods xls html mht csv tsv xml2003 docx``, and by way of LibreOffice ``doc rtf odt
    wordml``. Not readable, for the refusal: ``empty encrypted zip broken_zip no_types pptx ole pdf rar 7z gz image
    program xml text unknown``.
    """
    if not data:
        return "empty"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    if data.startswith(_OLE):
        return _ole_kind(data)
    if _BIFF.match(data):
        return "xls"
    if data.startswith(b"{\\rtf"):  # its text may look like a csv
        return "rtf"
    text = decoded_head(data)
    if text is not None and (kind := _text_kind(text)) != "text":
        return kind
    magic = next((word for start, word in _MAGIC if data.startswith(start)), None)
    return magic or ("unknown" if text is None else "text")


def encoding_of(data: bytes, *, whole: bool = True) -> tuple[str, bool] | None:
    """Encoding of a text file and whether all of it fits: by its mark, else UTF-8 if it is, else GB18030.

    Where neither fits whole (a field cut within a character), the one that fits better; None when it is no text.
    A file of which not the whole is given may end within a character.
    """
    marked = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    if marked is None and b"\0" in data:
        return None
    names = (marked,) if marked else ("utf-8", "gb18030")
    for name in names:
        try:
            codecs.getincrementaldecoder(name)().decode(data, final=whole)
        except UnicodeDecodeError:
            continue
        return name, True
    broken, best = min((data.decode(name, "replace").count("\ufffd"), name) for name in names)
    return None if broken > max(_FEW, len(data) // 100) else (best, False)


def decoded_head(data: bytes) -> str | None:
    """The first 64 KB as text, however long its lines; None when the bytes are not text."""
    head, whole = data[:_HEAD], len(data) <= _HEAD
    encoding = encoding_of(head, whole=whole)
    if encoding is None:
        return None
    text = codecs.getincrementaldecoder(encoding[0])("replace").decode(head, final=whole)
    odd = sum(character < " " and character not in "\t\r\n\f\x1a" for character in text)
    return None if odd > max(_FEW, len(text) // 100) else text


def _zip_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
            if "mimetype" in names and "content.xml" in names:
                return "ods" if b"spreadsheet" in archive.read(names["mimetype"])[:200] else "odt"
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError):
        return "broken_zip"
    if "xl/workbook.bin" in names:
        return "xlsb"
    declared = "[content_types].xml" in names
    if "word/document.xml" in names or (declared and any(name.startswith("word/") for name in names)):
        return "docx"
    if any(name.startswith("ppt/") for name in names):
        return "pptx"
    if "xl/vbaproject.bin" in names:
        return "xlsm"
    if declared:
        return "xlsx"
    return "no_types" if "xl/workbook.xml" in names else "zip"


def _ole_kind(data: bytes) -> str:
    """By the UTF-16 names in the directory; an encrypted .xlsx is OLE holding ``EncryptedPackage``."""
    found = {match[0].replace(b"\0", b"").lower() for match in _STREAM.finditer(data)}
    if b"worddocument" in found and found & {b"workbook", b"book"}:
        from perfbatch.intake.legacy import stream_of  # noqa: PLC0415 - a document in a workbook, or the reverse

        found -= set() if stream_of(data, "Workbook", "Book") else {b"workbook", b"book"}
    return next((kind for word, kind in _OLE_KINDS.items() if word in found), "ole")


def _text_kind(text: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        if "urn:schemas-microsoft-com:office:spreadsheet" in text and "<Workbook" in text:
            return "xml2003"
        if "urn:oasis:names:tc:opendocument" in text and "spreadsheet" in text:
            return "fods"
        if "http://schemas.microsoft.com/office/word/2003/wordml" in text:
            return "wordml"
        return "html" if _HTML.search(text) else "xml"
    if re.match(r"MIME-Version:|From:.*\nSubject:", start, re.IGNORECASE):
        return "mht"
    lines = [line for line in start.splitlines() if line.strip()][:200]
    for separator, kind in (("\t", "tsv"), (",", "csv"), (";", "csv")):
        if len(lines) > 1 and sum(separator in line for line in lines) * 2 > len(lines):
            return kind
    return "text"
