"""What sentences to the user share: the nearest known word, a quotation cut short; the TOML files of words that lie
beside the code, and what is wrong with one that people wrote, with the place and the remedy."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from perfbatch.errors import UsageError, why

TYPES = {str: "带英文双引号的文字", int: "整数", list: "方括号中的列表", dict: "表", bool: " true 或 false"}
_MISTAKES = (  # what the parser says of mistakes that are no missing quotes, and how to mend them
    (r"Cannot (overwrite|declare|mutate|redefine)|Duplicate", "同一个键写了两次，请只保留一处"),
    (r"Unescaped|Invalid hex|escaped", "路径中的“\\”请写成“/”"),
)
_QUOTES = "文字要加英文双引号"


def nearest(word: str, known: Iterable[str], most: int = 1, likeness: float = 0.6) -> list[str]:
    """Known words that `word` may have meant, the most alike first."""
    return get_close_matches(word, list(known), most, likeness)


def suggest(word: str, known: Collection[str], otherwise: str = "") -> str:
    """How a sentence about an unknown `word` ends: with one that begins so, the nearest, `otherwise`, or all."""
    if near := [name for name in known if word and name.startswith(word)] or nearest(word, known):
        return f"，是否应为“{near[0]}”？"
    return otherwise or f"；可用的有：{'、'.join(known)}。"


@cache
def shipped(name: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Words and limits that lie beside the code: the file of that name below the package (``checks/words.toml``)."""
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"), parse_float=parse_float)


def read_toml(path: Path, name: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The content of `path`, which messages call `name`. Raises UsageError if it cannot be read or is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=parse_float)
    except OSError as error:
        raise UsageError(f"{name} 打不开（{why(error)}），请检查后重新运行。") from None
    except UnicodeDecodeError:
        how = "请用记事本打开，另存为时把编码选为 UTF-8"
        raise UsageError(f"{name} 不是 UTF-8 编码，{how}，再重新运行。") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} 不是有效的 TOML：{_place(str(error))}。") from None


def _place(error: str) -> str:
    """Where the first mistake is and how to mend it; the parser's own words are English."""
    found = re.search(r"at line (\d+), column (\d+)", error)
    how = next((chinese for english, chinese in _MISTAKES if re.search(english, error)), _QUOTES)
    return f"第{found[1]}行第{found[2]}个字符附近有误；{how}" if found else f"文件末尾不完整；{how}"


def expect_key(key: str, known: Collection[str], where: str) -> None:
    """Raise UsageError unless `key` is `known`; `where` names the file and the table that holds it."""
    if key not in known:
        raise UsageError(f"{where}“{key}”无法识别{suggest(key, known)}")


def expect(value: object, kind: type, where: str, example: str = "") -> None:
    """Raise UsageError unless `value` is of `kind` as TOML has kinds (true is no integer); `where` names its place."""
    if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
        shown = f"，例如 {' '.join(example.split())}" if example else ""
        raise UsageError(f"{where}应为{TYPES[kind]}{shown}。")


def shorten(text: str, most: int = 30) -> str:
    """`text` on one line, cut to `most` characters and … where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + "…"
