"""OCR and conversion damage: refuse, never guess (NOTATIONS.md section 13)."""

import re
from decimal import Decimal

from perfbatch.decimals import plain
from perfbatch.notation.reading import DAMAGE, Reading
from perfbatch.notation.signs import SIGNS
from perfbatch.notation.words import WORDS

_D = WORDS["damage"]
_LOW, _HIGH = (Decimal(bound) for bound in _D["plausible_percent"])
_STRAY = re.escape(_D["stray_characters"])
_SIGN = SIGNS.pattern
_LETTERS = re.compile(
    rf"^(?:{_SIGN})?(?:[IlO|]{{2,}}|[0-9.,]*[IlO][0-9.,IlO]*[0-9][0-9.,IlO]*|[0-9.,]*[0-9][0-9.,]*[IO][0-9.,IlO]*)%?$"
)
_TRIGGERS = (  # of texts with digits, in the order in which they are tried
    (re.compile(rf"^[{re.escape(''.join(_D['misread_signs']))}]-?[0-9]"), "首字可能是被误认的“≥”或“≤”"),
    (re.compile(rf"^(?:{_SIGN})?[0-9](?:[0-9.,]*[0-9])?%?{_SIGN}[0-9]"), "数字中间夹有符号"),
    (re.compile(r"[0-9]%[0-9]"), "疑似多个单元格内容连在一起"),
    (re.compile(rf"[{_STRAY}][0-9]|[0-9][{_STRAY}]"), "含有数字书写以外的字符"),
    # a point without a digit before or after it; of M.8万元 what stood for the digit is lost
    (re.compile(rf"^(?:{_SIGN})?-?\.[0-9]|[0-9][.,]$|(?<![A-Za-z])[A-Za-z]\.[0-9]"), "小数点前后缺少数字"),
    (re.compile(f"[{_D['traditional']}]"), "含繁体字，表格可能错位"),
)
_BROKEN = re.compile("|".join(map(re.escape, _D["broken"])))
_DIGIT = re.compile("[0-9]")


def is_damaged(reading: Reading) -> bool:
    """Whether the reading was refused for an OCR or conversion trigger (`ocr_max_triggers` counts them)."""
    return any(note.startswith(DAMAGE) for note in reading.notes)


def in_text(text: str) -> str:
    """Reason why the folded text itself is damaged, else ''."""
    if _BROKEN.search(text):
        return f"{DAMAGE}文字乱码"
    if _LETTERS.match(text):
        return f"{DAMAGE}“{text}”用字母代替数字"
    if not _DIGIT.search(text):
        return ""
    return next((f"{DAMAGE}“{text}”{told}" for trigger, told in _TRIGGERS if trigger.search(text)), "")


def in_percent(value: Decimal, points: Decimal | None) -> str:
    """Reason why an unsigned percentage above 100 may be a misread sign or glued points, else ''."""
    digits = plain(value)
    if value <= _HIGH:
        return ""
    head, readings = plain(points), [f"{digits}%"]
    tails = [(digits[1:], "≥")] if digits[0] == "2" else []
    if head and digits.startswith(head):
        rest = digits[len(head) :]
        tails += [(rest, f"分值{head}与"), (rest[1:] if rest[:1] == "2" else "", f"分值{head}与≥")]
    for tail, prefix in tails:  # what is left must read as a percentage from 10 to 100
        if tail[:1] not in ("", "0", ".") and _LOW <= Decimal(tail) <= _HIGH:
            readings.append(f"{prefix}{tail}%")
    return f"{DAMAGE}“{digits}%”可能是{'、'.join(readings)}" if len(readings) > 1 else ""


def run_together(value: Decimal) -> str:
    """Reason why a percentage has too many digits to be one figure, else ''."""
    digits = plain(value).lstrip("-").split(".")[0]
    half = digits[: len(digits) // 2]
    if len(digits) >= _D["percent_digits"] or (len(half) > 1 and half * 2 == digits):
        return f"{DAMAGE}“{digits}%”疑似多个单元格内容连在一起"
    return ""


def glued(value: Decimal, points: Decimal | None) -> Decimal | None:
    """What is left of a count after the row's points in front of it, if that is a plausible figure."""
    if points is None or points <= 0:
        return None
    digits, head = plain(value), plain(points)
    rest = digits[len(head) :]
    if not digits.startswith(head) or not rest or rest[0] in "0.":
        return None
    return Decimal(rest) if len(rest.split(".")[0]) >= _D["tail_digits"] else None


def glued_note(value: Decimal, rest: Decimal, points: Decimal) -> str:
    """The two readings of a count that starts with the row's points."""
    return f"{DAMAGE}“{plain(value)}”可能是分值{plain(points)}与{plain(rest)}连在一起"


def lost_zeros(target: Decimal, actual: Decimal) -> str:
    """Reason why a target may have lost zeros or its point against its equal-looking actual, else ''."""
    if target <= 0 or actual not in (target * 10, target * 100):
        return ""
    significant = plain(target).replace(".", "").strip("0")
    if len(significant) < _D["lost_zero_digits"]:
        return ""
    return f"{DAMAGE}目标值{plain(target)}与完成值{plain(actual)}数字相同而位数不同，可能丢失零或小数点"
