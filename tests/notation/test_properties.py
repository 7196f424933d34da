"""What must hold for every text: no exception, nothing guessed, nothing lost; and writing then reading a value."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter

from hypothesis import given, settings
from hypothesis import strategies as st

from perfbatch.notation import (
    Around,
    Reading,
    compare,
    fold,
    is_nil,
    is_template,
    label_hint,
    on_time,
    read_actual,
    read_money,
    read_points,
    read_rate,
    read_target,
)
from perfbatch.notation.words import UNITS, WORDS

relaxed = settings(deadline=None)  # a busy machine is no failure
SIGNS = [(sign, op) for op in ("ge", "gt", "le", "lt", "eq") for sign in WORDS["written_signs"][op]]
SIGN_WORDS = [(word, op) for op in ("ge", "gt", "le", "lt", "eq") for word in WORDS["sign_words"][op]]
COUNTED = sorted(set(UNITS["counts"]["words"]) - {"年", "度", "分", "成", "字", "级", "里"} - set(UNITS["aliases"]))
# characters that cells are made of, so that random texts meet the grammar and its edges
CELL = (
    "0123456789０９.,，%％‰≥≤＞<=≧═~-—－至±^$:/、；。 \u00a0\n年月日前底季度每万亿元个次人户率"
    "达到约以上内不超过少于完成无三十二〓（）()**IOl"
)
texts = st.one_of(st.text(max_size=40), st.text(alphabet=CELL, max_size=14))
names = st.sampled_from(
    ["", "合格率", "采购成本", "完成时间", "重大事故数", "公猪舍(≥**平方米)", "任务完成率", "培训人数(人)"]
)
around = st.fixed_dictionaries(
    {
        "name": names, "unit": st.sampled_from(["", "%", "万元", "个", "年", "元/人", "？"]),
        "stored": st.sampled_from(["text", "number", "percent", "date", "bool", "error", "empty"]),
        "year": st.sampled_from([None, 2023]), "points": st.sampled_from([None, Decimal(8), Decimal("12.5")]),
        "number_format": st.sampled_from(["", "0.00%", "yyyy-mm-dd", 'm"月"d"日"']),
    }
)  # fmt: skip
figures = st.decimals(min_value=0, max_value=99_999_999, places=2, allow_nan=False).map(lambda value: value.normalize())


def assert_consistent(reading: Reading, raw: str) -> None:
    """Fields that belong together."""
    assert reading.raw == raw
    assert (reading.status == "ok") or reading.notes
    if reading.status == "ambiguous":
        assert (reading.value, reading.value2, reading.date_from, reading.date_to) == (None,) * 4
    elif reading.kind == "quantitative" and reading.status != "multiple":
        assert reading.value is not None
    elif reading.kind != "quantitative":
        assert reading.value is None
    assert (reading.op == "range") == (reading.value2 is not None)
    if reading.value2 is not None:
        assert reading.value is not None
        assert reading.value < reading.value2
    if reading.kind == "date" and reading.status != "ambiguous":
        assert reading.date_to is not None
        assert reading.date_from is None or reading.date_from <= reading.date_to


@settings(max_examples=600, deadline=None)
@given(target_text=texts, actual_text=texts, sign=st.sampled_from(["", "≥", "1", "定性", "9", "¤"]), row=around)
def test_any_text_is_read_without_an_exception(target_text: str, actual_text: str, sign: str, row: dict) -> None:
    """Bad data is a value: raw text verbatim, no exception, no value where the reading is refused."""
    target = read_target(target_text, Around(sign=sign, **row))
    actual = read_actual(actual_text, target, Around(**row))
    assert_consistent(target, target_text)
    assert_consistent(actual, actual_text)
    result = compare(target, actual)
    assert (result.target is None) == (result.actual is None)
    if result.state in {"dimension", "none"}:
        assert result.target is None
        assert result.note
    assert on_time(target, actual) in {True, False, None}


@settings(max_examples=400, deadline=None)
@given(text=texts, heading=st.sampled_from(["", "元", "万元", "亿元", "平方米"]), stored=around)
def test_any_text_of_the_fund_block_is_read(text: str, heading: str, stored: dict) -> None:
    """Amounts, rates and points: a figure or a reason."""
    money = read_money(text, heading, stored=stored["stored"])
    assert (money.value is not None) == (money.status in {"ok", "assumed"})
    assert money.note or money.status != "ambiguous"
    rate, form = read_rate(text, stored=stored["stored"], proof=Decimal("0.5"))
    assert rate is None or form in {"percent", "bare", "fraction"}
    points = read_points(text, stored=stored["stored"])
    assert points is None or points.is_finite()
    assert not (is_nil(text) and points is not None)
    is_template(text)
    label_hint(text)


@relaxed
@given(text=st.text(max_size=60))
def test_fold_is_idempotent(text: str) -> None:
    """Folding twice changes nothing, and no blank survives."""
    once = fold(text)
    assert fold(once) == once
    assert not any(char.isspace() for char in once)


def wide(text: str) -> str:
    """ASCII in full width."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


FIELDS = attrgetter("kind", "status", "op", "value", "value2", "unit", "date_from", "date_to")


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="0123456789.,%≥≤><=万元个次年月日前底约以上-至", max_size=10))
def test_width_does_not_matter(text: str) -> None:
    """Full-width typing gives the same reading."""
    assert FIELDS(read_target(text, Around(year=2023))) == FIELDS(read_target(wide(text), Around(year=2023)))


def written(value: Decimal, *, grouped: bool) -> str:
    """Figure as a clerk writes it."""
    return f"{value:,f}" if grouped else f"{value:f}"


@settings(max_examples=500, deadline=None)
@given(
    sign=st.sampled_from(SIGNS), value=figures, unit=st.sampled_from(["", "%", "‰", *COUNTED]),
    scale=st.sampled_from(["", "万", "亿"]), grouped=st.booleans(), gap=st.sampled_from(["", " ", "\u3000"]),
    full=st.booleans(),
)  # fmt: skip
def test_a_signed_value_is_read_back(
    sign: tuple[str, str], value: Decimal, unit: str, scale: str, grouped: bool, gap: str, full: bool
) -> None:
    """Sign × figure × scale × unit × width × blanks: written, then read, the same."""
    if unit in {"%", "‰", ""}:
        scale = ""
    if unit == "%" and value >= 10_000:  # as many digits as that are run-together cells (section 13)
        value = value % 10_000
        if len(str(int(value))) == 4 and str(int(value))[:2] == str(int(value))[2:]:
            value = Decimal(1234)
    text = f"{sign[0]}{gap}{written(value, grouped=grouped)}{gap}{scale}{unit}"
    reading = read_target(wide(text) if full else text)
    if unit == "%" and value >= 1000 and str(int(value))[:2] == str(int(value))[2:]:
        assert reading.status == "ambiguous"
        return
    assert (reading.kind, reading.status, reading.op) == ("quantitative", "ok", sign[1]), reading.notes
    assert reading.value == value
    assert reading.unit == scale + UNITS_AS_READ.get(unit, unit)


UNITS_AS_READ = {alias: unit for unit, aliases in UNITS["aliases"].items() for alias in aliases}


@relaxed
@given(word=st.sampled_from(SIGN_WORDS), value=st.integers(1, 9999), unit=st.sampled_from(["个", "%", "万元", "人次"]))
def test_a_sign_word_is_read_back(word: tuple[str, str], value: int, unit: str) -> None:
    """Every sign word of the table gives its operator."""
    if unit == "%":
        value = value % 100 + 1
    reading = read_target(f"{word[0]}{value}{unit}")
    assert (reading.kind, reading.op, reading.value, reading.unit) == ("quantitative", word[1], value, unit)


CONVERSIONS = [
    ("万元", "元", 10**4), ("亿元", "万元", 10**4), ("吨", "公斤", 1000), ("吨", "斤", 2000), ("公斤", "斤", 2),
    ("公顷", "亩", 15), ("公里", "米", 1000), ("年", "个月", 12), ("%", "‰", 10), ("万人", "人", 10**4),
    ("万元/人", "元/人", 10**4),
]  # fmt: skip


@relaxed
@given(value=figures, pair=st.sampled_from(CONVERSIONS))
def test_conversion_is_exact(value: Decimal, pair: tuple[str, str, int]) -> None:
    """The same amount in two units compares equal to the last digit."""
    large, small, factor = pair
    if large in {"%", "年"}:
        value = value % 1000
    target = read_target(f"≥{value:f}{large}")
    actual = read_actual(f"{value * factor:f}{small}", target, Around(name="增长率"))
    result = compare(target, actual)
    assert result.state == "yes", (target, actual, result)
    assert result.target == result.actual == value * factor


@relaxed
@given(value=figures)
def test_an_amount_is_the_same_in_every_unit(value: Decimal) -> None:
    """元, 万元 and 亿元, in the heading or in the cell, give the same 万元."""
    exact = value.scaleb(-4)
    assert read_money(f"{value:f}", "元").value == exact
    assert read_money(f"{value:,f}元", "万元").value == exact
    assert read_money(f"{exact:f}", "万元").value == exact
    assert read_money(f"{exact.scaleb(-4):f}亿元", "").value == exact


@relaxed
@given(text=st.text(alphabet="0123456789.,%≥≤=万元个次约以上", min_size=1, max_size=8))
def test_the_same_text_on_both_sides_compares_equal(text: str) -> None:
    """Whatever a value means, it means the same as target and as actual."""
    target = read_target(text)
    result = compare(target, read_actual(text, target))
    if result.state in {"yes", "assumed"} and target.op != "range":
        assert result.target == result.actual


@relaxed
@given(due=st.dates(date(2000, 1, 1), date(2090, 1, 1)), late=st.integers(-400, 400))
def test_a_day_is_on_time_until_the_deadline(due: date, late: int) -> None:
    """A deadline by day, in either spelling, is missed from the next day on."""
    done = due + timedelta(days=late)
    target = read_target(f"{due.year}年{due.month}月{due.day}日前")
    assert on_time(target, read_actual(done.isoformat(), target)) is (late <= 0)
    assert on_time(target, read_actual(f"{done.year}年{done.month}月{done.day}日完成", target)) is (late <= 0)
