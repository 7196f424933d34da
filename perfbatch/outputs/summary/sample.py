"""Sheets of the spot check: 抽查名单 (who was drawn, how, what came out), 复核结果 (indicator by indicator), and of the
supporting documents: 佐证索引 (where each figure stands in them), 佐证材料清单 (what there are)."""

from collections import Counter
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import NamedTuple

from perfbatch.decimals import plain
from perfbatch.evidence import kinds
from perfbatch.evidence.document import Document
from perfbatch.evidence.index import STATES, Entry, Place
from perfbatch.evidence.matching import Matched
from perfbatch.evidence.project import Evidence, Papers, kinds_of, spot
from perfbatch.followup.batch import Batch
from perfbatch.followup.items import COMPLETENESS, completeness
from perfbatch.followup.review import EQUAL, LARGE, WITHIN, Review, ReviewedProject
from perfbatch.outputs.cells import Formula, Link, Value, cell_link, file_link
from perfbatch.outputs.paper import Paper
from perfbatch.outputs.summary.listing import Field, Rest, Row, difference, place_field, write_list
from perfbatch.outputs.summary.projects import MONEY_NOTE, identity, marks, money
from perfbatch.outputs.workpaper import sheets_of
from perfbatch.totals.sums import Totals

_BASIS = {"entered": "核查分数", "recomputed": "按核查完成值复算", "": "未核查"}
_GRADES = {EQUAL: "一致", WITHIN: "基本一致", LARGE: "偏差较大"}
_NOTED = 8  # refused entries that the head of the sheet lists


def level_words(project: ReviewedProject) -> str:
    """The graded difference of a project in words."""
    if not project.level:
        return "未核查" if project.score is None else ""
    side = "自评偏高" if project.difference is not None and project.difference > 0 else "自评偏低"
    return _GRADES[project.level] + ("" if project.level == EQUAL else f"（{side}）")


def write_sample(paper: Paper, batch: Batch, totals: Totals) -> None:
    """Sheet 抽查名单: the projects drawn, how and why, the evidence found and the review score."""
    how = {entry.project_id: entry.told for entry in batch.draw.drawn}
    # by project the number of its sheet in the workpaper, leading there
    papers = {key: Link(cell_link(book, name, "A1"), f"{at:02d}") for key, (book, name, at) in sheets_of(batch).items()}
    fields = [
        *identity(totals),
        Field("抽取方式", lambda r: how.get(r.item.project_id, ""), "text", 10, 16),
        *money(batch, totals.drawn),
        *marks(),
        *(_reviewed(batch.review) if batch.review is not None else []),
        Field("底稿", lambda r: papers.get(r.item.project_id, ""), "code", 5, 6),
        Field("所在工作表", lambda r: r.item.sheet, "text", 10, 16),
        place_field(batch, 6),
    ]
    notes = [f"{MONEY_NOTE}{batch.draw.note or '本次运行未抽取项目。'}"]
    if batch.review is not None:
        notes.append(_graded(batch.review))
    elif totals.sample:
        notes.append("核查后填写“抽查工作底稿”，再运行 perfbatch review 读取，核查结果会列入本表和“复核结果”。")
    rest = Rest("个项目", "run.json")
    write_list(paper, "抽查名单", "绩效自评抽查名单", fields, totals.sample, notes=notes, summed=True, rest=rest)


def _graded(review: Review) -> str:
    """How the projects compare, and how the quality of the self-evaluations went into their scores."""
    checked = [project for project in review.projects if project.score is not None]
    counts = Counter(project.level for project in checked)
    told = "，".join(f"{word}{counts[level]}个" for level, word in _GRADES.items())
    text = (
        f"已核查{len(checked)}个项目：{told}；核查差额＝自评总分－核查得分，界限见“规则依据”（review_gap）；"
        "未核查的指标按自评得分计入核查得分。"
    )
    if judged := [project for project in review.projects if project.quality_score is not None]:
        scores = "、".join(
            f"{one.name}{plain(one.quality_score)}分（指标核查得分{plain(one.indicator_score)}）"
            for one in judged[:_NOTED]
        )
        text += f"已核查自评质量的{len(judged)}个项目，核查得分按比重合计（review_quality_share）：{scores}。"
    return text


def _reviewed(review: Review) -> list[Field]:
    def of(value: Callable[[ReviewedProject], Value], otherwise: Value = None) -> Callable[[Row], Value]:
        def get(row: Row) -> Value:
            project = review.of(row.item.project_id)
            return value(project) if project else otherwise

        return get

    def difference_of(row: Row) -> Value:
        project = review.of(row.item.project_id)
        if project is None or project.difference is None or project.declared != row.item.declared:
            return project.difference if project else None
        return Formula(f"={row.cell('自评总分')}-{row.cell('核查得分')}", project.difference)

    def evidence(project: ReviewedProject) -> str:
        counts = Counter(completeness(row.entry.complete) for row in project.rows)
        return "，".join(f"{word}{counts[word]}条" for word in COMPLETENESS if counts[word]) or "未填"

    return [
        Field("佐证材料", of(evidence, "未核查"), "text", 9, 14),
        Field("已核查指标", of(lambda p: f"{p.reviewed}/{p.reviewed + p.open}", ""), "code", 7, 8),
        Field("核查得分", of(lambda p: p.score), "score", 8),
        Field("核查差额", difference_of, "score", 8),
        Field("核查结论", of(level_words, "未核查"), "text", 9, 14),
    ]


def write_review(paper: Paper, batch: Batch) -> None:
    """Sheet 复核结果: self-score against reviewed score, row by row; left out when nothing was reviewed."""
    review = batch.review
    if review is None:
        return
    items = [(project, row) for project in review.projects for row in project.rows]

    def source(row: Row) -> str:
        reviewed = row.item[1]
        return "不单独计分" if reviewed.item.points is None else _BASIS[reviewed.basis]

    def in_paper(row: Row) -> str:
        project, reviewed = row.item
        where = reviewed.entry.cell_score
        return f"{project.paper.sheet}!{where}" if where else f"{project.paper.sheet}（底稿中没有这一行）"

    fields = [
        Field("项目名称", lambda r: r.item[0].name, "text", 14, 22),
        Field("三级指标", lambda r: r.item[1].item.name, "text", 12, 18),
        Field("指标值", lambda r: r.item[1].item.target, "text", 8, 13),
        Field("实际完成值", lambda r: r.item[1].item.actual, "text", 8, 13),
        Field("核查完成值", lambda r: r.item[1].entry.actual, "text", 8, 13),
        Field("佐证材料是否齐全", lambda r: r.item[1].entry.complete, "code", 8, 8),
        Field("分值", lambda r: r.item[1].item.points, "figure", 6),
        Field("自评得分", lambda r: r.item[1].item.declared, "score", 7),
        Field("按核查完成值复算", lambda r: r.item[1].recomputed, "score", 8),
        Field("核查得分", lambda r: r.item[1].score, "score", 7),
        Field("差额", difference("自评得分", "核查得分", lambda r: r.item[1].difference), "score", 7),
        Field("核查得分来源", source, "code", 10, 12),
        Field("核查意见", lambda r: r.item[1].entry.opinion, "text", 12, 26),
        Field("底稿位置", in_paper, "text", 10, 18),
    ]
    notes = [
        f"读取的底稿：{'、'.join(review.files) or '无'}。差额＝自评得分－核查得分，不为0的以灰底标出；"
        "只填核查完成值的按评分规则复算，两项都填的以核查分数为准；未核查的指标不计差额。",
        *review.problems[:_NOTED],
    ]
    if len(review.problems) > _NOTED:
        notes.append(f"共{len(review.problems)}处未采用的填写，以上列出{_NOTED}处，全部见控制台输出。")
    opinions = []  # on whole projects, with who and when
    for project in review.projects:
        who = "，".join(part for part in (project.paper.reviewer, project.paper.date) if part)
        if project.paper.opinion or who:
            signed = f"（{who}）" if who else ""
            opinions.append(f"{project.name}：{project.paper.opinion or '（未填核查意见）'}{signed}")
    notes += opinions[:_NOTED]
    rest = Rest("条指标", "data/review.json")
    listed = write_list(paper, "复核结果", "绩效自评抽查复核结果", fields, items, notes=notes, frozen=3, rest=rest)
    listed.highlight_unequal("差额")


_PLACES = 3  # of a figure; all are in data/evidence.parquet
_QUOTED = 40  # characters of a document that are quoted
_READ = {"read": "已读取", "picture": "图片或扫描件，未读取", "unread": "未读取", "left": "未读取"}


class _Line(NamedTuple):
    made: Papers
    entry: Entry
    place: Place | None


def write_papers(paper: Paper, batch: Batch) -> None:
    """Both sheets; left out where no documents were given."""
    if batch.evidence is not None:
        _index(paper, batch.evidence)
        _documents(paper, batch.evidence)


def _index(paper: Paper, evidence: Evidence) -> None:
    kind = {one.paper.name: document for one, document in evidence.pairs}

    def at(value: Callable[[Place], Value]) -> Callable[[Row], Value]:
        return lambda r: "" if r.item.place is None else value(r.item.place)

    def link(place: Place) -> Link:
        name, figure = place.paper.paper.name, place.figure
        return Link(file_link(evidence.links.get(name, ""), figure.sheet, figure.cell), PurePosixPath(name).name)

    def kind_of(place: Place) -> str:
        document = kind.get(place.paper.paper.name)
        return paper_kind(place.paper, document) if document else ""

    def missing(row: Row) -> str:
        asked = row.item.entry.asked
        return "；".join(row.item.made.missing.get((asked.sheet, asked.row), ()))

    lines: list[_Line] = []
    for made in evidence.projects.values():
        for entry in made.entries:
            lines += [_Line(made, entry, place) for place in entry.places[:_PLACES] or (None,)]
    fields = [
        Field("项目名称", lambda r: r.item.made.name, "text", 14, 22),
        Field("指标", lambda r: r.item.entry.asked.name, "text", 12, 18),
        Field("填报数", lambda r: r.item.entry.asked.shown, "text", 9, 13),
        Field("状态", lambda r: STATES[r.item.entry.state], "code", 8, 9),
        Field("材料中为", at(lambda place: place.figure.shown()), "text", 9, 13),
        Field("是否一致", at(lambda place: "一致" if place.agrees else "不同"), "code", 6, 7),
        Field("佐证材料", at(link), "text", 14, 24),
        Field("材料类别", at(kind_of), "text", 8, 14),
        Field("位置", at(lambda place: spot(place.figure)), "text", 10, 16),
        Field("原文", at(quoted), "text", 14, 30),
        Field("缺少的材料", missing, "text", 10, 20),
    ]
    counts = "，".join(f"{word}{evidence.states[state]}项" for state, word in STATES.items())
    notes = [
        f"共核对{evidence.states.total()}项数据：{counts}。本表由程序按佐证材料检索，只说明到哪里查看，是否属实由核查人员判断；"
        f"每项最多列{_PLACES}处，按相符程度排列，全部见 data/evidence.parquet。"
    ]
    rest = Rest("处", "data/evidence.parquet")
    write_list(paper, "佐证索引", "佐证索引", fields, lines, notes=notes, frozen=3, rest=rest)


def quoted(place: Place) -> str:
    """The words of a document around a figure, with the figure."""
    return place.figure.words.replace("#", place.figure.shown(), 1)[:_QUOTED]


def paper_kind(one: Matched, document: Document) -> str:
    """The kinds of a document in words."""
    return "、".join(kinds.papers()[kind]["name"] for kind in kinds_of(one.paper.below, document))


def _documents(paper: Paper, evidence: Evidence) -> None:
    def name(row: Row) -> Value:
        file = row.item[0].paper.name
        return Link(file_link(evidence.links.get(file, ""), "", ""), file)

    def state(row: Row) -> str:
        one, document = row.item
        if document is None:
            return f"未对应：{one.problem}"
        cut = "（数据过多，未全部核对）" if document.cut else ""
        return f"{_READ[document.state]}{cut}" + (f"：{document.reason}" if document.reason else "")

    fields = [
        Field("项目名称", lambda r: r.item[0].project, "text", 14, 24),
        Field("佐证材料", name, "text", 24, 44),
        Field("材料类别", lambda r: paper_kind(*r.item) if r.item[1] else "", "text", 10, 18),
        Field("对应方式", lambda r: r.item[0].how, "text", 8, 12),
        Field("读取情况", state, "text", 16, 40),
    ]
    rest = Rest("份材料", "run.json")
    write_list(paper, "佐证材料清单", "佐证材料清单", fields, evidence.pairs, frozen=0, rest=rest)
