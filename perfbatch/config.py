"""Settings of a run: the command line over `perfbatch.toml` over the defaults.

Settings are plain data and travel to worker processes; everything that changes a result is in them, so that
their hash can key stored results (`perfbatch.store.fingerprint`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from perfbatch.errors import UsageError
from perfbatch.messages import expect, expect_key, read_toml
from perfbatch.model import Severity

CONFIG_NAME = "perfbatch.toml"
SEVERITIES = tuple(severity.value for severity in Severity)
EVIDENCE_OF = ("sample", "all")
REPORTS = ("township", "hubei", "public")  # forms of the Word report
REPORT_TEXTS = (
    "organisation", "supervision", "work", "problems", "effect", "goals", "verified", "execution", "targets",
    "measures", "results",
)  # fmt: skip
MONEY_UNITS = ("元", "百元", "千元", "万元", "亿元")
_PATHS = ("evidence", "targets", "report_file", "report_template", "published", "roster", "password_file")
YEARS = range(2000, 2100)  # what can be a year of self-evaluation at all; which one a ruleset covers is its own matter


class Key(NamedTuple):
    """One key of `perfbatch.toml`: type, meaning and an example as it is typed there (Chinese)."""

    kind: type
    meaning: str
    example: str


KEYS: Mapping[str, Key] = {
    "ruleset": Key(str, "评分规则的名称或自己的规则文件；默认按表样和年度选择", 'ruleset = "platform-default"'),
    "year": Key(int, "自评年度；默认从表中读取", "year = 2024"),
    "unit_name": Key(str, "报告中的单位名称；默认从表中读取", 'unit_name = "某某镇人民政府"'),
    "units": Key(
        dict,
        "应报送的单位，每个单位后面写它的其他写法，没有的写 []",
        'units = { "林泉县教育局" = ["县教育局", "教育局"] }',
    ),
    "roster": Key(
        str,
        "应报送单位的名单（.txt 每行一个单位，或表格中的单位名称一列）；没有时按 units 中的单位，用于列出未报送单位",
        'roster = "单位名单.xlsx"',
    ),
    "counts": Key(
        dict,
        "一个项目有几份表时，按哪个文件的统计（项目名称或编码 = 文件名）；默认按后报送的",
        'counts = { "道路养护" = "二次报送.xlsx" }',
    ),
    "money_unit": Key(
        str, "表上没有写金额单位时按此读取（一体化系统导出的列表通常没有写）；不写则不猜", 'money_unit = "万元"'
    ),
    "sample": Key(str, "抽查个数或比例；默认按评分规则", 'sample = "15%"'),
    "seed": Key(int, "抽查的随机种子，相同种子抽到相同项目", "seed = 0"),
    "selected": Key(list, "人工选定的抽查项目", 'selected = ["项目名称甲", "项目名称乙"]'),
    "evidence": Key(str, "佐证资料文件夹；默认是输入文件夹中名为“佐证资料”的文件夹", 'evidence = "佐证资料"'),
    "evidence_of": Key(
        str, "核对哪些项目的佐证资料：sample（抽查的项目，默认）、all（全部项目）", 'evidence_of = "all"'
    ),
    "report": Key(str, "报告格式：township（乡镇、部门）、hubei（湖北）、public（公开）", 'report = "township"'),
    "notice": Key(str, "报告中引用的通知", 'notice = "某财政局《关于开展……绩效自评的通知》"'),
    "report_template": Key(
        str, "报告用的 Word 模板；默认用程序自带的。在生成的报告中改好样式，另存即可", 'report_template = "模板.docx"'
    ),
    "report_date": Key(str, "报告落款日期", 'report_date = "2025-03-18"'),
    "report_text": Key(
        dict,
        "报告中只有人知道的内容，写了就不再留待填写：organisation 组织领导、supervision 监控和审计、work 部门总体工作、"
        "problems 存在问题、effect 实施效果、goals 目标设定总体判断、verified 疑问核实结果、execution 预算执行整改、"
        "targets 目标设定整改、measures 规范自评工作、results 结果应用；projects 为各抽查项目的立项依据和实施情况",
        'report_text.organisation = "成立绩效自评工作组，由财政所牵头"',
    ),
    "deadline": Key(str, "自评的截止日期；默认取列表上的截止时间", 'deadline = "2025-03-31"'),
    "report_file": Key(
        str, "要与自评表核对的自评报告（.docx）；默认是输出文件夹里填写过的那份", 'report_file = "自评报告.docx"'
    ),
    "published": Key(
        str, "已公开的决算或结果清单（项目名称、得分、执行数），与自评表核对", 'published = "公开清单.xlsx"'
    ),
    "targets": Key(str, "年初批复的绩效目标表：文件或文件夹（也可以直接放在输入文件夹）", 'targets = "年初目标"'),
    "verify": Key(bool, "用第二个读取器逐格核对（较慢）", "verify = true"),
    "password_file": Key(str, "表格的打开密码所在的文本文件", 'password_file = "密码.txt"'),
    "off": Key(list, "关闭的检查，编号见 perfbatch rules", 'off = ["TX09"]'),
    "severity": Key(dict, "调整检查的级别：error 错误、warning 疑问、info 提示", 'severity = { IN13 = "warning" }'),
    "parameters": Key(dict, "调整评分和检查参数，见 perfbatch rulesets 名称", "parameters = { tol_score = 0.05 }"),
    "synonyms": Key(dict, "本地表头用词", 'synonyms.indicator.target = ["计划值"]'),
    "accept": Key(
        list,
        "核实后属实或不适用、不再列为待处理的问题：编号、项目（名称或编码）、指标、理由；不写项目、指标的对全部有效",
        '[[accept]]\ncode = "IN25"\nproject = "道路养护"\nindicator = "修补点位"\nreason = "修补越多越好，符号无误"',
    ),
    "layout": Key(list, "本地表样，写明用来识别的表头", '[[layout]]\nid = "柳溪"\nany = ["考核内容"]'),
}


@dataclass(frozen=True)
class Settings:
    """What a run depends on besides its input files.

    `money_unit` is the unit to assume where a form prints none (empty: leave such amounts unread and say so).
    `units` maps the name of a unit to other names of it, `counts` a project (name or code) to the file that
    counts.
    `accept` holds findings that need no more attention: ``code``, ``reason``, and ``project``, ``indicator`` where
    it is about one of them only.
    `off` lists checks that are switched off, `severity` maps codes to another severity, `parameters` overlays
    ruleset values. `synonyms` maps block → field → extra header words. `sample` is ``N`` or ``P%``.
    """

    ruleset: str | None = None
    year: int | None = None
    unit_name: str = ""
    money_unit: str = ""
    units: Mapping[str, Sequence[str]] = field(default_factory=dict)
    roster: str | None = None  # a list of the units that are to hand in
    counts: Mapping[str, str] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    accept: tuple[Mapping[str, str], ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    synonyms: Mapping[str, Any] = field(default_factory=dict)
    layout: tuple[Mapping[str, Any], ...] = ()
    sample: str | None = None
    seed: int = 0
    selected: tuple[str, ...] = ()
    report: str = "township"
    notice: str = ""
    report_template: str | None = None  # a Word document whose styles the report takes
    report_date: str = ""
    report_text: Mapping[str, Any] = field(default_factory=dict)
    previous: str | None = None
    deadline: str = ""
    report_file: str | None = None
    published: str | None = None
    targets: str | None = None
    evidence: str | None = None  # a folder of supporting documents besides those below the input
    evidence_of: str = "sample"  # whose documents are read: of the projects drawn, or of all
    password_file: str | None = None  # path only: the password itself is in no setting, log or stored result
    verify: bool = False  # read every .xlsx a second time with openpyxl and compare


def password_of(settings: Settings) -> str | None:
    """The password in the first line of the password file, None without one. Raises UsageError if unreadable."""
    if not settings.password_file:
        return None
    try:
        lines = Path(settings.password_file).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    if not lines or not lines[0]:
        raise UsageError(f"读不到密码文件“{settings.password_file}”，请检查路径，密码写在文件的第一行（UTF-8）。")
    return lines[0]


def load(path: Path | None, **overrides: Any) -> Settings:
    """Settings from a `perfbatch.toml` (when `path` exists) with non-None overrides on top.

    Files and folders named there are sought beside it, those of overrides as they are given.
    Raises UsageError naming the file and the key, or the option, for anything unknown or impossible.
    """
    values = _read(path) if path is not None and path.exists() else {}
    given = {key: value for key, value in overrides.items() if value is not None}
    for key, value in given.items():
        if wrong := _wrong(key, value):
            raise UsageError(f"--{key} 的{wrong}。")
    values |= given
    values["off"] = frozenset(values.get("off", ()))
    for key in ("layout", "selected", "accept"):
        values[key] = tuple(values.get(key, ()))
    return Settings(**values)


def _read(path: Path) -> dict[str, Any]:
    values = read_toml(path, f"配置文件 {path.name}")
    where = f"配置文件 {path.name} 中"
    for key, value in values.items():
        expect_key(key, KEYS, f"{where}的键")
        expect(value, KEYS[key].kind, f"{where}“{key}”", KEYS[key].example)
        if wrong := _wrong(key, value):
            raise UsageError(f"{where} {key} 的{wrong}。")
        if key in _PATHS or (key == "ruleset" and value.endswith(".toml")):
            values[key] = str(path.parent / value)
    return values


def _wrong(key: str, value: Any) -> str:
    """What is wrong with a value of the right type; empty if nothing is."""
    allowed = {"report": REPORTS, "money_unit": MONEY_UNITS, "evidence_of": EVIDENCE_OF}.get(key)
    if allowed and value not in allowed:
        return f"“{value}”无效，只能是 {'、'.join(allowed)}"
    if key == "severity" and (bad := [v for v in value.values() if v not in SEVERITIES]):
        return f"“{bad[0]}”无效，只能是 {'、'.join(SEVERITIES)}"
    if key == "units" and any(not isinstance(some, list) for some in value.values()):
        return "写法无效，每个单位后面写一个方括号中的列表"
    if key == "report_text":
        return _wrong_text(value)
    if key == "counts" and any(not isinstance(file, str) for file in value.values()):
        return "写法无效，每个项目后面写一个带英文双引号的文件名"
    if key == "deadline" and not _is_day(value):
        return f"“{value}”无效，请写成 2025-03-31 的样子"
    if key in ("off", "selected") and (bad := [v for v in value if not isinstance(v, str)]):
        return f"“{bad[0]}”无效，每一项都要写成带英文双引号的文字"
    if key == "accept":
        return next(filter(None, map(_wrong_accept, value)), "")
    if key == "year" and value not in YEARS:
        return f"“{value}”无效，请写四位年份，例如 2024"
    if key == "seed" and value < 0:
        return f"“{value}”无效，应为不小于0的整数"
    return ""


_ACCEPT = ("code", "project", "indicator", "reason")


def _wrong_accept(table: Any) -> str:
    """What is wrong with one ``[[accept]]``; empty if nothing is."""
    if not isinstance(table, dict):
        return "写法无效，每一段以 [[accept]] 开头，下面写 code、project、indicator、reason"
    for name, value in table.items():
        if name not in _ACCEPT:
            return f"键“{name}”无法识别，只能写 {'、'.join(_ACCEPT)}"
        if not isinstance(value, str):
            return f"“{name}”应为带英文双引号的文字"
    missing = [name for name in ("code", "reason") if not table.get(name, "").strip()]
    return f"“{missing[0]}”没有填写，每一段都要写明 code（检查编号）和 reason（理由）" if missing else ""


def _wrong_text(value: Mapping[str, Any]) -> str:
    if unknown := [name for name in value if name not in (*REPORT_TEXTS, "projects")]:
        return f"“{unknown[0]}”无法识别，可用的有：{'、'.join((*REPORT_TEXTS, 'projects'))}"
    projects = value.get("projects", {})
    texts = [text for name, text in value.items() if name != "projects"]
    if not isinstance(projects, dict) or not all(isinstance(text, str) for text in (*texts, *projects.values())):
        return "写法无效，每一项写带英文双引号的文字，projects 下每个项目一行"
    return ""


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
