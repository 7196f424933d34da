"""Text of a PDF, page by page, with pypdf (extra ``evidence``)."""

from __future__ import annotations

import io
import logging

from perfbatch.errors import RefusedFile
from perfbatch.evidence.words import limit

_EXTRA = '读 PDF 需另装组件（pip install ".[evidence]"），没有读取'


def pages_of(data: bytes) -> list[str]:
    """The text of each page; RefusedFile when the file is protected, damaged or too long, or pypdf is not there."""
    try:
        from pypdf import PdfReader  # noqa: PLC0415 - an extra
        from pypdf.errors import PyPdfError  # noqa: PLC0415
    except ImportError:
        raise RefusedFile("extra", _EXTRA) from None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its remarks are English and not for the clerk
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise RefusedFile("encrypted", "已加密，请去掉打开密码")
        if len(reader.pages) > limit("pages"):
            raise RefusedFile("too_large", f"超过{limit('pages')}页，没有读取")
        return [page.extract_text() for page in reader.pages]
    except RefusedFile:
        raise
    except MemoryError:
        raise
    except (PyPdfError, Exception) as error:  # what a damaged PDF makes of a reader is without end
        raise RefusedFile("damaged", "已损坏或不合规范") from error
