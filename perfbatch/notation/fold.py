"""Width, blanks, brackets and dashes: the one normalisation every comparison of cell texts starts from."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_BRACKETS = {"(": "（〔【［[{｛﹙﹝〖", ")": "）〕】］]}｝﹚﹞〗"}
_ALIKE = {
    "-": "－−‐‑﹣",
    "~": "～〜∼",
    "%": "％﹪",
    ":": "：∶﹕",
    "/": "／∕⁄",
    "·": "•・‧∙",
    ",": "，﹐",
    ";": "；﹔",
    ".": "．﹒",
    ">": "＞﹥",
    "<": "＜﹤",
    "=": "＝﹦",
    "¥": "￥",
}
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def _table() -> dict[int, str | None]:
    """Translation table of `fold`: character → replacement, None to drop it."""
    table: dict[int, str | None] = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for group in (_BRACKETS, _ALIKE):
        table.update({ord(char): plain for plain, chars in group.items() for char in chars})
    dropped = [code for code in range(0x3001) if chr(code).isspace() or unicodedata.category(chr(code)) == "Cc"]
    table.update(dict.fromkeys([*dropped, *map(ord, _INVISIBLE)]))
    return table


_TABLE = _table()
_MOST_KEPT = 200  # characters: longer cells are prose, which repeats less and fills memory


def fold(text: str) -> str:
    """Full-width to half-width, blanks and line breaks removed, brackets, dashes and colons unified.

    Idempotent. Sign look-alikes (≧, ═ …), the em dash and units such as ㎡ stay: they have their own tables.
    """
    return _kept(text) if len(text) <= _MOST_KEPT else text.translate(_TABLE)


@lru_cache(maxsize=8192)
def _kept(text: str) -> str:
    return text.translate(_TABLE)
