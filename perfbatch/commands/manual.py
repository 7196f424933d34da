"""Pages about the checks and the rulesets, generated from the register and the TOML files."""

from perfbatch import rulesets
from perfbatch.checks.coverage import needed
from perfbatch.checks.metadata import family_title
from perfbatch.checks.register import Check, by_code, nearest_codes, register
from perfbatch.errors import UsageError
from perfbatch.rulesets import STATUSES, in_words, parameters


def check_list() -> str:
    """All checks, one a line, by family."""
    lines: list[str] = []
    family = ""
    for entry in register().values():
        if entry.family != family:
            family = entry.family
            lines.append(f"\n{family} {family_title(family)}")
        lines.append(f"  {entry.code}  {entry.severity.word}  {entry.title}")
    lines.append("\n查看某项检查的完整说明：perfbatch rules 编号，例如 perfbatch rules SC01")
    return "\n".join(lines).lstrip("\n")


def check_page(code: str) -> str:
    """One check in full: what, why, basis, parameters, example, how to mend. Raises UsageError if unknown."""
    entry = by_code(code)
    if entry is None:
        near = nearest_codes(code)
        hint = f"，最接近的是 {'、'.join(near)}" if near else ""
        raise UsageError(f"没有编号为“{code}”的检查{hint}；运行 perfbatch rules 查看全部编号。")
    described = [f"    {line}" for line in parameter_lines(entry)] or ["    无"]
    lines = [
        f"{entry.code} {entry.title}",
        f"级别：{entry.severity.word}    类别：{family_title(entry.family)}"
        + ("    范围：整批项目之间" if entry.scope == "batch" else ""),
        f"为什么：{entry.why}",
        f"依据：{entry.basis}",
        f"会标出：{entry.failing}",
        f"不标出：{entry.passing}",
        f"怎样改：{entry.hint}",
        *([f"下年：{entry.next_year}"] if entry.next_year else []),
        *([f"何时算处理完：{words}"] if (words := ended(entry)) else []),
        *([f"需要：{words}（没有读到时为“未检查”，表上没有时为“不适用”）"] if (words := needed(entry)) else []),
        *([f"让位：同一行已报{'、'.join(entry.yields_to)}时，本项不再重复报"] if entry.yields_to else []),
        *([f"随同：同一项目已报{'、'.join(entry.follows)}时，在问题清单中列在其下，一并更正"] if entry.follows else []),
        "参数：",
        *described,
        f'关闭或调整级别：在 perfbatch.toml 中写 off = ["{entry.code}"]，或 severity = {{ {entry.code} = "info" }}',
    ]
    return "\n".join(lines)


def ended(entry: Check) -> str:
    """What ends a finding besides mending it and an answer of the clerk; empty for nothing."""
    if entry.deferred:
        return "不是错误的，列入下年改进，本年不计入待处理"
    return "偏差原因栏（或表末原因栏）已写明原因的，算已说明，不计入待处理" if entry.explained else ""


def parameter_lines(entry: Check) -> list[str]:
    """The ruleset parameters of a check, each with its default and its meaning."""
    default = rulesets.default()
    return [f"{_stated(key, default[key])}：{parameters()[key].meaning}" for key in entry.parameters]


def _stated(key: str, value: object) -> str:
    """A parameter with its value and unit."""
    unit = parameters()[key].unit
    return f"{key} = {in_words(value)}" + (f" {unit}" if unit and value is not None else "")


def ruleset_list() -> str:
    """All shipped rulesets with their titles."""
    lines = [f"{name}  {rulesets.load(name).title}" for name in rulesets.names()]
    return "\n".join([*lines, "", "查看全部取值和依据：perfbatch rulesets 名称"])


def ruleset_page(name: str) -> str:
    """All values of one ruleset with their sources."""
    ruleset = rulesets.load(name)
    lines = [f"{ruleset.name} {ruleset.title}"]
    if ruleset.extends:
        lines.append(f"未列出的取值沿用：{ruleset.extends}")
    for key, value in ruleset.values.items():
        source = "，".join(part for part in (value.citation, value.clause) if part)
        lines.append(_stated(key, value.value))
        lines.append(f"    含义：{parameters()[key].meaning}")
        lines.append(f"    {source}；{STATUSES[value.status]}；出自 {value.origin}；{value.since or '生效日期未知'}起")
        if value.note:
            lines.append(f"    注：{value.note}")
    return "\n".join(lines)
