"""Blank, print-ready forms: national, Hebei and the flat lists, with choices to pick where they help."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools.samples import hebei, listing, national
from tools.samples.facts import QUALITATIVE, Head, Indicator, Project
from tools.samples.sheets import Page, page, workbook

NATIONAL = "空白模板_项目支出绩效自评表.xlsx"
HEBEI = "空白模板_河北预算项目绩效自评表.xlsx"
LISTS = "空白模板_一体化导出列表.xlsx"

_HEAD = Head(unit="", department="", year=None)
_ROWS = (  # level 2 → rows offered
    ("数量指标", 3), ("质量指标", 3), ("时效指标", 2), ("成本指标", 2), ("经济效益指标", 2),
    ("社会效益指标", 2), ("生态效益指标", 2), ("可持续影响指标", 2), ("服务对象满意度指标", 2),
)  # fmt: skip
_EMPTY_LIST_ROWS = 30
_NOTES = (
    "填表说明：1.定量指标的年度指标值写明符号、数值和计量单位（如“≥50个”），实际完成值只写数值和计量单位，不写符号。",
    "2.得分低于分值的，须填写偏差原因分析及改进措施；超额完成较多的，说明原因。",
    "3.金额以万元为单位；执行率＝全年执行数÷全年预算数。未使用的指标行可删除。",
)
_CHOICES = {
    "category": ("运转保障类", "工程建设类", "政策保障类", "设备采购类", "安置补偿类", "其他"),
    "origin": ("年初预算", "追加预算"),
    "special": ("是", "否"),
    "verdict": ("完成", "部分完成", "未完成"),
}
_SIGNS = {NATIONAL: (), HEBEI: (">=", "<=", "=", ">", "<"), LISTS: ("≥", "≤", "=", ">", "<", QUALITATIVE)}
_NUMBERS = {
    "money": (0, 100_000_000, "请填写不小于0的金额（万元），不写单位。"),
    "points": (0, 100, "请填写0至100之间的分值。"),
    "score": (0, 100, "请填写0至100之间的数。"),
}


def write_templates(folder: Path) -> list[Path]:
    """Write the three blank templates to `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    blank = Project(name="", indicators=tuple(_offered()))
    with workbook(folder / NATIONAL) as book:
        form = page(book, "项目支出绩效自评表", national.WIDTHS)
        national.draw_form(form, _HEAD, blank)
        for text in _NOTES:
            form.headline(text, "note", national.LAST)
        _guide(form, NATIONAL)
    with workbook(folder / HEBEI) as book:
        form = page(book, "预算项目绩效自评表", hebei.WIDTHS, landscape=True, pages=(1, 1))
        hebei.draw_form(form, _HEAD, blank)
        _guide(form, HEBEI)
    with workbook(folder / LISTS) as book:
        for sheet in listing.draw_lists(book, _HEAD, (), empty_rows=_EMPTY_LIST_ROWS):
            _guide(sheet, LISTS)
    return [folder / name for name in (NATIONAL, HEBEI, LISTS)]


def _offered() -> Iterable[Indicator]:
    """The placeholder rows the national form prints: 指标1：, 指标2：, ……"""
    for level2, count in _ROWS:
        for number in range(1, count + 1):
            last_of_many = count > 2 and number == count
            yield Indicator(level2, "……" if last_of_many else f"指标{number}：")


def _guide(sheet: Page, template: str) -> None:
    """Offer choices and refuse impossible numbers in the cells to fill in."""
    choices: dict[str, Any] = {**_CHOICES, "sign": _SIGNS[template]}
    for row, column, style in sheet.blanks:
        if choices.get(style):
            sheet.sheet.data_validation(
                row, column, row, column,
                {"validate": "list", "source": list(choices[style]), "error_type": "warning",
                 "error_title": "请核对", "error_message": "请从下拉列表中选择，或确认填写内容无误。"},
            )  # fmt: skip
        elif style in _NUMBERS:
            least, most, message = _NUMBERS[style]
            sheet.sheet.data_validation(
                row, column, row, column,
                {"validate": "decimal", "criteria": "between", "minimum": least, "maximum": most,
                 "error_title": "请核对", "error_message": message},
            )  # fmt: skip
