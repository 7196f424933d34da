"""The manuals `RULES.md`, `RULESETS.md`, `CLI.md`, `OUTPUTS.md`: ``python -m tools.handbook``.

They are committed in `docs/`; a test fails when they are not what this module writes.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from perfbatch import rulesets, schema
from perfbatch.checks.coverage import needed
from perfbatch.checks.metadata import family_title
from perfbatch.checks.register import Check, register
from perfbatch.cli import parser
from perfbatch.commands import manual
from perfbatch.commands.inspection import field_name
from perfbatch.config import CONFIG_NAME, keys
from perfbatch.followup.summaries import SUMMARY
from perfbatch.outputs import workpaper
from perfbatch.rulesets import Parameter, Ruleset, Value, in_words, parameters

_GENERATED = "<!-- 由 python -m tools.handbook 生成，请勿手改。 -->"
_COMMON = "conventions"
DOCS = Path(__file__).parents[1] / "docs"


def pages() -> Mapping[str, str]:
    """File name → Markdown text of every manual."""
    return {
        "RULES.md": _text(_rules()),
        "RULESETS.md": _text(_rulesets()),
        "CLI.md": _text(_commands()),
        "OUTPUTS.md": _text(_outputs()),
    }


def write(folder: Path) -> list[Path]:
    """Write the manuals into `folder` and return their paths."""
    written = []
    for name, text in pages().items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _rules() -> Iterator[str]:
    entries = list(register().values())
    yield from ("# 检查手册", "", _GENERATED, "")
    yield (
        f"共 {len(entries)} 项检查。错误必须改正；疑问需要人工判断；提示仅供参考。"
        "在命令行查看一项：`perfbatch rules SC01`。"
        f"参数的默认值取自 `{rulesets.default().name}`，其他规则见 [RULESETS.md](RULESETS.md)。"
    )
    for family, group in groupby(entries, key=lambda entry: entry.family):
        yield from ("", f"## {family} {family_title(family)}")
        for entry in group:
            yield from _rule(entry)


def _rule(entry: Check) -> Iterator[str]:
    scope = "（整批项目之间）" if entry.scope == "batch" else ""
    yield from ("", f"### {entry.code} {entry.title}", "")
    yield f"- **级别**：{entry.severity.word}{scope}"
    yield f"- **为什么**：{entry.why}"
    yield f"- **依据**：{entry.basis}"
    yield f"- **会标出**：{_safe(entry.failing)}"
    yield f"- **不标出**：{_safe(entry.passing)}"
    yield f"- **怎样改**：{entry.hint}"
    if entry.next_year:
        yield f"- **下年**：{entry.next_year}"
    if words := manual.ended(entry):
        yield f"- **何时算处理完**：{words}"
    if words := needed(entry):
        yield f"- **需要**：{words}（没有读到时为“未检查”，表上没有时为“不适用”）"
    if entry.yields_to:
        yield f"- **让位**：同一行已报 {'、'.join(entry.yields_to)} 时，本项不再重复报"
    if entry.follows:
        yield f"- **随同**：同一项目已报 {'、'.join(entry.follows)} 时，在问题清单中列在其下，一并更正"
    if entry.parameters:
        yield "- **参数**："
        yield from (f"  - `{key}`{rest}" for key, rest in map(_split, manual.parameter_lines(entry)))
    yield from ("", "<details><summary>For developers</summary>", "", " ".join(entry.explanation.split()), "")
    yield "</details>"


def _split(line: str) -> tuple[str, str]:
    key, rest = line.split(" ", 1)
    return key, f" {_safe(rest)}"


def _rulesets() -> Iterator[str]:
    yield from ("# 评分规则手册", "", _GENERATED, "")
    yield "每条规则只列本身写明的取值；其余取值沿用所注的上级规则。“据记忆”的取值没有核对原文，使用前请核对。"
    yield from ("", "| 规则 | 名称 | 沿用 |", "|---|---|---|")
    loaded = [rulesets.load(name) for name in (*rulesets.names(), _COMMON)]
    yield from (f"| [`{r.name}`](#{r.name}) | {_safe(r.title)} | {r.extends or '—'} |" for r in loaded)
    for ruleset in loaded:
        yield from _ruleset(ruleset)
    yield from ("", "## 参数一览", "")
    yield "自己的规则文件只要写明 `extends` 和要改的参数；`perfbatch.toml` 的 `parameters` 也可以逐项覆盖。"
    yield from ("", "| 参数 | 含义 | 可取值 | 默认 |", "|---|---|---|---|")
    default = rulesets.default()
    for key, parameter in parameters().items():
        shown = _safe(in_words(default[key]))
        yield f"| `{key}` | {_safe(parameter.meaning)} | {_allowed(parameter)} | {shown} |"


def _ruleset(ruleset: Ruleset) -> Iterator[str]:
    yield from ("", f"## {ruleset.name}", "", f"{ruleset.title}。")
    parent = f"未列出的取值沿用 `{ruleset.extends}`。" if ruleset.extends else "不沿用其他规则。"
    only = "只供其他规则沿用，不能直接选用。" if ruleset.abstract else ""
    yield from ("", f"{parent}{only}", "")
    yield from ("| 参数 | 取值 | 出处 | 施行 | 核对情况 | 注 |", "|---|---|---|---|---|---|")
    own = {key: value for key, value in ruleset.values.items() if value.origin == ruleset.name}
    yield from (_value(key, value) for key, value in own.items())


def _value(key: str, value: Value) -> str:
    source = "，".join(part for part in (value.citation, value.clause) if part)
    cells = (in_words(value.value), source, value.since or "不详", rulesets.STATUSES[value.status], value.note)
    return f"| `{key}` | {' | '.join(map(_safe, cells))} |"


def _allowed(parameter: Parameter) -> str:
    limits = (("不小于", parameter.min), ("不大于", parameter.max))
    bounds = "，".join(f"{word} {limit}" for word, limit in limits if limit is not None)
    words = "、".join(f"`{choice}`" for choice in parameter.choices)
    kind = words or "，".join(filter(None, (_TYPES[parameter.type], bounds)))
    unit = f"（{parameter.unit}）" if parameter.unit else ""
    return kind + unit + ("，或 `off` 关闭" if parameter.off else "")


_TYPES = {
    "number": "数字", "integer": "整数", "choice": "选项", "flag": "true / false", "words": "文字列表",
    "numbers": "数字列表", "bounds": "由高到低的界限", "steps": "分档列表", "table": "对照表",
}  # fmt: skip


def _commands() -> Iterator[str]:
    top = parser()
    yield from ("# 命令行手册", "", _GENERATED, "", top.description or "", "", "```")
    subparsers = next(a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    yield from (f"{top.prog} {name}" for name in subparsers.choices)
    yield from ("```", "", "返回码：0 没有错误；1 有错误级问题；2 命令或配置有误；3 有文件没有处理成功。")
    yield from _arguments(top)
    for name, command in subparsers.choices.items():
        yield from ("", f"## {top.prog} {name}", "", command.description or "", "")
        yield from ("```", " ".join([f"{top.prog} {name}", *map(_usage, _shown(command))]), "```")
        yield from _arguments(command)
    yield from _settings()


def _settings() -> Iterator[str]:
    yield from ("", f"## {CONFIG_NAME}", "")
    yield "放在运行命令的文件夹中，不写的按默认处理，命令行给出的优先。"
    yield from ("", "| 键 | 含义 | 例 |", "|---|---|---|")
    for name, key in keys().items():
        yield f"| `{name}` | {_safe(key.meaning)} | {'<br>'.join(f'`{line}`' for line in key.example.splitlines())} |"


def _shown(command: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in command._actions if not isinstance(action, argparse._SubParsersAction)]


def _arguments(command: argparse.ArgumentParser) -> Iterator[str]:
    yield from ("", "| 参数 | 说明 |", "|---|---|")
    for action in _shown(command):
        value = f" {action.metavar}" if action.metavar and action.option_strings else ""
        name = "、".join(f"`{_safe(option + value)}`" for option in action.option_strings or [str(action.metavar)])
        yield f"| {name} | {_safe(action.help or '')} |"


def _usage(action: argparse.Action) -> str:
    if not action.option_strings:
        name = str(action.metavar)
        return {"*": f"[{name} …]", "?": f"[{name}]", "+": f"{name} …"}.get(str(action.nargs), name)
    several = " …" if action.nargs == "+" else ""
    return f"[{action.option_strings[-1]}{f' {action.metavar}' if action.metavar else ''}{several}]"


def meanings() -> dict[str, dict[str, Any]]:
    """What every output says (`outputs.toml`): group → column, field or sheet → meaning in Chinese."""
    return tomllib.loads(Path(__file__).with_name("outputs.toml").read_text(encoding="utf-8"))


def _outputs() -> Iterator[str]:
    told = meanings()
    yield from ("# 输出手册", "", _GENERATED, "")
    yield "`output/` 中每个文件的每一列。金额除注明外以万元为单位；率以 1 为 100%；单元格写成 A1 形式。"
    for group, columns in _FRAMES.items():
        yield from ("", f"## data/{group}.parquet", "", "| 列 | 类型 | 含义 |", "|---|---|---|")
        for name, kind in columns.items():
            yield f"| `{name}` | {_KINDS[kind]} | {_safe(_meaning(told[group], name))} |"
    yield from ("", "## findings.jsonl、data/findings.parquet", "", "每行一个问题。", "")
    yield from _columns("字段", told["findings"])
    yield from ("", "## run.json", "")
    yield from _columns("字段", told["run"])
    for group, file in (("summary", SUMMARY), ("workpaper", workpaper.NAME)):
        yield from ("", f"## {file}")
        for sheet, columns in told[group].items():
            yield from ("", f"### {sheet}", "", f"{columns[_SHEET]}。")
            heads = {name: text for name, text in columns.items() if name != _SHEET}
            yield from ("", *_columns("列", heads)) if heads else ()


_FRAMES = {
    "projects": schema.PROJECTS,
    "funds": schema.FUNDS,
    "indicators": schema.INDICATORS,
    "targets": schema.TARGETS,
    "monitoring": schema.MONITORING,
    "overall": schema.OVERALL,
    "evidence": schema.EVIDENCE,
}
_KINDS = {"str": "文字", "decimal": "数", "int": "整数", "bool": "是否"}
_SHEET = ""  # the entry about a sheet as a whole


def _columns(head: str, entries: Mapping[str, str]) -> Iterator[str]:
    yield from (f"| {head} | 含义 |", "|---|---|")
    yield from (f"| `{name}` | {_safe(text)} |" for name, text in entries.items())


def _meaning(told: Mapping[str, str], name: str) -> str:
    return told.get(name) or f"“{field_name(name.removeprefix('cell_'))}”所在或应在的单元格"


def _safe(text: str) -> str:
    """`text` inside a Markdown table or list: no cell borders, no line breaks, no markup by accident."""
    for character in "\\|*<>~":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())


if __name__ == "__main__":
    for path in write(DOCS):
        print(path)
