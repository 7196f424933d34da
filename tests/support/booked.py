"""Case files of the checks as workbooks: what a clerk would hand in, for runs of the command itself.

The forms of a case are drawn as the ministry's form, with the columns that the case has and header words of the
layouts; approved targets, monitoring, overall forms, a report and supporting documents go into files of their own.
Places are other ones than those of the case file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import docx

from perfbatch.forms.form import Form, Line
from support import cases, drawing
from support.cases import Case

HEADS = {
    "level1": "一级指标", "level2": "二级指标", "level3": "三级指标", "sign": "指标性质", "target": "年度指标值",
    "unit": "计量单位", "actual": "实际完成值", "points": "分值", "score": "得分", "reason": "偏差原因分析及改进措施",
    "method": "得分计算方法", "completion": "完成率", "verdict": "单项指标完成情况", "item_score": "单项指标得分",
    "weight_share": "权重占比(%)", "review_score": "复核分", "deduction": "扣分", "evidence": "佐证资料",
    "last_year": "上年完成值", "initial_target": "年初指标值", "target_basis": "指标值设置依据",
    "score_basis": "得失分依据",
}  # fmt: skip
FUNDS = {
    "source": "", "initial": "年初预算数", "adjusted": "全年预算数", "arrived": "到位数", "executed": "全年执行数",
    "left_over": "结余", "rate": "执行率", "points": "分值", "score": "得分", "reason": "原因",
}  # fmt: skip
HEBEI = HEADS | {"score": "单项指标折算得分"}
ABOVE = {
    "project_name": "项目名称", "project_code": "项目编码", "department": "主管部门", "unit": "实施单位",
    "category": "项目类别", "origin": "预算来源",
}  # fmt: skip
BELOW = {
    "grade": "自评等级", "conclusion": "自评结论", "problems": "存在问题", "measures": "改进措施",
    "reason_box": "偏差大或目标未完成原因分析",
}  # fmt: skip
WIDTH = 12
Row = list[str]


def sheet_of(form: Form) -> drawing.Sheet:
    """The drawing of a form."""
    return drawing.parse("\n".join(" │ ".join(row) for row in _rows(form)))


def _wide(*texts: str) -> Row:
    """A row whose last text is merged to the right edge."""
    return [*texts, *["<"] * (WIDTH - len(texts))]


def _text(form: Form, name: str) -> str:
    return form.text(name).replace("\n", "⏎")


def _rows(form: Form) -> Iterator[Row]:
    head = form.head
    hebei = form.layout == "F6"
    if _text(form, "title"):
        yield _wide(_text(form, "title"))
    if _text(form, "year"):
        yield _wide(f"（{_text(form, 'year')}）")
    for name, word in ABOVE.items():
        if name in head:
            yield _wide(word, _text(form, name))
    if hebei and "money_unit" in head:
        yield _wide("金额单位", _text(form, "money_unit"))
    yield from _funds(form)
    goals = [name for name in ("goal_expected", "goal_actual") if name in head]
    if goals:
        words = {"goal_expected": "预期目标", "goal_actual": "实际完成情况", "goal_completion": "总体完成率(%)"}
        goals += ["goal_completion"] if "goal_completion" in head else []
        yield ["年度总体目标", *_spread([words[name] for name in goals])]
        yield ["^", *_spread([_text(form, name) for name in goals])]
    yield from _lines(form, HEBEI if hebei else HEADS)
    if "total" in head:
        yield _total(form, HEBEI if hebei else HEADS)
    for name, word in BELOW.items():
        if name in head:
            yield _wide(word, _text(form, name))
    if "footnotes" in head:
        yield _wide(_text(form, "footnotes"))


def _spread(texts: Sequence[str]) -> Row:
    """Texts over the columns right of the first, each merged over its share."""
    share = (WIDTH - 1) // len(texts)
    row = [cell for text in texts for cell in (text, *["<"] * (share - 1))]
    return row + ["<"] * (WIDTH - 1 - len(row))


def _funds(form: Form) -> Iterator[Row]:
    present = [name for name in FUNDS if name == "source" or any(name in line.cells for line in form.funds)]
    if not form.funds:
        return
    unit = f"（{form.money_unit}）" if form.money_unit and "money_unit" not in form.head else ""
    yield _padded([f"项目资金{unit}", "", *(FUNDS[name] for name in present[1:])])
    for line in form.funds:
        yield _padded(["^", *(_shown(line, name) for name in present)])


def _lines(form: Form, words: Mapping[str, str]) -> Iterator[Row]:
    present = [name for name in words if any(name in line.cells for line in form.lines)]
    yield _padded(["绩效指标", *(words[name] for name in present)])
    for line in form.lines:
        yield _padded(["^", *(_shown(line, name) for name in present)])


def _total(form: Form, words: Mapping[str, str]) -> Row:
    """The row 总分, its figures below the columns of points and scores."""
    present = [name for name in words if any(name in line.cells for line in form.lines)]
    row = ["总分", *[""] * (WIDTH - 1)]
    for field, name in (("points", "total_points"), ("score", "total")):
        if field in present:
            row[present.index(field) + 1] = _text(form, name)
    return row


def _shown(line: Line, name: str) -> str:
    cell = line.cells.get(name)
    if cell is None:
        return ""
    return "^" if cell.row != line.row else cell.text.replace("\n", "⏎")


def _padded(row: Row) -> Row:
    return [*row, *[""] * (WIDTH - len(row))]


LISTED = {
    "project_code": "项目编码", "project_name": "项目名称", "unit": "预算单位", "grade": "等级", "total": "得分",
}  # fmt: skip
_LIST = "F11"


def _list(forms: Sequence[Form]) -> drawing.Sheet:
    """The forms as rows of a list of the platform."""
    rows = [[*LISTED.values(), *(FUNDS[name] for name in ("initial", "adjusted", "executed", "rate"))]]
    for form in forms:
        money = [form.funds[0].text(name) for name in ("initial", "adjusted", "executed", "rate")]
        rows.append([*(_text(form, name) for name in LISTED), *money])
    unit = [f"单位：{forms[0].money_unit}", *["<"] * (len(rows[0]) - 1)]
    return drawing.parse("\n".join(" │ ".join(row) for row in [unit, *rows]))


def books_of(case: Case, folder: Path, name: str, *, own: bool = True) -> list[Path]:
    """The forms of a case as workbooks, one a file that the case names.

    With `own` a project that the case does not name is called after `name`, so that many cases go into one folder.
    """
    files: dict[str, dict[str, drawing.Sheet]] = {}
    listed: list[Form] = []
    tables = case.table.get("forms", [case.table])
    for form, table in zip(cases.forms_of(case, f"{name}.xlsx"), tables, strict=True):
        if own and "project_name" not in table and "project_name" not in case.table and "project_name" in form.head:
            called = form.head["project_name"]
            form.head["project_name"] = called._replace(text=f"{called.text}{name}")
        if form.layout == _LIST:
            listed.append(form)
        else:
            files.setdefault(form.file, {})[form.sheet] = sheet_of(form)
    if listed:
        files["项目列表.xlsx"] = {"列表": _list(listed)}
    return [drawing.write(folder / (f if f.startswith(name) else f"{name}{f}"), s) for f, s in files.items()]


# --- what lies beside the forms ---

LIKELY = {"sure": "确定能", "maybe": "有可能", "never": "完全不可能"}
_TARGET_HEADS = ("一级指标", "二级指标", "三级指标", "指标值", "分值", "上年完成值")
_ADJUSTED_HEADS = (
    "项目名称", "预算单位", "二级指标", "三级指标", "指标值", "调整后指标值", "调整说明", "调整日期",
)  # fmt: skip
_MONITORED_HEADS = (
    "一级指标", "二级指标", "三级指标", "年度指标值", "1—{}月执行情况", "全年预计完成情况", "完成目标可能性",
    "原因说明", "是否需要整改", "整改结果",
)  # fmt: skip


def folder_of(case: Case, folder: Path) -> list[str]:
    """All that a case speaks of as files in `folder`; the words that `perfbatch run` is called with there."""
    inputs, words, table = folder / "input", [], case.table
    inputs.mkdir()
    if "planned" not in table:
        books_of(case, inputs, "案例", own=False)
    for number, plan in enumerate([*table.get("approved", ()), *table.get("planned", ())], 1):
        _target(plan, number, inputs)
    for number, sheet in enumerate(table.get("monitored", ()), 1):
        drawing.write(inputs / f"监控{number}.xlsx", {"监控": _drawn(_monitored(sheet))})
    for number, form in enumerate(table.get("departments", ()), 1):
        drawing.write(inputs / f"整体{number}.xlsx", {"整体": _drawn(_department(form))})
    for paper in table.get("papers", ()):
        _paper(paper, case, inputs)
    extras = table.get("extras", {})
    if "report" in extras:
        words += ["--report", str(_report(extras["report"], folder / "自评报告.docx"))]
    if "published" in extras or "task" in extras:
        words += ["--published", str(_published(extras, folder / "公开.xlsx"))]
    if "batch_year" in table:
        words += ["--year", str(table["batch_year"])]
    settings = {key: table[key] for key in ("parameters", "ruleset") if key in table}
    settings |= {"evidence_of": "all"} if "papers" in table else {}
    text = "".join(f"{key} = {_toml(value)}\n" for key, value in settings.items())
    (folder / "perfbatch.toml").write_text(text, encoding="utf-8")
    return words


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


def _drawn(rows: Sequence[Sequence[str]]) -> drawing.Sheet:
    width = max(map(len, rows))
    return drawing.parse("\n".join(" │ ".join([*row, *[""] * (width - len(row))]) for row in rows))


def _wide_of(width: int, *texts: str) -> Row:
    return [*texts, *["<"] * (width - len(texts))]


def _parts(text: str, count: int) -> Row:
    parts = [part.strip() for part in text.split("│")]
    return [*parts, *[""] * (count - len(parts))]


def _target(plan: Mapping[str, Any], number: int, inputs: Path) -> None:
    """A target sheet, and a list of adjustments where the plan has any."""
    name, unit = plan.get("name", cases.CLEAN["project_name"]), plan.get("unit", cases.CLEAN["unit"])
    rows = [_parts(text, 8) for text in plan.get("rows", cases.APPROVED)]
    title = f"{plan.get('year', 2023)}年度项目支出绩效目标表"
    wide = len(_TARGET_HEADS)
    drawn = [_wide_of(wide, title), _wide_of(wide, "项目名称", name), _wide_of(wide, "实施单位", unit)]
    if plan.get("code"):
        drawn.append(_wide_of(wide, "项目编码", plan["code"]))
    if plan.get("budget", 36):
        drawn.append(_wide_of(wide, "年度资金总额（万元）", str(plan.get("budget", 36))))
    drawn.append(_wide_of(wide, "年度目标", plan.get("goal", cases.CLEAN["goal_expected"]) or ""))
    drawn.append([*_TARGET_HEADS])
    drawn += [["产出指标", level2, own, target, points, before] for level2, own, target, points, *_, before in rows]
    if not plan.get("adjustment"):
        drawing.write(inputs / plan.get("file", f"目标{number}.xlsx"), {f"目标{number}": _drawn(drawn)})
    changed = [[name, unit, r[0], r[1], r[2], r[4], r[5], r[6]] for r in rows if r[4]]
    if changed:
        heads = [_wide_of(len(_ADJUSTED_HEADS), "绩效目标调整表"), [*_ADJUSTED_HEADS]]
        drawing.write(inputs / f"调整{number}.xlsx", {"调整": _drawn([*heads, *changed])})


def _monitored(sheet: Mapping[str, Any]) -> list[Row]:
    heads = [head.format(sheet.get("months", 7)) for head in _MONITORED_HEADS]
    wide = len(heads)
    name = sheet.get("name", cases.CLEAN["project_name"])
    drawn = [
        _wide_of(wide, "2023年度绩效运行监控表"), _wide_of(wide, "项目名称", name),
        _wide_of(wide, "实施单位", cases.CLEAN["unit"]),
    ]  # fmt: skip
    if "executed" in sheet or "forecast" in sheet:
        money = ["项目资金（万元）", "", "年初预算数", f"1—{sheet.get('months', 7)}月执行数", "全年预计执行数"]
        drawn += [money, ["^", "年度资金总额", "36", str(sheet.get("executed", "")), str(sheet.get("forecast", ""))]]
    drawn.append(heads)
    for text in sheet.get("rows", ()):
        level2, own, target, actual, forecast, likely, reason, mend, mended = _parts(text, 9)
        drawn.append(
            ["产出指标", level2, own, target, actual, forecast, LIKELY.get(likely, likely), reason, mend, mended]
        )
    return drawn


def _department(form: Mapping[str, Any]) -> list[Row]:
    """An overall form; its figures as those of the case files."""
    figures = {
        "initial": "120", "adjusted": "100", "executed": "91.4", "rate": "91.4%", "execution_points": "10",
        "execution_score": "9.14", "total": "99.14", "total_points": "100", "basic": "57.92", "projects": "33.48",
    } | {name: str(value) for name, value in form.items()}  # fmt: skip
    figures |= dict.fromkeys(form.get("unknown", ()), "")
    if "rate" in form:
        figures["rate"] = f"{form['rate'] * 100:f}%"
    money = ["initial", "adjusted", "executed", "execution_points", "rate", "execution_score"]
    rows = [_parts(text, 5) for text in form.get("rows", ("重点工作完成率 │ =100% │ 100% │ 90 │ 90",))]
    return [
        _wide_of(8, "2023年度部门整体支出绩效自评表"), _wide_of(8, "部门名称", form.get("name", cases.CLEAN["unit"])),
        ["预算执行情况（万元）", "", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
        ["^", "年度资金总额", *(figures[name] for name in money)],
        ["^", "其中：基本支出", "", "", figures["basic"], "", "", ""],
        ["^", "项目支出", "", "", figures["projects"], "", "", ""],
        ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"],
        *(["产出", "预算管理", *row] for row in rows),
        ["总分", "", "", "", "", figures["total_points"], figures["total"]],
    ]  # fmt: skip


def _paper(paper: Mapping[str, Any], case: Case, inputs: Path) -> None:
    """A document of typed lines, as `support.papers.typed` makes it."""
    first = case.table.get("forms", [{}])[0].get("project_name", cases.CLEAN["project_name"])
    home = inputs / "佐证资料" / paper.get("project", case.table.get("project_name", first))
    home.mkdir(parents=True, exist_ok=True)
    (home / paper["file"]).write_bytes(paper["text"].strip().replace(" │ ", "\t").encode())


def _report(text: str, path: Path) -> Path:
    """The report with a heading by which it is known as one."""
    document = docx.Document()
    for line in (
        "农业农村领域预算项目支出绩效自评报告，按照要求对年度预算项目开展绩效自评，有关情况报告如下，请审阅。" * 2,
        *text.split("\n"),
    ):
        document.add_paragraph(line)
    document.save(str(path))
    return path


def _published(extras: Mapping[str, Any], path: Path) -> Path:
    heads = ["项目名称", "实施单位", "全年执行数（万元）", "自评得分", "提交时间", "截止时间"]
    drawn = [_wide_of(len(heads), "2023年度绩效自评结果公开表"), heads]
    for name, said in extras.get("published", {}).items():
        drawn.append([name, cases.CLEAN["unit"], str(said.get("executed", "")), str(said.get("score", "")), "", ""])
    task = extras.get("task", {"submitted": {}})
    for name, day in task["submitted"].items():
        drawn.append([name, cases.CLEAN["unit"], "33.48", "97.3", day, task["end"]])
    drawing.write(path, {"表": _drawn(drawn)})
    return path
