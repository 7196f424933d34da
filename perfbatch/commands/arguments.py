"""argparse in Chinese: headings, wrapping by display width, errors with the next step; light: standard library only."""

import argparse
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from perfbatch.console_io import put
from perfbatch.errors import UsageError
from perfbatch.messages import suggest

_ENGLISH = (  # what argparse says, and what we say
    (r"the following arguments are required: (.*)", r"缺少参数 \1"),
    (r"unrecognized arguments: (.*)", r"无法识别的参数 \1"),
    (r"(.*?): expected one argument", r"\1 后面缺少一个值"),
    (r"(.*?): expected at least one argument", r"\1 后面至少要有一个值"),
    (r"(.*?): ignored explicit argument .*", r"\1 后面不需要值"),
)
_WORD = re.compile(r"[!-~]+|.", re.DOTALL)  # never broken: a run of Latin characters; Chinese may break anywhere
_NOT_FIRST = "，。；：、）！？”》"  # never at the head of a line


class Parser(argparse.ArgumentParser):
    """A parser whose help and errors are Chinese; an error is a `UsageError`, options are never abbreviated."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, add_help=False, allow_abbrev=False, formatter_class=_Formatter)
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示帮助")

    def error(self, message: str) -> NoReturn:
        """Raise UsageError: what is wrong, and which help to ask for."""
        raise UsageError(f"命令行有误：{_in_chinese(message)}。用法见 {self.prog} --help。")

    def _print_message(self, message: str, file: Any = None) -> None:
        put(message, file or sys.stderr)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        hint = suggest(str(value), list(map(str, action.choices))).removesuffix("。").removesuffix("？")
        raise argparse.ArgumentError(None, f"没有“{value}”这个{action.metavar}{hint}")


def _in_chinese(message: str) -> str:
    message = message.removeprefix("argument ")
    for english, chinese in _ENGLISH:
        if re.fullmatch(english, message):
            return re.sub(english, chinese, message)
    return message.replace(": ", "：", 1)


class _Formatter(argparse.HelpFormatter):
    """Chinese headings; lines are filled by columns of the terminal, where a Chinese character takes two."""

    def add_usage(
        self, usage: str | None, actions: Iterable[Any], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return list(_lines(text, width))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in _lines(text, width))


def _lines(text: str, width: int) -> Iterator[str]:
    line, room = "", width
    for word in _WORD.findall(" ".join(text.split())):
        needed = _columns(word)
        if needed > room and line and word not in _NOT_FIRST:
            yield line.rstrip()
            line, room = "", width
        if line or word != " ":
            line, room = line + word, room - needed
    yield line


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def integer(text: str) -> int:
    """An integer from 0; raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"“{text}”不是整数")
    return int(text)


def count(text: str) -> int:
    """An integer from 1; raises ArgumentTypeError."""
    if integer(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}”无效，应不小于1")
    return integer(text)
