"""The text of a Word document: its paragraphs and the rows of its tables, in reading order.

For reports, which are prose; forms in Word documents are another matter.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from perfbatch.errors import UsageError, why
from perfbatch.intake.markup import BrokenPart, local, parse

_DOCUMENT = "word/document.xml"
_MOST = 64 << 20  # bytes of the main part, unpacked
_GONE = frozenset(["del", "moveFrom"])  # text that tracked changes took away


def paragraphs(path: Path) -> list[str]:
    """Texts of the paragraphs of a .docx; a row of a table is one of its own, its cells joined by tabs.

    Text in tracked deletions is left out. Raises UsageError for what is no such document.
    """
    try:
        with zipfile.ZipFile(path) as package:
            entry = package.getinfo(_DOCUMENT)
            if entry.file_size > _MOST:
                raise UsageError(f"“{path.name}”的正文过大，没有读取；请删去图片以外的附件后再试。")
            root = parse(package.read(entry))
    except OSError as error:
        raise UsageError(f"“{path}”读不出来（{why(error)}），请确认文件没有被占用后重新运行。") from error
    except (zipfile.BadZipFile, zlib.error, KeyError, BrokenPart, RuntimeError, NotImplementedError) as error:
        raise UsageError(
            f"“{path.name}”不是可读取的 Word 文档（.docx）；请用 Word 或 WPS 打开后另存为 .docx。"
        ) from error
    return [text for text in _blocks(root) if text.strip()]


def _blocks(element: Any) -> Iterator[str]:
    for child in element:
        name = local(child) if isinstance(child.tag, str) else ""
        if name == "p":
            yield _text(child)
        elif name == "tr":
            yield "\t".join("".join(_blocks(cell)) for cell in child if local(cell) == "tc")
        elif name not in _GONE:
            yield from _blocks(child)


def _text(paragraph: Any) -> str:
    parts = []
    for node in paragraph.iter():
        name = local(node) if isinstance(node.tag, str) else ""
        if name == "t" and not any(local(above) in _GONE for above in node.iterancestors()):
            parts.append(node.text or "")
        elif name in ("br", "cr"):
            parts.append("\n")
        elif name == "tab":
            parts.append("\t")
    return "".join(parts)
