"""The command line: arguments in, exit code out. Nothing below it prints but what it hands down (`tell`, `progress`).

Heavy imports (pandas and what needs it) happen inside the commands, so that ``--help`` stays instant.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfbatch import __version__, dropped
from perfbatch.commands.arguments import Parser, count, integer
from perfbatch.errors import PerfbatchError, UsageError

if TYPE_CHECKING:
    from perfbatch.config import Settings
    from perfbatch.sources import Sources

OK, FINDINGS, USAGE, INCOMPLETE, NOTHING = 0, 1, 2, 3, 4  # NOTHING: as INCOMPLETE, and no output was written
_OF_SCRIPT = 10  # added for 运行.bat, so that it can tell our codes from those of Python and of a crash

_FEW = 200  # files in a run that is over before its garbage matters


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never a traceback for what the user can mend.

    Without `argv`, as the command itself, a run in one process is guarded (`perfbatch.runs.guard`).
    """
    code = attempt(argv)
    if code != OK and is_gone():
        return say_gone()
    if argv is None and dropped.is_script():
        return _OF_SCRIPT + code
    return INCOMPLETE if code == NOTHING else code


def say_gone() -> int:
    """Tell that the program was moved while it ran, and what to do; the exit code."""
    _complain("程序所在的文件夹在运行中被移动或删除，本次可能没有做完；请从新的位置再运行一次，运行时不要移动。")
    return INCOMPLETE


def is_gone() -> bool:
    """Whether the program was moved or deleted while it ran: what it loads later is not there any more."""
    return bool(sys.executable) and not os.access(sys.executable, os.F_OK)


def _need_chinese_names() -> None:
    """Raise UsageError where no Chinese file name can be written (an ASCII locale that Python was told to keep)."""
    try:
        os.fsencode("绩效自评")
    except UnicodeEncodeError as error:
        raise UsageError(
            f"系统的文件名编码是 {sys.getfilesystemencoding()}，写不了中文文件名；请先执行 export PYTHONUTF8=1 再运行。"
        ) from error


def attempt(argv: Sequence[str] | None, isolated: bool = False) -> int:
    """As `main`, but NOTHING where no output was written; `isolated` is a second try, each file in a worker."""
    try:
        arguments = parser().parse_args(argv)
        if arguments.command is None:  # as the double-click
            arguments = parser().parse_args(["run"])
        arguments.guarded, arguments.isolated = argv is None, isolated
        _need_chinese_names()
        return int(arguments.run(arguments))
    except PerfbatchError as error:
        _complain(str(error))
        return USAGE if isinstance(error, UsageError) else NOTHING
    except KeyboardInterrupt:
        _complain("已按要求停止，尚未完成的文件可重新运行处理。")
        return NOTHING
    except Exception:
        if is_gone():
            return NOTHING  # `main` says so
        # not the user's: said so, and never mistaken for "findings" (Python's own code would be 1)
        _complain(f"程序内部出错，没有完成；请把以下内容连同表格交给维护人员。\n{traceback.format_exc()}")
        return NOTHING


def _complain(text: str) -> None:
    from perfbatch.console_io import say  # noqa: PLC0415

    say(text, sys.stderr)


_MADE_ABSOLUTE = ("previous", "evidence", "targets", "report_file", "published")


def _settings(arguments: argparse.Namespace) -> Settings:
    """`perfbatch.toml` under those options that the command has."""
    from perfbatch import config  # noqa: PLC0415
    from perfbatch.followup import rerun  # noqa: PLC0415

    given = {name: getattr(arguments, name, None) for name in rerun.OPTIONS}
    given |= {name: str(Path(value).absolute()) for name in _MADE_ABSOLUTE if (value := given[name])}
    return config.load(Path(config.CONFIG_NAME), **given)


def _run(arguments: argparse.Namespace) -> int:
    """Light until it is known that there is something to do."""
    from perfbatch import sources  # noqa: PLC0415
    from perfbatch.store import last  # noqa: PLC0415

    settings = _settings(arguments)
    arguments.input = dropped.files() or arguments.input
    inputs = arguments.input or [sources.INPUT]
    found = sources.find(inputs, arguments.output, settings.evidence)
    if not found.files:
        raise UsageError(sources.nothing(inputs, found))
    state = last.state(found, settings)
    ended = last.unchanged(arguments.output, state)
    if ended:
        return _nothing_to_do(arguments, *ended)
    several = arguments.scheduler or min(arguments.workers or os.cpu_count() or 1, found.tasks) > 1
    if arguments.guarded and not several:
        from perfbatch.runs import guard  # noqa: PLC0415

        code = guard.run(partial(attempt, sys.argv[1:]), len(found.files))
        if code is None:
            _complain("程序两次异常退出，没有完成；请把表格和本窗口中的文字交给维护人员。")
        return NOTHING if code is None else code
    return _process(arguments, found, settings, state)


def _watch(arguments: argparse.Namespace) -> int:
    """Every run is a process of its own: memory is given back, a crash ends that run only."""
    import threading  # noqa: PLC0415

    from perfbatch import sources  # noqa: PLC0415
    from perfbatch.commands import watch  # noqa: PLC0415
    from perfbatch.runs import guard  # noqa: PLC0415

    stop = threading.Event()
    command = ["run", str(arguments.input), "--output", str(arguments.output)]

    def run() -> int:
        files = len(sources.find([arguments.input], arguments.output).files)
        code = guard.run(partial(attempt, command), files, interrupted=stop.set) if files else OK
        return INCOMPLETE if code is None else code

    return watch.watch(arguments.input, arguments.output, run, _complain, stop=stop)


def _nothing_to_do(arguments: argparse.Namespace, code: int, closing: str) -> int:
    from perfbatch.console_io import json_text, say  # noqa: PLC0415

    if arguments.json:
        say(json_text((arguments.output / "run.json").read_text(encoding="utf-8").rstrip("\n")), sys.stdout)
    else:
        say(f"{closing}\n[提示] 输入和设置与上次运行相同，输出文件完好，没有重新生成。", sys.stdout)
    return code


def _process(arguments: argparse.Namespace, found: Sources, settings: Settings, state: str) -> int:
    import gc  # noqa: PLC0415
    from datetime import date  # noqa: PLC0415

    if found.tasks <= _FEW:  # looking for garbage is a twentieth of the time; of 1,000 workbooks it holds a third more
        gc.disable()
    from perfbatch import config, pipeline, sources  # noqa: PLC0415
    from perfbatch.console_io import json_text  # noqa: PLC0415
    from perfbatch.followup import rerun  # noqa: PLC0415
    from perfbatch.outputs import console, records  # noqa: PLC0415
    from perfbatch.runs import batch  # noqa: PLC0415
    from perfbatch.store import last  # noqa: PLC0415

    pipeline.check_settings(settings)
    with console.Progress(sys.stderr) as progress:
        report = batch.run(
            found,
            arguments.output,
            settings,
            workers=arguments.workers,
            scheduler=arguments.scheduler,
            isolated=arguments.isolated,
            run_date=date.today().isoformat(),
            progress=progress,
            tell=_complain,
        )
    rerun.remember(arguments.output, arguments.input or [sources.INPUT], Path(config.CONFIG_NAME), vars(arguments))
    closing = console.closing(report, arguments.output)
    if last.state(found, settings) == state and not report.beside:  # nobody changed an input meanwhile
        last.remember(arguments.output, state, report.exit_code, closing, report.batch.outputs)
    if arguments.json:
        console.say(json_text(records.run_json(report.batch)), sys.stdout)
    else:
        console.say("\n".join([closing, *console.outdated(arguments.output, report.batch.outputs)]), sys.stdout)
    gc.freeze()  # at its end, too
    return report.exit_code


def _review(arguments: argparse.Namespace) -> int:
    from datetime import date  # noqa: PLC0415

    from perfbatch.commands import reviewing  # noqa: PLC0415
    from perfbatch.outputs import console  # noqa: PLC0415

    output = arguments.output or reviewing.home_of(arguments.file)
    with console.Progress(sys.stderr) as progress:
        done = reviewing.run(
            arguments.file,
            output,
            inputs=arguments.input,
            run_date=date.today().isoformat(),
            progress=progress,
            tell=_complain,
        )
    console.say(reviewing.closing(done, output), sys.stdout)
    return done.exit_code


def _told(text_of: Callable[[argparse.Namespace], str]) -> Callable[[argparse.Namespace], int]:
    """A command that only says something."""

    def run(arguments: argparse.Namespace) -> int:
        from perfbatch.outputs import console  # noqa: PLC0415

        console.say(text_of(arguments), sys.stdout)
        return OK

    return run


@_told
def _inspect(arguments: argparse.Namespace) -> str:
    from perfbatch import sources  # noqa: PLC0415
    from perfbatch.commands import inspection  # noqa: PLC0415

    sources.must_be_file(arguments.file)
    return inspection.describe(arguments.file, _settings(arguments))


@_told
def _explain(arguments: argparse.Namespace) -> str:
    from perfbatch import sources  # noqa: PLC0415
    from perfbatch.commands import explaining  # noqa: PLC0415

    sources.must_be_file(arguments.file)
    return explaining.explain(arguments.file, arguments.project, arguments.indicator, _settings(arguments))


@_told
def _init(arguments: argparse.Namespace) -> str:
    from perfbatch.commands import workfolder  # noqa: PLC0415

    return workfolder.create(arguments.folder)


@_told
def _rules(arguments: argparse.Namespace) -> str:
    from perfbatch.commands import manual  # noqa: PLC0415

    return manual.check_page(arguments.code) if arguments.code else manual.check_list()


@_told
def _rulesets(arguments: argparse.Namespace) -> str:
    from perfbatch.commands import manual  # noqa: PLC0415

    return manual.ruleset_page(arguments.name) if arguments.name else manual.ruleset_list()


# --- what can be asked ---

Argument = tuple[str, dict[str, Any]]


def _given(name: str, text: str, metavar: str | None = None, **more: Any) -> Argument:
    return name, {"help": text} | ({"metavar": metavar} if metavar else {}) | more


_OUTPUT = _given("--output", "输出文件夹（默认 output/）", "DIR", type=Path, default=Path("output"))
_PASSWORD = _given("--password-file", "表格的打开密码所在的文本文件，写在第一行（需安装 msoffcrypto-tool）", "FILE")
_YEAR = _given("--year", "自评年度（默认从表中读取）", "YYYY", type=integer)
_OF = "核对哪些项目的佐证资料：sample 抽查的项目（默认），all 全部项目"
_REPORT = "要与自评表核对的自评报告 .docx（默认：输出文件夹里填写过的那份）"
_PAPERS = "填好的抽查工作底稿，可以有几份，也可以是存放底稿的文件夹"
_COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], int], str, Sequence[Argument]]] = {
    "run": (_run, "校验、复算并汇总自评表，生成批注文件和汇总表", [
        _given("input", "文件或文件夹（默认 input/）", "INPUT", nargs="*", type=Path),
        _OUTPUT,
        _given("--ruleset", "评分规则（默认按表样和年度选择，见 perfbatch rulesets）", "NAME|FILE"),
        _YEAR,
        _given("--verify", "用第二个读取器逐格核对读取结果（较慢）", action="store_true", default=None),
        _given("--sample", "抽查多少：个数或比例（默认按评分规则的比例）", "N|P%"),
        _given("--seed", "抽查的随机种子，相同种子抽到相同项目（默认 0）", "S", type=integer),
        _given("--previous", "上一年度的输出文件夹，用于年度比较和沿用整改台账", "DIR"),
        _given("--evidence", "佐证资料文件夹（默认是输入文件夹中的“佐证资料”）", "DIR"),
        _given("--evidence-of", _OF, "范围", choices=("sample", "all")),
        _given("--report", _REPORT, "FILE", dest="report_file"),
        _given("--published", "已公开的决算或结果清单，核对其中的得分、执行数和提交时间", "FILE"),
        _given("--targets", "年初批复的绩效目标表（也可放在输入文件夹），与自评表对照", "FILE|DIR"),
        _PASSWORD,
        _given("--workers", "同时处理的进程数（默认等于处理器核数）", "N", type=count),
        _given("--scheduler", "在 Dask 集群上运行，例如 tcp://10.0.0.1:8786", "ADDRESS"),
        _given("--json", "在标准输出给出 run.json 的内容，进度写到标准错误", action="store_true"),
    ]),
    "review": (_review, "读取填好的抽查工作底稿，复算核查得分，列入汇总表和报告", [
        _given("file", _PAPERS, "FILE", nargs="+", type=Path),
        _given("--output", "perfbatch run 的输出文件夹（默认底稿所在的那个，否则 output/）", "DIR", type=Path),
        _given("--input", "自评表（默认与上次运行相同）", "INPUT", nargs="+", type=Path, default=[]),
    ]),
    "watch": (_watch, "一直运行：表格放入 input/ 后自动处理，按 Ctrl+C 结束", [
        _given("input", "要监视的文件夹", "DIR", nargs="?", type=Path, default=Path("input")),
        _OUTPUT,
    ]),
    "inspect": (_inspect, "查看一个文件识别到了什么、哪里没有识别", [
        _given("file", "要查看的文件", "FILE", type=Path),
        _PASSWORD,
    ]),
    "explain": (_explain, "说明一个项目或一项指标的得分是怎样算出来的", [
        _given("file", "自评表文件", "FILE", type=Path),
        _given("--project", "项目名称或编码（文件中只有一个项目时可省略）", "NAME"),
        _given("--indicator", "三级指标名称（省略时说明全部指标）", "NAME"),
        _given("--ruleset", "评分规则（默认按表样和年度选择）", "NAME|FILE"),
        _PASSWORD,
        _YEAR,
    ]),
    "rules": (_rules, "列出全部检查；给出编号时显示该检查的完整说明", [
        _given("code", "检查编号，例如 SC01", "CODE", nargs="?"),
    ]),
    "rulesets": (_rulesets, "列出评分规则；给出名称时显示全部取值和依据", [
        _given("name", "规则名称或文件，例如 national-2020", "NAME", nargs="?"),
    ]),
    "init": (_init, "建立工作文件夹：input、output、空白模板和双击运行的脚本", [
        _given("folder", "要建立的文件夹", "DIR", type=Path),
    ]),
}  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """The argument parser of all commands."""
    top = Parser(
        prog="perfbatch",
        description="预算项目绩效自评批量校验、复算与汇总。把一体化系统导出的自评表（Excel 或 Word）放入 input/，"
        "运行 perfbatch run（不写 run 也一样）。",
    )
    top.add_argument("--version", action="version", version=f"perfbatch {__version__}", help="显示版本")
    commands = top.add_subparsers(dest="command", metavar="命令", parser_class=Parser, title="可用的命令")
    for name, (run, text, arguments) in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=f"{text}。")
        command.set_defaults(run=run)
        for argument, how in arguments:
            command.add_argument(argument, **how)
    return top
