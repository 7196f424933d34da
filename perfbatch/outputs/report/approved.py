"""What the report says of the comparison with the approved targets (对比倒查年初绩效目标), or that none was made."""

from __future__ import annotations

from collections.abc import Iterator

from perfbatch.cycle import overall
from perfbatch.cycle.compare import BUDGET, DROPPED, ERROR, GOAL, INFO, LOWERED, MISSING, POINTS, Change, Compared
from perfbatch.decimals import plain
from perfbatch.outputs.report.facts import Facts
from perfbatch.outputs.report.phrases import Piece, inline

_EXAMPLES = 3


def _without(found: Compared) -> tuple[int, int]:
    """How many compared projects have approved targets without points, and without a budget."""
    plans = [found.approved[number] for number in found.projects.values()]
    pointless = sum(all(row.points is None for row in plan.rows) for plan in plans)
    return pointless, sum(plan.budget is None for plan in plans)


def compared(facts: Facts) -> Iterator[Piece]:
    """One passage: what was compared, what was lowered, dropped or moved, the scores under the approved targets."""
    found: Compared | None = facts.batch.compared
    if found is None or not found.approved:
        yield "本次没有提供年初批复的绩效目标表，未与年初绩效目标对照，以下只依据自评表。"
        return
    if not found.projects:
        yield "提供的年初绩效目标表与自评项目不对应，未能对照，以下只依据自评表。"
        return
    whole, count = facts.totals.whole.projects, len(found.projects)
    rest = f"，其余{whole - count}个项目没有相应的年初目标" if whole > count else ""
    yield f"通过绩效自评结果对比倒查年初绩效目标，{count}个项目与年初批复的绩效目标逐条对照{rest}，"
    points, budgets = _without(found)
    if found.kept == count:
        what = ["目标", "指标", *(["分值"] if points < count else []), *(["预算"] if budgets < count else [])]
        yield f"{'、'.join(what[:-1])}和{what[-1]}均与批复一致，或已按程序调整。"
    else:
        yield f"其中{found.kept}个项目一致或已按程序调整，{count - found.kept}个项目有变动。"
    for what_, lacking in (("分值", points), ("预算数", budgets)):
        if lacking:
            yield f"{lacking}个项目的年初目标表没有{what_}，{what_}没有对照。"
    if found.kept == count:
        return
    yield from _counts(found)
    yield from _lowered(found)


def _open(found: Compared, *codes: str) -> list[Change]:
    return [change for change in found.changes if change.code in codes and change.severity != INFO]


def _counts(found: Compared) -> Iterator[Piece]:
    words = {
        LOWERED: "降低（放宽）指标值{n}条", DROPPED: "减少指标{n}条", "TG04": "增加指标{n}条", POINTS: "变动分值{n}条",
        "TG06": "改变计量口径{n}条", "TG07": "改变符号{n}条", BUDGET: "年初预算数与批复不一致{n}个",
        GOAL: "改动年度目标{n}个", MISSING: "只有目标或只有自评的项目{n}个",
    }  # fmt: skip
    told = [text.format(n=n) for code, text in words.items() if (n := len(_open(found, code)))]
    if told:
        yield f"没有调整手续的变动中，{'、'.join(told)}。"


def _lowered(found: Compared) -> Iterator[Piece]:
    hid = [change for change in _open(found, LOWERED) if change.severity == ERROR]
    if not hid:
        return
    yield f"其中{len(hid)}条实际没有达到年初目标而得分高于按年初目标应得的分数，如，"
    yield "；".join(
        f"{inline(change.project)}的{inline(change.name)}年初为{inline(change.approved)}，自评表为{inline(change.own)}，"
        f"实际完成{inline(change.actual)}，自评{plain(change.declared)}分，按年初目标应得{plain(change.rescored)}分"
        for change in hid[:_EXAMPLES]
    )
    yield "。"
    totals = [(key, total) for key, total in found.totals.items() if total.rescored is not None]
    lower = [
        (key, t) for key, t in totals if t.declared is not None and t.rescored is not None and t.rescored < t.declared
    ]
    if lower:
        names = {change.project_id: change.project for change in found.changes}
        yield "按年初目标复算，"
        yield "；".join(
            f"{inline(names.get(key, ''))}为{plain(total.rescored)}分（自评{plain(total.declared)}分"
            + (f"，等级由{total.grade}变为{total.would_be}" if total.grade != total.would_be and total.would_be else "")
            + "）"
            for key, total in lower[:_EXAMPLES]
        )
        yield "。"


def departments(facts: Facts) -> Iterator[Piece]:
    """The departments' overall forms: their money, rate and score, apart from the projects."""
    found: Compared | None = facts.batch.compared
    forms = found.departments if found is not None else []
    if not forms:
        return
    yield f"部门整体支出绩效自评{len(forms)}份，资金和得分单独列示，不与项目合计："
    yield "；".join(inline(overall.told(form)) for form in forms[:_EXAMPLES])
    yield f"等{len(forms)}个部门。" if len(forms) > _EXAMPLES else "。"
    wrong = [change for change in found.of_departments if change.severity == ERROR] if found is not None else []
    if wrong:
        yield f"其中有{len(wrong)}处错误，见问题清单。"
