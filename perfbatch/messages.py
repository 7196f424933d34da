"""What sentences to the user share: the nearest known word, a quotation cut short, what a TOML value should be."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from perfbatch.errors import UsageError

TYPES = {str: "带英文双引号的文字", int: "整数", list: "方括号中的列表", dict: "表", bool: " true 或 false"}


def nearest(word: str, known: Iterable[str], most: int = 1, likeness: float = 0.6) -> list[str]:
    """Known words that `word` may have meant, the most alike first."""
    return get_close_matches(word, list(known), most, likeness)


def suggest(word: str, known: Collection[str], otherwise: str = "") -> str:
    """How a sentence about an unknown `word` ends: with one that begins so, the nearest, `otherwise`, or all."""
    if near := [name for name in known if word and name.startswith(word)] or nearest(word, known):
        return f"，是否应为“{near[0]}”？"
    return otherwise or f"；可用的有：{'、'.join(known)}。"


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
