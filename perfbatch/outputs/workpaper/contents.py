"""The first sheet of the workpaper (目录), and the hidden one by which it is recognised when it comes back."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from perfbatch.followup.batch import Batch
from perfbatch.followup.items import CHECK_SHEET
from perfbatch.outputs.cells import Column, Formula, Link, Value
from perfbatch.outputs.paper import Page, Paper
from perfbatch.outputs.wording import heading
from perfbatch.outputs.workpaper.form import Form
from perfbatch.totals.sums import Totals

NAME = "目录"
_COLUMNS = (
    Column("序号", "seq", 5, 5), Column("项目名称", "text", 30, 40), Column("填报单位", "text", 18, 24),
    Column("项目类别", "code", 12, 14), Column("预算安排", "code", 12, 14), Column("全年执行数", "money", 12, 14),
    Column("自评总分", "score", 9, 9), Column("抽取方式", "text", 20, 26), Column("已填核查分数", "count", 9, 9),
    Column("核查分数合计", "score", 9, 9),
)  # fmt: skip


def page(paper: Paper) -> Page:
    """The sheet, empty, so that it comes first."""
    return paper.page(NAME, landscape=True)


def write(page: Page, batch: Batch, totals: Totals, forms: Sequence[Form], scores: Mapping[str, str]) -> None:
    """List the projects with links to their sheets and live counts of what has been entered.

    `scores` maps the name of a sheet to the cells of its reviewed scores.
    """
    notes = [f"金额单位：万元。{batch.sample_note or '本次运行未抽取项目。'}"]
    if len(forms) < len(totals.sample):
        units = "、".join(dict.fromkeys(form.line.unit for form in forms if form.line.unit))
        notes.append(f"本次共抽查{len(totals.sample)}个项目，本底稿为{units}的{len(forms)}个；其他单位各有一份底稿。")
    header = page.title(f"{heading(totals)}绩效自评抽查工作底稿目录", _COLUMNS, notes)
    after = page.table(header, _COLUMNS, _rows(forms, scores))
    if not forms:
        page.merged(after, 0, len(_COLUMNS) - 1, "无", page.paper.body("code"))
        after += 1
    page.fit(_COLUMNS)
    page.sheet.repeat_rows(header)
    page.sheet.freeze_panes(header + 1, 0)
    page.printed(after - 1, len(_COLUMNS))


def _rows(forms: Sequence[Form], scores: Mapping[str, str]) -> Iterator[Sequence[Value]]:
    for at, form in enumerate(forms, start=1):
        line = form.line
        own = f"'{form.name}'!{scores[form.name]}"
        yield (
            at, Link(f"internal:'{form.name}'!A1", line.name), line.unit, line.category, line.origin, line.executed,
            line.declared, form.drawn,
            Formula(f"=COUNT({own})", Decimal(0)), Formula(f'=IF(COUNT({own})=0,"",SUM({own}))', ""),
        )  # fmt: skip


def write_check(paper: Paper, forms: Sequence[Form]) -> None:
    """Very hidden sheet: what each row measured when the paper was made."""
    check = paper.page(CHECK_SHEET)
    look = paper.look()
    check.text(0, 0, "校验表由程序使用，请勿修改或删除。", look)
    items = [item for form in forms for item in (*form.items, *form.quality)]
    for row, item in enumerate(items, start=1):
        check.text(row, 0, item.key, look)
        check.text(row, 1, item.digest, look)
    check.sheet.very_hidden()
