"""Intake: what is this file, is it safe to open, and its cells with their coordinates.

`read_book` gives a Book or raises RefusedFile with one of these codes:

``empty`` no bytes or no filled cell · ``damaged`` cut off, checksum or structure wrong · ``encrypted`` ·
``not_a_workbook`` text, PDF, picture · ``archive`` zip, RAR, 7z · ``no_table`` a web page or text box without one ·
``prose`` a Word document without a table · ``picture_only`` one with pictures instead · ``own_output`` our own report ·
``needs_office`` an old Word format, and no LibreOffice here to convert it ·
``unknown_format`` · ``unreadable`` cannot be opened, or a reader gave up · ``not_a_file`` folder, FIFO, device ·
``too_large`` ``too_many_parts`` ``bomb`` past a limit of `Limits` · ``doctype`` ``duplicate_parts``
``unsafe_part_name`` hostile or ambiguous packages.

What was read but must not be silent is a ReadingNote; its codes and their meaning are `NOTE_CODES`.
"""

from perfbatch.intake.grids import NOTE_CODES, aside
from perfbatch.intake.guard import Limits
from perfbatch.intake.reader import as_docx, read_book, uncollected
from perfbatch.intake.sniff import sniff

__all__ = ["NOTE_CODES", "Limits", "as_docx", "aside", "read_book", "sniff", "uncollected"]
