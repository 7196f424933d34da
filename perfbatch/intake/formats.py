"""What a person sees of a stored number: its number format drawn, with all the digits the number has.

Where a format only rounds, groups or pads, the text is the number itself; literals, signs, scaling commas, escaped
points and percent signs are drawn, because they are what the clerk reads: 168100 under ``0!.0000"万元"`` is 16.81万元.
Colours, fills and widths are not drawn, nor are Chinese numerals of ``[DBNum1]``: they say the same.

Format codes: ECMA-376 Part 1 §18.8.30 (built-in ids, with the zh-cn table for 27–36 and 50–58) and §18.8.31
(the language of the codes); ``!`` escapes as ``\\`` does, as it is typed in Chinese Excel and WPS.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Literal, NamedTuple

from perfbatch.decimals import plain
from perfbatch.messages import shipped
from perfbatch.model import Stored

DATA: Mapping[str, Any] = shipped("intake/formats.toml")
_BUILT_IN = {int(number): str(code) for number, code in DATA["built_in"].items()}
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|(?P<padding>[_*].)'
    r"|\[(?P<elapsed>h+|m+|s+)\]|\[(?P<bracket>[^\]]*)\]"
    r"|(?P<general>General|G/通用格式|通用格式|常规)|(?P<half>AM/PM|A/P|上午/下午)|(?P<exponent>E[+-](?=[0#?]))"
    r"|(?P<code>y+|e+|m+|d+|h+|s+|aaaa?)|(?P<part>(?<=s)\.0+|(?<=s\])\.0+)"
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<slash>/)|(?P<at>@)|(?P<end>;)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\s*(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]*)?)\s*", re.ASCII)
_OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "<>": ne}
_COLOUR = re.compile(
    r"(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+|[黑蓝青绿洋红白黄]+色?|颜色 ?\d+)", re.IGNORECASE
)
_SHORT = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]*[1-9])?", re.ASCII)
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_DIGIT = re.compile(r"[0-9.]", re.ASCII)
_GROUPED = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+", re.ASCII)
_POWERS = (0, -4, -3, -6, -8, 2, -2, -1, -5, -7, 3, 4)  # of ten, by which a page may show a number; likely ones first
_SURE_DIGITS = 15  # of a number in a computer: a page may show more
_RUN = re.compile(r"[0-9]+(?:[.．][0-9]+)*", re.ASCII)
OF_DATES = re.compile(r"[年月日号时点分秒TZ\s./:：,，、()（）-]*|周|星期")  # what adds nothing to an ISO date
_HIDDEN = re.compile(r"\n\s*%+\s*$")  # a second line that nobody sees in a row of one
_NUMERALS = "〇零一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟"
_DASHES = re.compile(r"[-－—–―─]*")
_MINUS = re.compile("[-−－△▲负]")
_PLACES = "0#?"
_LAST_SERIAL = 2_958_466
_DAY = 86_400
_FIRST_YEAR = 367  # days; 366 in the calendar from 1904
_LONGEST_CODE = 255  # Excel takes no longer ones
_MOST_SECTIONS = 4
_WIDE = Context(prec=1_000)  # more than any number has digits


class Shown(NamedTuple):
    """What a cell shows, how it is stored, and what is stored where the text does not say that.

    `raw` is empty where `text` is the number itself (or its percentage, or an ISO date). `apart` says that the
    number read in the text is another one than is stored, beyond rounding: 16.81万元 for 168100.
    """

    text: str
    stored: Stored
    raw: str = ""
    apart: bool = False


class Moment(NamedTuple):
    """A serial number taken apart; `weekday` is 0 for Monday, `serial` as stored (for elapsed hours)."""

    year: int
    month: int
    day: int
    weekday: int
    seconds: int
    serial: float


class Token(NamedTuple):
    """A piece of a section: its kind (a group of `_TOKEN`, ``literal`` for any text that is shown) and its text."""

    kind: str
    text: str


class Drawing(NamedTuple):
    """How a section draws numbers: text around, the power of ten they are shown by, percent signs, and the places.

    `among` says that the digits go into the places one by one, because text stands among them; `zeros` is how many
    digits there are at least; `dashed` that the text around is but the dash that stands for zero.
    """

    before: str
    behind: str
    power: int
    percents: int
    places: tuple[Token, ...]
    among: bool
    zeros: int
    dashed: bool


class Section(NamedTuple):
    """One of the sections of a code: when it applies, whether it has a colour, its tokens, how it draws numbers."""

    condition: tuple[str, Decimal] | None
    coloured: bool
    tokens: tuple[Token, ...]
    drawing: Drawing | None

    def has(self, *kinds: str) -> bool:
        """Whether it has a token of one of the kinds."""
        return any(token.kind in kinds for token in self.tokens)

    @property
    def is_date(self) -> bool:
        """Whether it shows a moment: letters of dates and no place for a digit."""
        return self.has("code", "elapsed", "half") and not self.has("digit", "general", "at")

    def is_mistaken(self, serial: float) -> bool:
        """Whether nobody means the moment: a day of the first year (20 as 1900/1/20), or 10 as the time 0:00."""
        letters = set(map(_letter, self.tokens))
        if letters & {"y", "e"} or not letters & {"h", "s"}:
            return serial < _FIRST_YEAR and not self.has("elapsed")
        clock = not letters & {"d", "a"} and not self.has("elapsed")  # elapsed hours, or d天h小时, are how long it took
        return clock and (serial.is_integer() or 1 < serial < _FIRST_YEAR)

    @property
    def is_percent(self) -> bool:
        """Whether it shows the percentage, only rounded or padded, with its sign at the end."""
        bare = tuple(token for token in self.tokens if token.kind != "percent")
        percents = len(self.tokens) - len(bare)
        return percents == 1 and self.tokens[-1].kind == "percent" and self._replace(tokens=bare).is_plain

    @property
    def is_plain(self) -> bool:
        """Whether it shows the number itself, only rounded, grouped or padded."""
        if self.is_date or self.has("percent", "at") or not self.has("digit", "general"):
            return False
        if any(token.kind == "literal" and token.text.strip(" ") for token in self.tokens) or _scaling(self.tokens):
            return False
        zeros = sum(token == ("digit", "0") for token in self.tokens)
        return zeros < 2 or self.has("point", "exponent", "slash")  # 000 shows 007


class Code(NamedTuple):
    """A number format: the sections for numbers, and what it puts around a text (None for nothing)."""

    sections: tuple[Section, ...]
    around: tuple[str, str] | None

    def of(self, value: Decimal) -> tuple[Section, bool] | None:
        """The section for a number, and whether the section stands for the minus sign; None where there is none."""
        sections = self.sections
        if not any(section.condition for section in sections[:2]):
            if len(sections) > 2 and value == 0:
                return sections[2], False
            return (sections[1], True) if value < 0 and len(sections) > 1 else (sections[0], False)
        implied = {0: (">", Decimal(0))}  # conditions of sections that state none
        if len(sections) > 2:
            implied[1] = ("<", Decimal(0))
        for at, section in enumerate(sections):
            found = section.condition or implied.get(at)
            if found is None or _OPERATORS[found[0]](value, found[1]):
                return section, value < 0 and self._only_negative(at)
        return None

    def _only_negative(self, at: int) -> bool:
        """Whether no number comes to a section but negative ones: they are shown without their sign."""
        first, own = self.sections[0].condition, self.sections[at].condition
        if own:
            return own[0] in ("<", "<=") and own[1] <= 0
        return at == 1 and (first is None or (first[0] in (">", ">=") and first[1] == 0))


def format_code(number: int, custom: Mapping[int, str]) -> str:
    """Format code of a `numFmtId`: the workbook's own, else the built-in one; empty for General."""
    code = custom.get(number, _BUILT_IN.get(number, ""))
    return "" if code.strip().lower() in ("general", "g/通用格式", "@") else code


@lru_cache(maxsize=4096)
def code_of(code: str) -> Code:
    """A format code taken apart; one that Excel would not take is General."""
    if len(code) > _LONGEST_CODE:
        code = "General"
    sections: list[Section] = []
    tokens: list[Token] = []
    condition, coloured = None, False
    for match in (*_TOKEN.finditer("\n".join(code.splitlines())), None):
        kind, text = (str(match.lastgroup), str(match[match.lastgroup or 0])) if match else ("end", "")
        if kind == "end":
            settled = _settled(tokens)
            sections.append(Section(condition, coloured, settled, _drawing(settled)))
            tokens, condition, coloured = [], None, False
        elif kind == "bracket":
            if found := _CONDITION.fullmatch(text):
                condition = found[1], Decimal(found[2])
            elif text.startswith("$"):
                tokens.append(Token("literal", text[1:].partition("-")[0]))
            else:
                coloured |= _COLOUR.fullmatch(text.strip()) is not None
        elif kind != "padding":
            tokens.append(Token("literal" if kind in ("quoted", "escaped", "other") else kind, text))
    sections = sections[:_MOST_SECTIONS]
    around = None
    if sections[-1].has("at") or len(sections) == _MOST_SECTIONS:
        around = _around(sections[-1])
        sections = sections[:-1] or list(code_of("General").sections)
    return Code(tuple(sections), around)


def _settled(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Tokens of a section, each as what it is there.

    Where a number is shown, letters of dates are letters (``0 km``), elsewhere an exponent is none; a slash is that of
    a fraction only between places for digits or before a denominator (``# ?/16``).
    """
    numeric = any(token.kind in ("digit", "general") for token in tokens)
    letters = ("code", "half", "elapsed", "part") if numeric else ("exponent",)
    settled: list[Token] = []
    fraction = False
    for at, token in enumerate(tokens):
        kind, text = token
        if kind == "slash":
            beside = [t.kind for t in settled[-1:]], "".join(t.text for t in tokens[at + 1 : at + 2])
            fraction = numeric and beside[0] == ["digit"] and beside[1] in [*_PLACES, *"123456789"]
            kind = "slash" if fraction else "literal"
        elif fraction and text.isdigit():
            kind = "digit"
        elif kind in letters:
            kind = "literal"
        if text:
            settled.append(Token(kind, text))
    return tuple(settled)


def _around(section: Section) -> tuple[str, str] | None:
    """What a section for text shows before and behind it; None for nothing, or where it hides the text."""
    kinds = [token.kind for token in section.tokens]
    if "at" not in kinds:
        return None
    at = kinds.index("at")
    before, behind = (
        "".join(t.text for t in part if t.kind == "literal") for part in (section.tokens[:at], section.tokens[at:])
    )
    return (before, behind) if before.strip() or behind.strip() else None


def plain_kind(code: str) -> Literal["number", "percent", ""]:
    """Whether a code shows any number as itself or its percentage, only rounded, grouped or padded; empty if not."""
    first, *further = code_of(code).sections
    if first.condition:
        return ""
    if first.is_percent and not further:
        return "percent"
    for section in further:  # which may only say minus, or zero, in another way: red, in brackets, as a dash
        bare = tuple(t for t in section.tokens if t.kind != "literal" or t.text.strip(" -()（）"))
        literal = "".join(token.text for token in section.tokens if token.kind == "literal").strip()
        alike = literal in ("-", "()", "（）") or (not literal and section.coloured)
        if section.condition or not alike or not section._replace(tokens=bare).is_plain:
            return ""
    return "number" if first.is_plain else ""


def number_text(raw: str) -> str | None:
    """A stored number in plain notation with at most 15 significant digits; None when it is not a number."""
    return _number_text(raw) if len(raw) < 40 else _number_text.__wrapped__(raw)


@lru_cache(maxsize=1 << 14)
def _number_text(raw: str) -> str | None:
    if len(raw) <= 16 and _SHORT.fullmatch(raw) and raw != "-0":
        return raw
    if not _NUMBER.fullmatch(raw := raw.strip()):
        return None
    value = Decimal(f"{float(raw):.15g}")
    return (plain(value) if value else "0") if value.is_finite() else None


def percent_text(number: str) -> str:
    """A number text as percent with all its digits: ``0.8619`` → ``86.19%``."""
    return plain(Decimal(number).scaleb(2)) + "%"


def shown(raw: str, code: str, *, from_1904: bool = False) -> Shown:
    """What a stored number shows under a format code; what is no number comes back as ``text``.

    Dates are ISO (``2023-12-31``, with time when the format shows one); a date whose format shows no full date, or
    words of its own, is given as displayed (``1月12日``, ``2023年12月底前``): the hidden year was never the clerk's
    statement.
    """
    return _shown(raw, code, from_1904) if len(raw) < 40 else _shown.__wrapped__(raw, code, from_1904)


@lru_cache(maxsize=1 << 12)
def _shown(raw: str, code: str, from_1904: bool) -> Shown:
    text = number_text(raw)
    if text is None:
        return Shown(raw, "text")
    chosen = code_of(code).of(Decimal(text)) if code else None
    if chosen is None:
        return Shown(text, "number")
    section, unsigned = chosen
    if section.is_date:
        moment = _moment(float(text), from_1904)
        if moment and section.is_mistaken(moment.serial):
            return Shown(text, "number", apart=True)
        return Shown(_date_text(moment, section.tokens), "date") if moment else Shown(text, "number")
    return _drawn_number(text, section, unsigned=unsigned)


def shown_as(kind: str, raw: str, code: str, *, from_1904: bool = False) -> Shown:
    """As `shown`, for a ``number``, a ``bool``, an ``error`` or a ``date`` (ISO 8601); any other kind is text."""
    if kind == "number":
        return shown(raw, code, from_1904=from_1904)
    if kind == "date":
        return shown_iso(raw, code, excel=True)
    if kind == "bool":
        return Shown("TRUE" if raw.strip() in ("1", "true") else "FALSE", "bool")
    return Shown(raw.strip() or "#UNKNOWN!", "error") if kind == "error" else shown_text(raw, code)


def shown_text(text: str, code: str) -> Shown:
    """What a stored text shows under a format code: ``@"万元"`` puts a unit behind it."""
    around = code_of(code).around if text and "@" in code else None
    return Shown(around[0] + text + around[1], "text", text) if around else Shown(text, "text")


def _scaling(tokens: Sequence[Token]) -> int:
    """Commas behind the last digit before the point, or behind the last of all: each shows thousands."""
    count, after = 0, ""
    for at, token in enumerate(tokens):
        if token.kind == "comma":
            coming = next((t.kind for t in tokens[at + 1 :] if t.kind in ("digit", "point")), "")
            count += after in ("digit", "point") and coming != "digit"
        else:
            after = token.kind
    return count


def _drawn_number(number: str, section: Section, *, unsigned: bool) -> Shown:
    """A number under a section for numbers, with all its digits."""
    drawing = section.drawing
    if drawing is None:  # its words, or nothing at all, stand for the number
        text = _literals(section.tokens).strip()
        if number == "0" and _DASHES.fullmatch(text) and text:
            return Shown(number, "number")  # a dash is how accounts write zero
        return Shown(text or number, "number", number if text else "", apart=True)
    value = Decimal(number).scaleb(drawing.power)
    negative, value = value < 0, abs(value)
    figure = _among(value, drawing.places) if drawing.among else plain(value).zfill(drawing.zeros)
    before, behind = drawing.before, drawing.behind
    if drawing.dashed and value == 0:
        before = behind = ""  # a dash is how accounts write zero
    elif negative and unsigned:  # the section has taken the sign: brackets and red say minus
        left, right = before.lstrip(), behind.rstrip()
        if left[:1] in ("(", "（") and right[-1:] in (")", "）"):
            before, behind = left[1:], right[:-1]
        else:
            negative = section.coloured and not _MINUS.search(before)
    text = (("-" if negative else "") + before + figure + behind).strip()
    kind: Stored = "percent" if drawing.percents else "number"
    bare = "".join(text.split())
    if bare == number or (drawing.percents and bare == percent_text(number)):
        return Shown(bare, kind)
    return Shown(text, kind, number, not _says(text, number, percents=drawing.percents))


def _drawing(tokens: Sequence[Token]) -> Drawing | None:
    """How a section for numbers draws them; None where it has no place for one."""
    tokens, hidden = _without_hidden_percent(tokens)
    percents = sum(token.kind == "percent" for token in tokens)
    power = 2 * (percents + hidden) - 3 * _scaling(tokens)
    kinds = [token.kind for token in tokens]
    at = [k for k, kind in enumerate(kinds) if kind in ("digit", "point", "general", "at")]
    if not at:
        return None
    before, behind = _literals(tokens[: at[0]]), _literals(tokens[at[-1] + 1 :])
    if not {"exponent", "slash", "general", "at"}.isdisjoint(kinds):
        return Drawing(before, behind, power, percents, (), among=False, zeros=0, dashed=False)
    places = tuple(tokens[at[0] : at[-1] + 1])
    texts = [k for k, token in enumerate(places) if token.kind == "literal" and token.text.strip(" ,，")]
    zeros = sum(token == ("digit", "0") for token in places)
    dashed = not zeros and bool(before + behind) and _DASHES.fullmatch((before + behind).strip()) is not None
    pointed = [places[k].text for k in texts] in (["."], ["．"]) and "point" not in kinds
    if pointed:
        power -= sum(token.kind == "digit" for token in places[texts[0] :])
    # 16 under 0"00" is 1600: what stands beside the digits belongs to them.
    among = bool(texts and not pointed) or _DIGIT.search(before[-1:] + behind[:1]) is not None
    zeros = zeros if zeros > 1 and not pointed and "point" not in kinds else 0
    return Drawing(before, behind, power, percents, places, among, zeros, dashed)


def _without_hidden_percent(tokens: Sequence[Token]) -> tuple[Sequence[Token], int]:
    """The tokens of the first line, and the percents of a second that begins with one: nobody sees it (Ctrl+J)."""
    at = next((k for k, token in enumerate(tokens) if token.kind == "literal" and "\n" in token.text), None)
    if at is None:
        return tokens, 0
    shown, _, rest = tokens[at].text.partition("\n")
    hidden = [token for token in tokens[at + 1 :] if token.kind != "literal" or token.text.strip()]
    if rest.strip() or not hidden or hidden[0].kind != "percent" or any(token.kind == "digit" for token in hidden):
        return tokens, 0
    return [*tokens[:at], Token("literal", shown)], sum(token.kind == "percent" for token in hidden)


def _literals(tokens: Iterable[Token]) -> str:
    text = "".join(token.text for token in tokens if token.kind in ("literal", "percent"))
    return text if text.strip() else ""


def _among(value: Decimal, tokens: Sequence[Token]) -> str:
    """Digits put into places with text among them: 202312 under ``0000"年"00"月"`` is 2023年12月."""
    kinds = [token.kind for token in tokens]
    point = kinds.index("point") if "point" in kinds else len(tokens)
    wide = kinds[point:].count("digit")
    digits = format(_rounded(value, wide), "f").replace(".", "")
    places = [k for k, kind in enumerate(kinds) if kind == "digit"]
    digits = digits.rjust(len(places), "\0")
    pieces: list[str] = []
    for at, token in enumerate(tokens):
        if token.kind == "digit":
            take = len(digits) - len(places) + 1 if at == places[0] else 1
            piece, digits, places = digits[:take], digits[take:], places[1:]
            pieces.append(piece.replace("\0", "0" if token.text == "0" else ""))
        elif token.kind in ("literal", "point"):
            pieces.append(token.text)
    return "".join(pieces)


def _says(text: str, number: str, *, percents: int) -> bool:
    """Whether the number (or its percentage) stands in a text as a number of its own, with its sign."""
    value = Decimal(number).scaleb(2 * min(percents, 1))
    for match in _RUN.finditer(text):
        run = match[0].replace("．", ".")
        if run.count(".") <= 1 and Decimal(run) == abs(value):
            return (value < 0) == ("-" in text[: match.start()])
    return False


def beside(displayed: str, number: str) -> Shown:
    """A number (in plain notation) beside the text that a page shows for it: the text, with all digits of the number.

    The text decides sign, unit and scale: 168100 shown as 16.8万元 is 16.81万元. Where no power of ten brings the two
    together but for rounding, the text stands.
    """
    displayed = _HIDDEN.sub("", displayed).strip()
    found = list(_GROUPED.finditer(displayed))
    if not displayed:
        return Shown(number, "number")
    if len(found) != 1:
        return Shown(displayed, "text", number, apart=True)
    before, behind = displayed[: found[0].start()], displayed[found[0].end() :]
    run, value = found[0][0].replace(",", ""), Decimal(number)
    figures = len(run.replace(".", "").lstrip("0"))
    if figures > _SURE_DIGITS and number_text(run) == plain(abs(value)):
        return Shown(displayed, "text")
    if value < 0 and before[-1:] in "(（-－−":
        before, behind = before[:-1] + "-", behind.lstrip(")）") if before[-1:] in "(（" else behind
    for power in (2,) if behind.startswith(("%", "％")) else _POWERS:
        scaled = abs(value).scaleb(power)
        rounded = _rounded(scaled, len(run.partition(".")[2]))
        if rounded == Decimal(run) and (power in (0, 2) or figures > 1):
            text = before + plain(scaled) + behind
            if text == number or (power == 2 and behind == "%" and before in ("", "-")):
                return Shown(text, "number" if text == number else "percent")
            return Shown(text, "text", number, power not in (0, 2))
    if behind.startswith(("%", "％")) and Decimal(run) == abs(value):
        return Shown(displayed, "text", number)
    return Shown(displayed, "text", number, apart=True)


def agrees(text: str, displayed: str) -> bool:
    """Whether a text drawn from a number says what a page displays for it, but for rounding and ways of writing.

    Chinese numerals, fractions and powers of ten say the same in another way and are not compared.
    """
    displayed = _HIDDEN.sub("", displayed)
    added = {character for character in displayed if character.isalpha() or character in "%‰"}
    if added.difference(text, "Ee", _NUMERALS):
        return False
    drawn, there = ([run.replace(",", "") for run in _GROUPED.findall(part)] for part in (text, displayed))
    return len(drawn) != len(there) or all(
        _rounded(Decimal(ours), len(theirs.partition(".")[2])) == Decimal(theirs)
        for ours, theirs in zip(drawn, there, strict=True)
    )


def _rounded(value: Decimal, places: int) -> Decimal:
    """Rounded half up, however large."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, context=_WIDE)


def shown_iso(raw: str, code: str, *, excel: bool = False) -> Shown:
    """As `shown`, for ISO 8601 text (``t="d"``, OpenDocument, SpreadsheetML 2003); `excel` has a 29 February 1900."""
    try:
        moment = datetime.fromisoformat(raw.strip().removesuffix("Z")).replace(tzinfo=None)
    except ValueError:
        return Shown(raw, "date" if re.fullmatch(r"\d\d:\d\d(:\d\d(\.\d+)?)?", raw) else "text")
    serial = (moment - datetime(1899, 12, 31 if excel and moment < datetime(1900, 3, 1) else 30)) / timedelta(1)
    if not code_of(code).sections[0].is_date:
        code = "yyyy-mm-dd" if serial.is_integer() else "yyyy-mm-dd h"
    return shown(repr(serial), code) if serial >= 0 else Shown(raw, "date")


def _moment(serial: float, from_1904: bool) -> Moment | None:
    """Serial date number → calendar, with Excel's 1900-01-00 and 1900-02-29; None outside Excel's range."""
    if not 0 <= serial < _LAST_SERIAL:
        return None
    days, seconds = divmod(round(serial * _DAY), _DAY)
    days += 1462 if from_1904 else 0
    if days >= _LAST_SERIAL:
        return None
    if days in (0, 60):
        return Moment(1900, 1 if days == 0 else 2, 0 if days == 0 else 29, 6, seconds, serial)
    day = date(1899, 12, 30 if days > 60 else 31) + timedelta(days=days)
    return Moment(day.year, day.month, day.day, day.weekday(), seconds, serial)


def _date_text(moment: Moment, tokens: Sequence[Token]) -> str:
    """Text of a moment: ISO when the format shows year, month and day and no words, else drawn as the format says."""
    letters = {_letter(token) for token in tokens}
    hour, rest = divmod(moment.seconds, 3600)
    if letters & {"y", "e"} and {"m", "d"} <= letters and OF_DATES.fullmatch(_literals(tokens)):
        day = f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
        clock = f" {hour:02}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")
        return day + (clock if "h" in letters else "")
    halves = any(token.kind == "half" for token in tokens)
    return "".join(_drawn(tokens, at, moment, halves) for at in range(len(tokens))).strip()


def _letter(token: Token) -> str:
    """First letter of a date code, lower case; empty for anything else."""
    return token.text[:1].lower() if token.kind in ("code", "elapsed") else ""


def _drawn(tokens: Sequence[Token], index: int, moment: Moment, halves: bool) -> str:
    kind, text = tokens[index]
    if kind == "half":
        morning, afternoon = text.split("/")
        return afternoon if moment.seconds >= _DAY // 2 else morning
    if kind == "elapsed":
        unit = {"h": 3600, "m": 60, "s": 1}[text[0].lower()]
        return str(round(moment.serial * _DAY) // unit).zfill(len(text))
    if kind != "code":
        return "" if kind == "part" else text
    code = text.lower()
    if code[0] == "m":  # next to hours before or seconds after it is minutes, not a month
        before = next(filter(None, map(_letter, reversed(tokens[:index]))), "")
        after = next(filter(None, map(_letter, tokens[index + 1 :])), "")
        if before == "h" or after == "s":
            return str(moment.seconds % 3600 // 60).zfill(min(len(code), 2))
    letter, wide, hour = code[0], len(code), moment.seconds // 3600
    if letter in "ye":
        return f"{moment.year % 100:02}" if letter == "y" and wide < 3 else str(moment.year)
    if letter == "h":
        return str((hour % 12 or 12) if halves else hour).zfill(min(wide, 2))
    if letter == "s":
        return str(moment.seconds % 60).zfill(min(wide, 2))
    if letter == "m":
        name: str = DATA["months"][moment.month - 1]
        return {1: str(moment.month), 2: f"{moment.month:02}", 3: name[:3], 5: name[0]}.get(wide, name)
    if letter == "a":
        return ("星期" if wide > 3 else "") + "一二三四五六日"[moment.weekday]
    if wide < 3:
        return str(moment.day).zfill(wide)
    return str(DATA["days"][moment.weekday][: 3 if wide == 3 else None])
