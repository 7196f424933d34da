"""One workbook from file to findings: a pure, picklable function that raises nothing for bad data."""

import hashlib
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from perfbatch import rulesets, scoring
from perfbatch.checks import register
from perfbatch.checks.coverage import Coverage
from perfbatch.config import CONFIG_NAME, Settings, password_of
from perfbatch.errors import RefusedFile, UsageError
from perfbatch.forms import frames as framing
from perfbatch.forms import kinds, money_unit, own_outputs, recognise, vocabulary
from perfbatch.intake import aside, read_book, second
from perfbatch.model import BESIDE, Book, Frames, ReadingNote, SheetReading, Size, WorkbookResult
from perfbatch.rulesets import Ruleset
from perfbatch.schema import rows

NO_FORM = "no_form"
BLANK = "blank"
PARTIAL = "partial"
OTHER_KIND = "other_kind"  # nothing but sheets of kinds that are no self-evaluation, each named
PROSE = "prose"  # a Word document without any table: a notice or a report that lies beside the forms
NO_INDICATORS = "no_indicators"


def check_settings(settings: Settings) -> None:
    """Raise UsageError for settings no file could be processed with (ruleset, synonyms, layouts, thresholds, codes)."""
    password_of(settings)
    if unknown := sorted({*settings.off, *settings.severity} - register.register().keys()):
        near = register.nearest_codes(unknown[0])
        hint = f"是否应为“{near[0]}”？" if near else "运行 perfbatch rules 查看全部编号。"
        raise UsageError(f"配置文件 {CONFIG_NAME} 的 off 或 severity 中，没有编号为“{unknown[0]}”的检查，{hint}")
    vocabulary.load(settings.synonyms, settings.layout)
    overlaid(rulesets.load(settings.ruleset) if settings.ruleset else rulesets.default(), settings)


def process_workbook(path: Path, name: str, settings: Settings) -> WorkbookResult:
    """Read, score and check one file.

    A file that cannot be read is ``refused`` with its reason; an exception of ours is ``failed`` with a short
    reason (the traceback goes to the log, never to the clerk).
    """
    result = WorkbookResult(name, "", "ok")
    try:
        book = read_book(path, name=name, password=password_of(settings))
        _fill(result, path, book, settings)
    except RefusedFile as refusal:
        result.status = "skipped" if refusal.code == PROSE else "refused"
        result.reason, result.reason_code = str(refusal), refusal.code
    except (UsageError, MemoryError):  # the configuration is wrong; the file is tried once more alone
        raise
    except Exception as error:
        result.status, result.reason_code = "failed", "internal"
        result.reason = (
            f"处理“{name}”时程序内部出错（{type(error).__name__}），其他文件不受影响；"
            "请把该文件和 run.json 交给维护人员。"
        )
        result.traceback = traceback.format_exc()
    return result


def _fill(result: WorkbookResult, path: Path, book: Book, settings: Settings) -> None:
    result.sha256, result.container, result.notes = book.sha256, book.container, list(book.notes)
    if settings.verify:
        result.notes = book.notes = [*book.notes, *_second_opinion(book, path)]
    own_outputs.without_index(book)
    own_outputs.refuse(book)
    words = vocabulary.load(settings.synonyms, settings.layout)
    recognition = recognise.recognise(book, words)
    result.sheets = recognition.sheets
    result.notes = book.notes = aside(book.notes, recognition.sheets)
    if recognition.beside:
        money_unit.settle(recognition.beside, settings.money_unit)
        result.cycle = framing.cycle_frame(recognition.beside, words, settings.year)
    if not recognition.forms:
        if reason := _only_other_kinds(book, recognition):
            result.status, result.reason_code, result.reason = "skipped", OTHER_KIND, reason
            if recognition.beside:
                result.reason_code = BESIDE
            return
        if any(sheet.remark in recognise.UNFILLED for sheet in recognition.sheets):
            told = dict.fromkeys(f"“{sheet.sheet}”是{sheet.remark}" for sheet in recognition.sheets if sheet.remark)
            raise RefusedFile(BLANK, f"“{book.file}”的工作表{'；'.join(told)}；请填写或重新导出后再放入。")
        raise RefusedFile(NO_FORM, _no_form(book, recognition.sheets))
    result.money = money_unit.settle(recognition.forms, settings.money_unit)
    frames = framing.of(recognition.forms, words, settings.year)
    chosen = assign_rulesets(frames, settings)
    result.frames = scoring.score(frames, chosen)
    result.size = size_of(result.frames)
    context = register.Context(
        result.frames,
        chosen,
        notes=tuple(book.notes),
        batch_year=settings.year,
        file=book.file,
        sheets=tuple(recognition.sheets),
    )
    covered = Coverage(context, register.register())
    result.covered = covered.told()
    result.findings, result.checks = register.run(
        context, off=settings.off, severities=settings.severity, changed=settings.parameters, covered=covered
    )
    result.remarks = scoring.remarks(result.frames, result.findings, chosen)
    if half_read := _half_read(recognition.sheets):
        result.status, result.reason_code = "partial", PARTIAL
        ask = "请运行 perfbatch inspect 查看全部，必要时在 perfbatch.toml 中补充用词"
        result.reason = f"“{book.file}”{half_read}，没有核对；{ask}。"
    if result.frames.indicators.empty and any(form.kind != kinds.PROJECT_LIST for form in recognition.forms):
        result.status, result.reason_code = "refused", NO_INDICATORS
        result.reason = (
            f"“{book.file}”中的自评表没有任何指标行，只核对了资金部分；"
            "请补齐绩效指标（一级、二级、三级指标及指标值）后重新运行。"
        )


def size_of(frames: Frames) -> Size:
    """Layouts, numbers of rows, units and rulesets."""
    roles, projects = frames.indicators["role"].tolist(), frames.projects
    layouts, traits, rulesets = (tuple(dict.fromkeys(projects[name])) for name in ("layout", "traits", "ruleset"))
    units = tuple(Counter(projects["unit"]).items())
    return Size(layouts, len(projects), roles.count("indicator"), len(roles), units, rulesets, traits)


def _second_opinion(book: Book, path: Path) -> tuple[ReadingNote, ...]:
    """Cells that openpyxl reads otherwise; nothing where it cannot read the file or the file has changed since."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != book.sha256:
        return ()
    compared = second.compare(book, data)
    return compared.notes if compared else ()


def _half_read(sheets: Sequence[SheetReading]) -> str:
    """How much of the recognised forms and lists was not understood, with the first place; empty where all was read."""
    left = [(sheet.sheet, entry) for sheet in sheets for entry in sheet.unread]
    if not left:
        return ""
    sheet, entry = left[0]
    header = f"表头“{entry.header}”下的" if entry.header else ""
    count = sum(entry.cells for _, entry in left)
    return f"有{count}格内容没有识别（如工作表“{sheet}”{header}{entry.cell}）"


def _only_other_kinds(book: Book, recognition: recognise.Recognition) -> str:
    """What a file is that holds nothing but sheets of other kinds, and what to do with it; empty for any other file."""
    forms = ("", kinds.OTHER, kinds.SELF, *kinds.LISTS)
    sheets, words = recognition.sheets, recognition.vocabulary
    named = [sheet for sheet in sheets if sheet.kind not in forms]
    unknown = [sheet for sheet in sheets if sheet.kind in ("", kinds.OTHER) and sheet.told]
    if not named or unknown:
        return ""
    read = Counter(form.kind for form in recognition.beside)
    said = dict.fromkeys(
        kinds.told(kinds.kind(words, sheet.kind), read[sheet.kind]) if read[sheet.kind] else sheet.remark
        for sheet in named
    )
    left = _half_read(sheets)
    told = "；".join([*said, *([left] if left else [])])
    return f"“{book.file}”{told.removeprefix('这')}。" if len(said) == 1 else f"“{book.file}”的工作表：{told}。"


def _no_form(book: Book, sheets: Sequence[SheetReading]) -> str:
    if said := [f"“{sheet.sheet}”{sheet.remark}" for sheet in sheets if sheet.kind in (kinds.SELF, *kinds.LISTS)]:
        return f"“{book.file}”的工作表{'；'.join(said)}。"  # a form or a list, and why it was not read
    named = "、".join(f"“{grid.sheet}”" for grid in book.grids[:5]) + ("等" if len(book.grids) > 5 else "")
    return (
        f"“{book.file}”的工作表{named}中没有识别到绩效自评表或一体化导出列表（未找到“项目名称、三级指标、年度指标值、"
        "实际完成值”等表头），请确认导出的是自评表，或运行 perfbatch inspect 查看识别情况。"
    )


def assign_rulesets(frames: Frames, settings: Settings) -> dict[str, Ruleset]:
    """Choose a ruleset for every form (columns `ruleset`, `ruleset_reason`) and return those in force."""
    said = rows(frames.projects, "family", "year", "department", "unit", "title", "file")
    chosen = [_choose(name, settings.year or year, " ".join(texts), settings.ruleset) for name, year, *texts in said]
    frames.projects["ruleset"] = [ruleset.name for ruleset, _ in chosen]
    frames.projects["ruleset_reason"] = [reason for _, reason in chosen]
    return {ruleset.name: overlaid(ruleset, settings) for ruleset, _ in chosen}


_choose = cache(rulesets.choose)


def in_force(names: Iterable[str], settings: Settings) -> dict[str, Ruleset]:
    """The rulesets named on forms, with the user's own thresholds on top."""
    return {name: overlaid(rulesets.load(settings.ruleset or name), settings) for name in sorted(set(names))}


def overlaid(ruleset: Ruleset, settings: Settings) -> Ruleset:
    """A ruleset with the values of `perfbatch.toml` in force."""
    return ruleset.with_values(settings.parameters, CONFIG_NAME) if settings.parameters else ruleset
