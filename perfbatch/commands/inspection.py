"""`perfbatch inspect`: what was recognised on each sheet, column by column, and what was not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from perfbatch.config import Settings, password_of
from perfbatch.intake import aside, read_book, second
from perfbatch.layouts import frames as framing
from perfbatch.layouts import listing, own, recognise, remarks, vocabulary
from perfbatch.layouts.bands import Band, fund_bands, indicator_bands
from perfbatch.layouts.sheet import Sheet
from perfbatch.layouts.vocabulary import Vocabulary
from perfbatch.model import Book, Grid, ReadingNote, column_letters
from perfbatch.notation.signs import CHINESE as SIGNS

_SHOWN = 3
FIELD_NAMES = {
    "level1": "一级指标", "level2": "二级指标", "level3": "三级指标", "sign": "符号", "target": "指标值",
    "unit": "单位", "actual": "实际完成值", "points": "分值", "score": "得分", "reason": "原因",
    "initial": "年初预算数", "adjusted": "全年（调整后）预算数", "arrived": "到位数", "executed": "执行数",
    "left_over": "结余", "rate": "执行率", "method": "评分方法", "completion": "完成率", "verdict": "完成情况",
    "item_score": "单项得分", "weight_share": "权重占比", "review_score": "复核分", "deduction": "扣分",
    "evidence": "佐证材料", "last_year": "上年完成值", "source": "资金来源", "project_name": "项目名称",
    "project_code": "项目编码", "department": "主管部门", "year": "年度", "category": "项目类别",
    "origin": "预算来源", "title": "标题", "goal_expected": "预期目标", "goal_actual": "目标完成情况",
    "total": "总分", "total_points": "总分值", "grade": "等级", "money_unit": "金额单位", "status": "状态",
    "description": "指标描述", "initial_target": "年初指标值", "target_basis": "指标值依据", "conclusion": "评价结论",
    "problems": "存在问题", "measures": "改进措施", "reason_box": "偏差原因（表尾）", "execution_score": "执行率得分",
    "execution_points": "执行率分值", "unit_code": "单位编码", "unit_name": "预算单位", "special": "是否为专项资金",
    "manager": "项目负责人", "fund_reason": "资金偏差原因",
    "remarks": "其他需要说明事项", "goal_completion": "总体完成率",
    "head_total": "自评总分（表头）", "warning": "自评预警", "content": "评价内容", "serial": "序号",
}  # fmt: skip
HEAD_NAMES = {"unit": "实施单位", "target": "指标值"}  # words that mean something else in the head


def field_name(field: str) -> str:
    """The Chinese word of a field; ``executed@财政资金`` is a column of one source."""
    name, _, source = field.partition("@")
    return FIELD_NAMES.get(name, name) + (f"（{source}）" if source else "")


def describe(path: Path, settings: Settings) -> str:
    """A Chinese report on one file, sheet by sheet. Raises RefusedFile when the file cannot be read."""
    words = vocabulary.load(settings.synonyms, settings.layout)
    book = read_book(path, name=path.name, password=password_of(settings))
    own.refuse(book)
    lines = [f"文件：{path.name}（{book.container}，{len(book.grids)} 个工作表）"]
    lines += _verified(book, path)
    notes = aside(book.notes, recognise.recognise(book, words).sheets)
    lines += [f"  提示：{_noted(note)}" for note in notes]
    for grid in book.grids:
        lines += _sheet(grid, words, settings.money_unit)
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


def _sheet(grid: Grid, words: Vocabulary, money_unit: str) -> Iterator[str]:
    sheet = Sheet(grid, words)
    yield ""
    yield f"工作表“{grid.sheet}”{'（隐藏）' if grid.hidden else ''}："
    found = listing.find(sheet)
    if found:
        yield from _listing(sheet, found)
        return
    forms = recognise.grid_forms(sheet)
    if not forms:
        yield from _unrecognised(sheet)
        return
    frames = framing.build(forms, words, money_unit)
    for form in forms:
        title = recognise.title_of(form.layout, words)
        yield f"  识别为 {form.layout} {title}，自 {form.anchor} 起；金额单位：{form.money_unit or '未写明'}"
        for name, cell in form.head.items():
            yield f"    {HEAD_NAMES.get(name) or field_name(name)} ← {cell.ref}：{_short(cell.text)}"
        yield f"    资金 {len(form.funds)} 行，指标 {len(form.lines)} 行"
        rows = frames.indicators[frames.indicators["project_id"] == framing.project_id(form)]
        yield from (f"      {_value(row)}" for row in rows.head(_SHOWN).itertuples())
        if not form.lines:
            yield from (f"    没有指标行，缺少：{line}" for line in remarks.nearest_words(sheet))
    yield from _columns(sheet)


def _value(row: Any) -> str:
    figure = _figure(row.target_value, row.target_date)
    if row.target_value2 is not None:
        figure += f"至{row.target_value2}"
    target = f"目标“{_short(row.target_text)}”→ {SIGNS.get(row.operator, '')}{figure}{row.unit}"
    actual = f"完成“{_short(row.actual_text)}”→ {_figure(row.actual_value, row.actual_date)}{row.actual_unit}"
    return f"{row.cell_level3} {_short(row.level3)}：{target}；{actual}"


def _columns(sheet: Sheet) -> Iterator[str]:
    for band in (*fund_bands(sheet, 1, sheet.last_row), *indicator_bands(sheet, 1, sheet.last_row)):
        yield f"  表头第 {band.top}–{band.bottom} 行：{_mapping(band)}"
        if band.unknown:
            yield "    未识别的表头：" + "、".join(f"{c.ref} {_short(c.text)}" for c in band.unknown)


def _mapping(band: Band) -> str:
    return "，".join(f"{column_letters(first)} → {field_name(name)}" for name, (first, _) in band.columns.items())


def _listing(sheet: Sheet, found: listing.Listing) -> Iterator[str]:
    yield f"  识别为 {found.kind} {recognise.title_of(found.kind)}，表头在第 {found.header} 行"
    yield "  " + "，".join(f"{column_letters(column)} → {field_name(name)}" for name, column in found.columns.items())
    yield f"  金额单位：{found.money_unit or '未写明'}；数据 {sheet.last_row - found.header} 行"


def _unrecognised(sheet: Sheet) -> Iterator[str]:
    if not sheet.grid.cells:
        yield "  空白工作表"
        return
    yield f"  {remarks.unrecognised(sheet)}"
    for line in remarks.nearest_words(sheet):
        yield f"    {line}"


def _short(text: str, most: int = 24) -> str:
    text = text.replace("\n", " ")
    return text if len(text) <= most else text[:most] + "…"


def _figure(value: object, date: str) -> str:
    return str(value) if value is not None else date or "（无数值）"
