"""Width, blanks, brackets and dashes: the one normalisation every comparison of cell texts starts from."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import chain

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
# Blank to the eye and no format characters: fillers, combining joiner, object replacement (an embedded picture)
_BLANK_TO_THE_EYE = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc"
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
# Text copied from a PDF brings radicals for characters: ⽉ 月, ⻓ 长. Kangxi radicals decompose by the Unicode data,
# a few of them into the traditional character; those of the supplement mostly do not (EquivalentUnifiedIdeograph).
_TAGS = range(0xE0000, 0xE0080)
_RADICALS = range(0x2F00, 0x2FD6)
_COMPATIBLE = range(0xF900, 0xFB00)
_SIMPLIFIED = {"戶": "户", "靑": "青", "黃": "黄"}
_SUPPLEMENT = {
    "⺁⺄⺅⺈⺉⺊⺌⺍⺎⺓⺘⺙⺜⺝⺟⺠⺡": "厂乙亻刀刂卜小小兀幺扌攵日月母民氵",
    "⺣⺧⺨⺩⺫⺬⺭⺮⺰⺶⺻⺼⺾⺿⻀⻂⻃⻄⻅⻆": "灬牛犭王目示礻竹纟羊聿肉艹艹艹衤覀西见角",
    "⻈⻉⻋⻌⻍⻎⻏⻐⻑⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻠": "讠贝车辶辶辶阝钅長长门阝雨青韦页风飞食饣",
    "⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳": "马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
}


def _table() -> dict[int, str | None]:
    """Translation table of `fold`: character → replacement, None to drop it."""
    table: dict[int, str | None] = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for group in (_BRACKETS, _ALIKE):
        table.update({ord(char): plain for plain, chars in group.items() for char in chars})
    dropped = [code for code in range(0x3001) if chr(code).isspace() or unicodedata.category(chr(code)) == "Cc"]
    formats = [code for code in chain(range(0x10000), _TAGS) if unicodedata.category(chr(code)) == "Cf"]
    table.update(dict.fromkeys([*dropped, *formats, *map(ord, _BLANK_TO_THE_EYE), *chain(*_SELECTORS)]))
    table.update(_characters())
    return table


def _characters() -> dict[int, str]:
    """Radicals and compatibility ideographs → the characters they stand for."""
    decomposed = {code: unicodedata.normalize("NFKC", chr(code)) for code in chain(_RADICALS, _COMPATIBLE)}
    known = {code: _SIMPLIFIED.get(char, char) for code, char in decomposed.items()}
    return known | {ord(a): b for radicals, chars in _SUPPLEMENT.items() for a, b in zip(radicals, chars, strict=True)}


_TABLE = _table()
_MOST_KEPT = 200  # characters: longer cells are prose, which repeats less and fills memory


def fold(text: str) -> str:
    """Full-width to half-width, blanks and invisible marks removed, brackets, dashes, radicals unified.

    Idempotent. Sign look-alikes (≧, ═ …), the em dash and units such as ㎡ stay: they have their own tables.
    """
    return _kept(text) if len(text) <= _MOST_KEPT else text.translate(_TABLE)


@lru_cache(maxsize=8192)
def _kept(text: str) -> str:
    return text.translate(_TABLE)
