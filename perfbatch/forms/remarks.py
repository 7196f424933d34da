"""What to tell the clerk about a sheet: why it is no form, which words were looked for, where the year is from."""

from __future__ import annotations

from pathlib import PurePosixPath

from perfbatch.forms.form import Form
from perfbatch.forms.records import printed_year, year_in
from perfbatch.forms.sheet import Sheet
from perfbatch.model import Range, column_letters

_WANTED = (  # what a form cannot do without: block, field, what the clerk calls it
    ("head", "project_name", "项目名称"),
    ("indicator", "level3", "三级指标"),
    ("indicator", "target", "年度指标值"),
    ("indicator", "actual", "实际完成值"),
)
_PROSE_LENGTH = 60  # a text of this many characters is a sentence, not a header or a value
_LIKE_A_FORM = 3  # so many header words make a sheet look like a form


EMPTY = "空白工作表，未处理"
SAMPLE = "填写示例，不是本单位的自评表，没有计入"
EMPTY_LIST = "空白的列表，只有表头、没有项目，没有计入"
BLANK = "空白的自评表，没有填写项目名称、资金和完成情况，没有计入"
INSTRUCTIONS = "封面或填写说明，不是自评表，没有读取"


def by_unit(kind: str, groups: list[str]) -> str:
    """That a roll-up gives several units columns or rows of their own over the same indicators."""
    named = "、".join(groups[:4]) + ("等" if len(groups) > 4 else "")
    return f"{kind}按资金使用单位（{named}）汇总，没有读取；请导出各资金使用单位自己的自评表"


def other_year(year: int | None, newest: int) -> str:
    """That a form is one of an earlier year."""
    return f"{year}年度的自评表，本次自评年度为{newest}年，没有计入"


def transposed(sheet: Sheet, region: Range) -> str:
    """That the names of the columns stand below one another in a form turned on its side, else empty."""
    columns: dict[int, set[str]] = {}
    for row in range(region.top, region.bottom + 1):
        for label in sheet.labels.get(row, ()):
            if label.cell.row == row and (name := label.fields.get("indicator")):
                columns.setdefault(label.area.left, set()).add(name)
    for column, names in columns.items():
        if {"level3", "target", "actual"} <= names and len(names) >= 4:
            where = f"竖排在{column_letters(column)}列（行列转置的表）"
            return f"指标名称、指标值等栏目{where}，没有读取；请把表格行列对调后重新导出"
    return ""


def unrecognised(sheet: Sheet) -> str:
    """Why a sheet was not read: prose, a form without a needed column (with the nearest words), or no form."""
    labels = {label.cell.text for row in sheet.labels.values() for label in row}
    if len(labels) >= _LIKE_A_FORM:
        missing = "；".join(nearest_words(sheet))
        return f"像自评表，但缺少必需的表头：{missing}；未处理" if missing else "像自评表，但没有完整的指标表头，未处理"
    texts = [cell.text for cell in sheet.grid.cells.values()]
    if any(len(text) >= _PROSE_LENGTH and "绩效" in text for text in texts):
        return "内容是文字叙述，不是表格，无法逐项核对；请改填自评表后重新导出"
    return "未识别到自评表或导出列表的表头，未处理"


def without_indicators(sheet: Sheet, anchors: list[str]) -> str:
    """That some forms of a sheet have no indicator lines, and which header words may be missing."""
    missing = "；".join(nearest_words(sheet))
    why = f"，缺少必需的表头：{missing}" if missing else ""
    return f"{'、'.join(anchors)} 起的表只有表头和资金，没有指标行{why}"


def nearest_words(sheet: Sheet) -> list[str]:
    """For each needed header that is absent: the words looked for and the nearest words on the sheet."""
    words = sheet.vocabulary
    texts = [cell.text for cell in sheet.grid.cells.values()]
    lines = []
    for block, name, title in _WANTED:
        if any(label.field(block) == name for row in sheet.labels.values() for label in row):
            continue
        wanted = "、".join([word for word, field in words.blocks[block].items() if field == name][:4])
        near = words.nearest(texts, block, name)
        lines.append(f"{title}（可用的写法：{wanted}等；表中最接近的是：{'、'.join(near) or '无'}）")
    return lines


def year_from_names(form: Form) -> list[str]:
    """A remark when the year was not on the form but in the name of the sheet or the file."""
    if printed_year(form) is not None:
        return []
    for source, name in (("工作表名", form.sheet), ("文件名", PurePosixPath(form.file).stem)):
        if year := year_in(name):
            return [f"表中没有写年度，按{source}取{year}年"]
    return []
