"""XP: the forms of one batch against each other: scores, names of indicators, indicator sets and texts pasted on."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from math import ceil

from perfbatch.checks import words
from perfbatch.checks.batch import Batch
from perfbatch.checks.context import Hit
from perfbatch.checks.form import Form, Row
from perfbatch.checks.register import check
from perfbatch.decimals import decimals, plain
from perfbatch.identity.names import name_key
from perfbatch.notation import fold, says_nothing
from perfbatch.notation.units import common
from perfbatch.schema import grouped


@check("XP07", of="batch")
def decimals_differ(batch: Batch) -> Iterator[Hit]:
    """Some totals carry more decimals than the ruleset keeps while others of the batch do not."""
    judged = [form for form in batch.forms if form.total_declared is not None]
    many = [form for form in judged if decimals(form.total_declared) > form["total_round"]]
    for form in many if len(many) < len(judged) else ():
        total = plain(form.total_declared)
        told = f"{form.called}总分{total}的小数位数与其他项目不一致。"
        yield form.hit(("cell_total", "cell"), told, seen=total, expected=f"{form['total_round']}位小数")


@check("XP10", of="batch")
def scores_crowd_at_the_top(batch: Batch) -> Iterator[Hit]:
    """Nearly all projects of a unit are in the highest band, or all have the same full score: said of the batch.

    The share is judged only where one project outside the band would already fall below it.
    """
    units = grouped((name_key(form.unit), form) for form in batch.forms if form.total_declared is not None)
    for some in units.values():
        first, count = some[0], len(some)
        above, share = sum(form.total_declared >= form.highest_band for form in some), first["share_high"]
        crowded = count * (1 - share) >= 1 and above >= share * count
        perfect = count >= first["copy_min_rows"] and all(form.total_declared == form["total_points"] for form in some)
        if crowded or perfect:
            told = f"{first.unit or '本批次'}{count}个项目中{above}个得分在最高分数段，得分高度集中，建议抽查。"
            yield Hit(None, "", f"{above}/{count}", "", told)


_DIRECTION = {"positive": "越多越好", "negative": "越少越好"}


@check("XP11", of="batch")
def indicator_defined_differently(batch: Batch) -> Iterator[Hit]:
    """One indicator name is counted in units that cannot be compared, or has opposite directions, in a batch.

    Reported once a name, at the first row that departs from the most frequent definition.
    """
    usual: dict[str, tuple[str, str]] = {}  # most names have one definition: nothing else of them is kept
    several: set[str] = set()
    for _, name, definition in _definitions(batch):
        if usual.setdefault(name, definition) != definition:
            several.add(name)
    firsts: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    times: Counter[tuple[str, tuple[str, str]]] = Counter()
    for at, name, definition in _definitions(batch) if several else ():
        if name in several:
            firsts[name].setdefault(definition, at)
            times[name, definition] += 1
    for name, places in firsts.items():
        by_frequency = sorted(places, key=lambda definition: -times[name, definition])
        first, *others = (batch.row(places[definition]) for definition in by_frequency)
        for row in others:
            opposed = {row.direction, first.direction} == {"positive", "negative"}
            dimension = common(row.unit, first.unit).state == "dimension"
            if row.form.at != first.form.at and (opposed or dimension):
                what, one, other = "单位", row.unit, first.unit
                if opposed:
                    what, one, other = "方向", _DIRECTION[row.direction], _DIRECTION[first.direction]
                form = first.form
                told = f"指标{row.called}在此处{what}为“{one}”，在{form.file}“{form.sheet}”{form.cell}的项目中为"
                told += f"“{other}”，定义不一致。"
                yield row.hit("cell_target", told, seen=one, expected=other)
                break


def _definitions(batch: Batch) -> Iterator[tuple[int, str, tuple[str, str]]]:
    """Indicators with a unit whose name says something (数量 and 面积 do not): place, name, unit and direction."""
    columns = batch.values("role", "kind", "level3", "unit", "direction")
    for at, (role, kind, name, unit, direction) in enumerate(columns):
        if role == "indicator" and kind == "quantitative" and unit and len(name) > 2:
            yield at, fold(name), (unit, direction)


# --- copies ---

Keys = tuple[int, ...]  # numbers of (name, target), rarest first


@check("XP03", of="batch")
def copied_indicator_sets(batch: Batch) -> Iterator[Hit]:
    """Several projects share (nearly) all indicators with their targets: the set was copied."""
    sets = _indicator_sets(batch)
    of_forms = ((form, sets.get(form.project_id, ())) for form in batch.forms)
    judged = {form: keys for form, keys in of_forms if len(keys) >= form["copy_min_rows"]}
    for group in _similar(judged):
        for form in group:
            count, other, more = len(judged[form]), group[1] if form is group[0] else group[0], len(group) - 1
            name = f"“{other.project_name}”"
            if form.project_name == other.project_name:  # told apart by its place
                name = f"{'' if form.file == other.file else f'{other.file} '}工作表“{other.sheet}”的同名项目"
            elif more == 1:
                name = f"项目{name}"
            name += f"等{more}个项目" if more > 1 else ""
            told = f"项目“{form.project_name}”的{count}个指标与{name}基本相同，疑似照搬。"
            yield form.hit("cell", told, seen=f"{count}个指标")


def _indicator_sets(batch: Batch) -> dict[str, Keys]:
    """The distinct (name, target) of each project, as numbers, those rare in the batch first."""
    numbers: dict[tuple[str, ...], int] = {}
    found: dict[str, set[int]] = defaultdict(set)
    times: Counter[int] = Counter()
    for project, role, name, *target in batch.values("project_id", "role", "level3", "target_text", "unit_text"):
        if role == "indicator" and name:
            number = numbers.setdefault((fold(name), *map(fold, target)), len(numbers))
            found[project].add(number)
            times[number] += 1
    return {project: tuple(sorted(own, key=lambda number: (times[number], number))) for project, own in found.items()}


def _similar(sets: dict[Form, Keys]) -> list[list[Form]]:
    """Groups of forms whose sets overlap by `copy_share`, each in the order of the batch.

    Equal sets are joined first; of the distinct ones only pairs are compared that share one of their rarest
    keys, which any pair with that overlap must do.
    """
    members = grouped((keys, form) for form, keys in sets.items())
    leaders: dict[Keys, Keys] = {keys: keys for keys in members}

    def leader(keys: Keys) -> Keys:
        while leaders[keys] != keys:
            leaders[keys] = keys = leaders[leaders[keys]]
        return keys

    index: dict[int, list[Keys]] = defaultdict(list)
    for keys, (form, *_) in members.items():
        share = form["copy_share"]
        for key in keys[: len(keys) - ceil(share * len(keys)) + 1]:
            for other in index[key]:
                one, two = leader(keys), leader(other)
                if one != two and len(set(keys) & set(other)) >= share * max(len(keys), len(other)):
                    leaders[one] = two
            index[key].append(keys)
    groups: dict[Keys, list[Form]] = defaultdict(list)
    for keys, some in members.items():
        groups[leader(keys)] += some
    return [sorted(group, key=lambda form: form.at) for group in groups.values() if len(group) > 1]


@check("XP05", of="batch")
def same_text_pasted(batch: Batch) -> Iterator[Hit]:
    """The same reason or conclusion stands in many rows or projects: it explains none of them.

    A cell merged over several rows counts once, and so does a project that was not executed at all, whose
    rows have one cause.
    """
    places: dict[str, dict[tuple[int, str], Row]] = defaultdict(dict)
    for at, (role, reason) in enumerate(batch.values("role", "reason")):
        if reason and role in ("indicator", "parent", "child") and _substantial(reason):
            row = batch.row(at)
            place = (row.form.at, "" if row.form.executed == 0 else row.cell_reason)
            places[fold(reason)].setdefault(place, row)
    concluded = (form for form in batch.forms if len(form.conclusion.strip()) >= form["reason_min_chars"])
    conclusions = grouped((fold(form.conclusion), form) for form in concluded if _substantial(form.conclusion))
    for rows in places.values():
        for row in rows.values():
            if len(rows) >= row.form["same_text_n"]:
                told = f"偏差原因“{row.reason}”在本批次中出现{len(rows)}次，没有针对具体指标说明。"
                yield row.hit("cell_reason", told, seen=row.reason)
    for forms in conclusions.values():
        for form in forms:
            if len(forms) >= form["same_text_n"]:
                told = f"项目“{form.project_name}”的评价结论与其他{len(forms) - 1}个项目完全相同。"
                yield form.hit(("cell_conclusion", "cell"), told, seen=form.conclusion)


def _substantial(text: str) -> bool:
    return not (says_nothing(text) or words.says(text, "no_deviation") or words.says(text, "survey"))
