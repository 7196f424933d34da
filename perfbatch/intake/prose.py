"""The text of a Word document: its paragraphs and the rows of its tables, in reading order.

For reports, which are prose; forms in Word documents are another matter.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from perfbatch.errors import RefusedFile, UsageError, why
from perfbatch.intake.markup import BrokenPart, parse
from perfbatch.intake.package import Package
from perfbatch.intake.word import blocks, body_of, cells_of, is_word, rows_of, text_of

_MOST = 64 << 20  # bytes of the main part, unpacked


def paragraphs(path: Path) -> list[str]:
    """Texts of the paragraphs of a .docx; a row of a table is one of its own, its cells joined by tabs.

    Text in tracked deletions is left out. Raises UsageError for what is no such document.
    """
    try:
        package = Package(path.read_bytes(), name=path.name)
        xml = package.read(package.workbook_part)
        if len(xml) > _MOST:
            raise UsageError(f"“{path.name}”的正文过大，没有读取；请删去图片以外的附件后再试。")
        return [text for text in _texts(body_of(parse(xml))) if text.strip()]
    except OSError as error:
        raise UsageError(f"“{path}”读不出来（{why(error)}），请确认文件没有被占用后重新运行。") from error
    except (RefusedFile, BrokenPart) as error:
        told = f"“{path.name}”不是可读取的 Word 文档（.docx）；请用 Word 或 WPS 打开后另存为 .docx。"
        raise UsageError(told) from error


def _texts(element: Any) -> Iterator[str]:
    for block in blocks(element):
        if is_word(block, "p"):
            yield text_of(block)
        else:
            yield from ("\t".join("".join(_texts(cell)) for cell in cells_of(row)) for row in rows_of(block))
