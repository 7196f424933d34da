"""The words of the forms: loading, header matching, level names, codes before names."""

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache, lru_cache, reduce
from itertools import product
from operator import getitem
from typing import Any, NamedTuple, cast

from perfbatch.config import CONFIG_NAME, keys
from perfbatch.errors import UsageError
from perfbatch.messages import expect, expect_key, nearest, shipped
from perfbatch.notation import fold

_FOOTNOTE = re.compile(r"[*※①-⑳★☆]+")
_BRACKETED_TAIL = re.compile(r"\([^()]*\)$")
_POINTS_IN_HEADER = re.compile(r"\(?(\d+(?:\.\d+)?)分(?:\*[^()]*)?\)?$")
_POINTS_FIRST = re.compile(r"\([^\d得]*(\d+(?:\.\d+)?)分(?:\)\([万亿千百]?元|[^()\d]+\d+(?:\.\d+)?分?)\)$")
_STATED = re.compile(r"\s*([^:：]{2,24}?)\s*[:：]")
_AMOUNT = re.compile(
    r"\s*((?:其中\s*[:：])?[^:：\d]{2,20}?)\s*[:：]\s*([-－¥￥]?\d[\d,，.]*\s*(?:亿元|万元|千元|元|%|％)?)\s*"
)
_NUMBER_OR_WORDS = re.compile(r"^\s*\d{1,2}[.．、](?!\d)|[（(]大写[^()（）]*[)）]")  # 1．预算数：3元（大写：叁元整）
_BETWEEN = "；;，,、。 \u3000"  # what may stand between the amounts of a line
_LONGEST_SOURCE = 24
_MONEY_TAIL = re.compile(r"[\s（(]+单位\s*[:：]\s*[百千万亿]*元[)）]?\s*$")  # 填报单位：甲局    单位：万元
_FURTHER = re.compile(r"[\s，,、/／|｜；;。]+([^\s:：，,、/／|｜；;。]{2,16})\s*[:：]")  # 项目名称：甲，主管部门：乙
# 2023年预算数（万元）; 2022年结余资金 is what a source or a project is called
_YEAR = re.compile(r"^20\d\d年度?(?=\D*(?:数|值|率|额|预算|执行|目标|情况)(?:\(.*\))?$)")
_MONTHS = re.compile(r"^(?:截至)?(?:1[-—–~至到])?1?\d月(?:份|底)?")  # 1—7月执行数
_ORDINAL = re.compile(r"(?<=指标)(?:\d{1,2}|[一二三四五六七八九十]{1,2}(?=[名目完分得实计单权内符]))")  # 指标1名称
_SECTION_NUMBER = re.compile(r"^(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十]+\)|\d+[.、])")


@dataclass(frozen=True, eq=False)  # compared by identity, so that the caches below can key on it
class Vocabulary:
    """Header words by block, each folded; `raw` keeps the document for the rarer tables."""

    blocks: Mapping[str, dict[str, str]]
    levels: Mapping[str, Mapping[str, str]]
    raw: Mapping[str, Any]
    families: tuple[Mapping[str, Any], ...]

    def match(self, text: str, block: str) -> str | None:
        """Field of `block` that a header text names, or None. Tails in brackets are dropped one by one."""
        words = self.blocks[block]
        return next((words[form] for form in header_forms(text) if form in words), None)

    def like(self, header: str, block: str) -> str:
        """Field of a column by what its header contains, where no word names it: 预算执行偏差说明; empty for none."""
        patterns = self.raw["like"]["indicator" if "indicator" in block else "fund"].items()
        return next((name for name, pattern in patterns if re.search(pattern, fold(header))), "")

    def level(self, text: str, which: str) -> str | None:
        """Canonical level name (``产出指标``), or None when the name is unknown."""
        return self.levels[which].get(level_key(text))

    def nearest(self, text: Iterable[str], block: str, field: str) -> list[str]:
        """Texts on the sheet that look most like the words of `field`, best first (at most three)."""
        wanted = [word for word, name in self.blocks[block].items() if name == field]
        texts = [t for t in set(text) if 1 < len(t) <= 20]
        scored = [(-max(difflib.SequenceMatcher(None, fold(t), w).ratio() for w in wanted), t) for t in texts]
        return [t for ratio, t in sorted(scored)[:3] if ratio <= -0.5]

    def nearest_word(self, text: str, block: str = "") -> str:
        """The known word of `block` (of any block without one) that a header looks most like, empty where none does."""
        blocks = [block] if block else ["head", "fund", "indicator"]
        known = dict.fromkeys(word for name in blocks for word in self.blocks[name] if ">" not in word)
        return next(iter(nearest(fold(text), known, likeness=0.5)), "")

    def names_a_sum(self, text: str) -> bool:
        """Whether a name says that its row adds up others: 产出指标小计, 小计（柳溪镇卫生院）."""
        folded, sums = fold(text).rstrip(":"), tuple(self.words("total_rows", "sums"))
        begins = folded.startswith(sums) and folded.startswith(tuple(f"{word}{sign}" for word in sums for sign in "(:"))
        return begins or folded.endswith(sums)

    def family(self, name: str) -> Mapping[str, Any]:
        """What `families.toml` (or the user) says of a family, empty for none of that id."""
        return next((entry for entry in self.families if entry["id"] == name), {})

    def family_with(self, trait: str) -> str:
        """The first family whose forms are so: ``project_list``, ``indicator_list``."""
        return next(str(entry["id"]) for entry in self.families if trait in entry.get("traits", ()))

    @cache  # noqa: B019 - a vocabulary lives as long as the program
    def words(self, *path: str) -> frozenset[str]:
        """Folded words of a plain list in the document."""
        found: Any = reduce(getitem, path, self.raw)
        return frozenset(map(fold, found))

    @cache  # noqa: B019
    def patterns(self, *path: str) -> tuple[re.Pattern[str], ...]:
        """Patterns of a plain list in the document, of one alone too."""
        found: Any = reduce(getitem, path, self.raw)
        return tuple(map(re.compile, [found] if isinstance(found, str) else found))


@lru_cache(maxsize=20_000)
def header_forms(text: str) -> tuple[str, ...]:
    """Spellings under which a header may be known: folded, without section number, footnote and bracket tails."""
    folded = _FOOTNOTE.sub("", fold(text)).rstrip(":").rstrip("。")
    forms = [folded]
    if "月" in folded and (months := _MONTHS.sub("n月", folded)) != folded:
        forms.append(months)
    if "指标" in folded and (plain := _ORDINAL.sub("", folded)) != folded:
        forms += filter(None, (plain, plain.removeprefix("指标")))  # 指标1偏差原因
    if (shorter := _SECTION_NUMBER.sub("", folded)) != folded:
        forms.append(shorter)
    if (undated := _YEAR.sub("", shorter)) != shorter:
        forms.append(shorter := undated)
    while (cut := _BRACKETED_TAIL.sub("", shorter).rstrip(":")) != shorter and cut:
        forms.append(cut)
        shorter = cut
    bare = _POINTS_IN_HEADER.sub("", shorter)
    return (*forms, bare) if bare and bare != shorter else tuple(forms)


def is_numbered(text: str) -> bool:
    """Whether a header counts its indicator (指标1名称)."""
    return _ORDINAL.search(fold(text)) is not None


def stated(vocabulary: Vocabulary, text: str) -> tuple[tuple[str, str], ...]:
    """Head fields whose value stands in the very cell: ``项目名称：甲 主管部门：乙`` → both with their values."""
    text = _MONEY_TAIL.sub("", text)
    start = _STATED.match(text)
    name = vocabulary.match(start[1], "head") if start else None
    if start is None or name is None:
        return ()
    found, rest = [], text[start.end() :]
    while name is not None:
        following = ((m, vocabulary.match(m[1], "head")) for m in _FURTHER.finditer(rest))
        further, after = next(((m, field) for m, field in following if field), (None, None))
        found.append((name, (rest[: further.start()] if further else rest).strip()))
        name, rest = after, rest[further.end() :] if further else ""
    return tuple(found)


class Amount(NamedTuple):
    """A label and its figure that share a cell: ``预算数：16.81`` → the label's text, its field, the figure.

    `field` is a stage of the money or an attribute of the line, empty where the label only names a source.
    """

    label: str
    field: str
    figure: str


@lru_cache(maxsize=4096)
def stated_amounts(vocabulary: Vocabulary, text: str) -> tuple[Amount, ...]:
    """The labels and amounts that stand together in a cell of a fund block, one or a line of them; else none."""
    found, end = [], 0
    text = _NUMBER_OR_WORDS.sub("", text)
    for piece in _AMOUNT.finditer(text) if ":" in text or "：" in text else ():
        label, figure = piece[1].strip(_BETWEEN), piece[2].rstrip(_BETWEEN)
        name = vocabulary.match(label, "fund") or vocabulary.match(label, "fund_groups") or ""
        if piece.start() != end or not (name or names_source(vocabulary, label)):
            return ()
        found.append(Amount(label, name, figure))
        end = piece.end()
    return () if text[end:].strip(_BETWEEN) else tuple(found)


@lru_cache(maxsize=4096)
def names_source(vocabulary: Vocabulary, text: str) -> bool:
    """Whether a text is what a source of money is called (其中：财政资金, 上年结转, 合计)."""
    folded = fold(text).rstrip(":")
    if not folded or len(folded) > _LONGEST_SOURCE or any(char.isdigit() for char in folded):
        return False
    return is_total_source(vocabulary, text) or re.search(vocabulary.raw["fund_rules"]["source"], folded) is not None


@lru_cache(maxsize=4096)
def is_total_source(vocabulary: Vocabulary, text: str) -> bool:
    """Whether a text names the sum of all sources (年度资金总额)."""
    totals = vocabulary.words("fund_rows", "total")
    return any(form in totals for form in header_forms(text))


@lru_cache(maxsize=4096)
def source_key(vocabulary: Vocabulary, text: str) -> str:
    """A source as it is compared: without 其中, blanks and colons."""
    return re.sub(vocabulary.raw["fund_rules"]["prefix"], "", fold(text)).rstrip(":")


@lru_cache(maxsize=4096)
def level_key(text: str) -> str:
    """Level text without points, numbering and 等: ``产出指标(50分)`` → ``产出指标``."""
    return header_forms(text)[-1].removesuffix("等")


@lru_cache(maxsize=4096)
def printed_points(text: str) -> str:
    """Points printed in a level or section header, as text: ``产出指标(50分)`` → ``50``, else empty."""
    folded = fold(text).rstrip(":")
    found = _POINTS_FIRST.search(folded) or _POINTS_IN_HEADER.search(folded)
    return found.group(1) if found else ""


@cache
def meanings(vocabulary: Vocabulary) -> Mapping[str, Mapping[str, str]]:
    """Folded word → its field in each block that knows it."""
    table: dict[str, dict[str, str]] = {}
    for block, words in vocabulary.blocks.items():
        for word, name in words.items():
            table.setdefault(word, {})[block] = name
    return table


def inverted(table: Mapping[str, list[str]]) -> dict[str, str]:
    """Folded word → its name in a table of words by name; ``{年初|年度|}值`` stands for 年初值, 年度值 and 值."""
    words = [(name, re.split("[{}]", word)) for name, some in table.items() for word in some]
    found: dict[str, str] = {}
    for name, parts in sorted(words, key=lambda word: len(word[1])):  # what is written in full is sure of its name
        for one in product(*(part.split("|") for part in parts)):
            found.setdefault(fold("".join(one)), name)
    return found


_BLOCKS = ("head", "fund", "indicator", "listing", "fund_groups")  # to which a user may add words
PROJECT_COLUMNS, INDICATOR_COLUMNS = "project_columns", "indicator_columns"  # the same words as columns of a list


def load(synonyms: Mapping[str, Any] | None = None, layouts: Sequence[Mapping[str, Any]] = ()) -> Vocabulary:
    """The shipped vocabulary, with a user's own synonyms (``{block: {field: [words]}}``) and layouts.

    A user's layout is tried before the shipped ones. Raises UsageError naming an unknown block, field or key.
    """
    if not synonyms and not layouts:
        return _shipped()
    document = _document()
    for block, name, words in _word_lists(synonyms or {}, document, "synonyms"):
        document[block][name].extend(words)
    document["family"] = [*(_checked(entry, document) for entry in layouts), *document["family"]]
    return _build(document)


@cache
def special(base: Vocabulary, family: str) -> Vocabulary:
    """`base` with the words that mean something else on one family of forms."""
    own = base.family(family).get("words")
    if own is None:
        return base
    blocks = {block: words | inverted(own.get(block, {})) for block, words in base.blocks.items()}
    return replace(base, blocks=blocks)


@cache
def of_cycle(base: Vocabulary, kind: str) -> Vocabulary:
    """`base` with the words that mean something else on sheets of a kind (`cycle.toml`)."""
    blocks = {block: dict(words) for block, words in base.blocks.items()}
    for block, fields in base.raw["cycle"].get(kind, {}).items():
        own = inverted(fields)
        blocks[block] |= own
        if block == "indicator":
            blocks[INDICATOR_COLUMNS] |= own
        elif block == "head":
            columns = {word: name for word, name in own.items() if name in ("project_name", "project_code")}
            blocks[PROJECT_COLUMNS] |= columns
            blocks[INDICATOR_COLUMNS] |= columns
    return replace(base, blocks=blocks)


@cache
def _shipped() -> Vocabulary:
    return _build(_document())


def _document() -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name in ("vocabulary", "families", "kinds", "cycle"):
        document |= deepcopy(shipped(f"forms/{name}.toml"))  # to which a user may add words
    return document


_FAMILY_KEYS = ("id", "title", "all", "any", "like", "points_before_target", "unlabelled_score", "words")
_PLAIN = "F1"  # the national form
_RECOGNISED_BY = ("id", "title", "all", "any", "points_before_target", "list")  # not taken from the family it is like


def _word_lists(tables: Any, document: Mapping[str, Any], where: str) -> Iterator[tuple[str, str, list[str]]]:
    """Block, field and words of a user's ``{block: {field: [words]}}``, each known and of its kind."""
    for block, fields in _table(tables, where).items():
        _known(block, _BLOCKS, where)
        for name, words in _table(fields, f"{where}.{block}").items():
            _known(name, document[block], f"{where}.{block}")
            yield block, name, _words_of(words, f"{where}.{block}.{name}")


def _table(value: Any, where: str) -> Mapping[str, Any]:
    expect(value, dict, f"{CONFIG_NAME} 的 {where} ", keys()[where.partition(".")[0]].example)
    return cast("Mapping[str, Any]", value)


def _words_of(words: Any, where: str) -> list[str]:
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        raise UsageError(f'{CONFIG_NAME} 的 {where} 应为方括号中的列表，每个用词加英文双引号，例如 ["计划值"]。')
    return words


def _checked(entry: Any, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A user's layout with every key known; it needs an id and words to be recognised by."""
    for key in _table(entry, "layout"):
        _known(key, _FAMILY_KEYS, "layout")
    for key in ("all", "any"):
        _words_of(entry.get(key, []), f"layout.{key}")
    named = isinstance(entry.get("id"), str) and entry["id"]
    if not named or not (entry.get("all") or entry.get("any") or entry.get("points_before_target")):
        raise UsageError(f"{CONFIG_NAME} 的 layout 需要写明 id，以及 all 或 any 中用来识别表样的表头用词。")
    list(_word_lists(entry.get("words", {}), document, "layout.words"))
    forms = {family["id"]: family for family in document["family"] if not family.get("list")}
    _known(str(entry.get("like", _PLAIN)), forms, "layout.like")
    like = forms[entry.get("like", _PLAIN)]
    inherited = {key: value for key, value in like.items() if key not in _RECOGNISED_BY}
    return {"title": entry["id"], "like": "", **inherited, **entry}


def _known(key: str, allowed: Collection[str], where: str) -> None:
    if key in keys() and key not in allowed:  # TOML takes what stands below a heading for a part of it
        hint = "它是单独的设置，请写到文件开头、所有 [ ] 标题之前。"
        raise UsageError(f"{CONFIG_NAME} 的 {where} 中“{key}”无法识别，{hint}")
    expect_key(key, allowed, f"{CONFIG_NAME} 的 {where} 中")


def _build(document: dict[str, Any]) -> Vocabulary:
    blocks = {name: inverted(document[name]) for name in _BLOCKS}
    blocks["blocks"] = inverted({"block": document["blocks"]["words"]})
    blocks["total_rows"] = inverted({"total": document["total_rows"]["words"]})
    of_kinds = ([kind.get("words", ()), *kind.get("all_of", ())] for kind in document["kind"])
    blocks["kinds"] = {fold(word): "kind" for lists in of_kinds for words in lists for word in words}
    aside = ("points", "score", "reason", "method", "deduction")
    money = {word: name for word, name in blocks["fund"].items() if name not in aside}
    extra = inverted({"extra": document["list_extra"]["words"]})
    head, listing = (
        {word: "unit_name" if name == "unit" else name for word, name in blocks[block].items()}
        for block in ("head", "listing")  # in a list 单位 of an indicator stands beside the unit that carries it out
    )
    blocks[PROJECT_COLUMNS] = extra | head | money | listing
    execution = {word: name for word, name in listing.items() if name.startswith("execution_")}
    own = inverted(document["indicator_listing"])
    blocks[INDICATOR_COLUMNS] = extra | head | money | execution | own | blocks["indicator"]
    return Vocabulary(
        blocks=blocks,
        levels={which: inverted(names) for which, names in document["levels"].items()},
        raw=document,
        families=tuple(
            family | {key: [fold(word) for word in family[key]] for key in ("all", "any") if key in family}
            for family in document["family"]
        ),
    )
