"""`perfbatch inspect`: what was recognised on each sheet, column by column, and what was not."""

from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal
from operator import itemgetter
from pathlib import Path

from perfbatch.config import Settings, password_of
from perfbatch.forms import kinds, money_unit, own_outputs, recognise, vocabulary
from perfbatch.forms.form import Form, Line
from perfbatch.forms.frames import Row, head_row, line_rows
from perfbatch.forms.listing import Span
from perfbatch.forms.recognise import Found
from perfbatch.forms.vocabulary import Vocabulary
from perfbatch.intake import read_book, second
from perfbatch.intake.grids import aside
from perfbatch.messages import shipped, shorten
from perfbatch.model import Book, ReadingNote, SheetReading, column_letters
from perfbatch.notation.signs import SIGN_OF as SIGNS

_NAMES = shipped("commands/inspection.toml")


def field_name(field: str, *, head: bool = False) -> str:
    """The Chinese word of a field."""
    return str((head and _NAMES["head"].get(field)) or _NAMES.get(field, field))


def describe(path: Path, settings: Settings) -> str:
    """A Chinese report on one file, sheet by sheet. Raises RefusedFile when the file cannot be read."""
    words = vocabulary.load(settings.synonyms, settings.layout)
    book = read_book(path, name=path.name, password=password_of(settings))
    own_outputs.without_index(book)
    own_outputs.refuse(book)
    lines = [f"文件：{path.name}（{book.container}，{len(book.grids)} 个工作表）"]
    lines += _verified(book, path)
    recognition = recognise.recognise(book, words)
    lines += [f"  提示：{_noted(note)}" for note in aside(book.notes, recognition.sheets)]
    settled = money_unit.settle(recognition.forms, settings.money_unit)
    lines += [f"  金额单位：{found.evidence}" for found in settled if found.evidence]
    counted = {form.id for form in recognition.forms}  # not last year's, which are named alone
    for reading in recognition.sheets:
        regions = [r for r in recognition.regions if r.sheet.grid.sheet == reading.sheet and r.kind.id == reading.kind]
        lines += _sheet(reading, regions, counted, words, settings.year)
    return "\n".join(lines)


def _noted(note: ReadingNote) -> str:
    """Sheet, cell and text of a note; most texts name their cell themselves."""
    cell = note.cell if note.cell not in note.text else ""
    return " ".join(filter(None, (f"工作表“{note.sheet}”" if note.sheet else "", cell, note.text)))


def _verified(book: Book, path: Path) -> list[str]:
    """What openpyxl says of the same file: how many cells agree, and the ones that do not."""
    compared = second.compare(book, path.read_bytes())
    if compared is None:
        return []
    told = [f"  {note.sheet} {note.cell}：{note.text}" for note in compared.notes]
    return [f"  第二读取器（openpyxl）逐格核对：{compared.equal} 格一致，{len(told) or '没有'}不一致", *told]


def _sheet(
    reading: SheetReading, regions: list[Found], counted: Set[str], words: Vocabulary, year: int | None
) -> Iterator[str]:
    yield ""
    yield f"工作表“{reading.sheet}”{'（隐藏）' if reading.hidden else ''}：{reading.remark or '已读取'}"
    for found in regions:
        named = kinds.kind(words, found.kind.id).name
        if found.part is not None:
            yield f"  识别为{named}，表头在第 {found.part.top or '（接上一工作表）'} 行，{len(found.forms)} 个项目"
            yield "  " + _columns(found.part.columns, found.part.groups)
        for form in found.forms:
            if form.id in counted:
                yield from _form(form, words, year, listed=found.part is not None)
    tables = (table for found in regions for form in found.forms for table in form.tables)
    yield from (f"  指标表头：{_columns(table.columns, ())}" for table in tables)
    for left in reading.unread:
        near = f"，最接近的已知写法是“{left.nearest}”" if left.nearest else ""
        above = f"表头“{shorten(left.header)}”" if left.header else "没有表头"
        more = f"等{left.cells}格" if left.cells > 1 else ""
        yield f"  未识别：{left.cell}“{shorten(left.text)}”{more}（{above}{near}）没有读取"


def _form(form: Form, words: Vocabulary, year: int | None, *, listed: bool) -> Iterator[str]:
    unit = form.money_unit or "未写明"
    if listed:
        head = head_row(form, words, ())
        name = shorten(head["project_name"] or head["project_code"])
        yield f"  {form.anchor} {name}：金额单位 {unit}，指标 {len(form.lines)} 行"
    else:
        title = words.family(form.layout).get("title", form.layout)
        yield f"  识别为 {form.layout} {title}，自 {form.anchor} 起；金额单位：{unit}"
        for name, cell in form.head.items():
            yield f"    {field_name(name, head=True)} ← {cell.ref}：{shorten(cell.text)}"
        yield f"    资金 {len(form.funds)} 行，指标 {len(form.lines)} 行"
    for line in form.funds:
        told = (f"{field_name(n)} {c.ref}“{shorten(c.text)}”" for n, c in line.cells.items() if n != "source")
        yield f"      {shorten(line.text('source')) or '合计'}：{'，'.join(told)}"
    for line, row in zip(form.lines, line_rows(form, words, year), strict=True):
        yield f"      {_value(line, row)}"


def _value(line: Line, row: Row) -> str:
    figure = _figure(row["target_value"], row["target_date"])
    if row["target_value2"] is not None:
        figure += f"至{row['target_value2']}"
    wanted = f"目标“{shorten(line.text('target'))}”→ {SIGNS.get(row['operator'], '')}{figure}{row['unit']}"
    actual = _figure(row["actual_value"], row["actual_date"]) + row["actual_unit"]
    done = f"完成“{shorten(line.text('actual'))}”→ {actual}"
    scored = f"；分值“{shorten(line.text('points'))}”，得分“{shorten(line.text('score'))}”"
    worth = scored if "score" in line.cells else ""
    return f"{row.get('cell_level3', '')} {shorten(row['level3'])}：{wanted}；{done}{worth}"


def _columns(columns: Mapping[str, Span], groups: Sequence[Mapping[str, Span]]) -> str:
    ordered = sorted(columns.items(), key=itemgetter(1))
    named = [f"{column_letters(first)} → {field_name(name)}" for name, (first, _) in ordered]
    for at, group in enumerate(groups, 1):
        named += [f"{column_letters(first)} → 指标{at}{field_name(name)}" for name, (first, _) in group.items()]
    return "，".join(named)


def _figure(value: Decimal | None, day: str) -> str:
    return str(value) if value is not None else day or "（无数值）"
