"""What a run knows of the supporting documents: whose each is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from perfbatch.evidence.document import Document
from perfbatch.evidence.index import STATES, State
from perfbatch.evidence.matching import Matched
from perfbatch.evidence.project import Doubt, Papers

_NAMED = 5  # documents without a project that are named one by one


@dataclass(frozen=True)
class Evidence:
    """The supporting documents of a run in the order in which they lie."""

    matched: Sequence[Matched]
    documents: Sequence[Document | None]  # beside `matched`, None for those of no project
    projects: Mapping[str, Papers]  # by project_id, in the order of the input
    links: Mapping[str, str] = field(default_factory=dict)  # name of a document → path from the output folder

    @cached_property
    def states(self) -> Counter[State]:
        """How many figures are in which state."""
        return Counter(entry.state for made in self.projects.values() for entry in made.entries)

    @property
    def doubts(self) -> list[Doubt]:
        """All of them, project by project."""
        return [doubt for made in self.projects.values() for doubt in made.doubts]

    def pairs(self) -> list[tuple[Matched, Document | None]]:
        """Every document with what was read of it."""
        return list(zip(self.matched, self.documents, strict=True))

    def asked(self) -> dict[str, list[str]]:
        """For the check of missing papers: project → names of the indicators that lack none.

        Where documents were not read and nothing tells what they are, no indicator is said to lack one.
        """
        return {
            key: [row.name for row in made.rows if made.unclear or (row.sheet, row.row) not in made.missing]
            for key, made in self.projects.items()
        }

    def lacking(self) -> dict[str, dict[str, str]]:
        """Project → name of an indicator → the papers that it lacks, as one phrase."""
        return {
            key: {row.name: "；".join(some) for row in made.rows if (some := made.missing.get((row.sheet, row.row)))}
            for key, made in self.projects.items()
        }

    def unread(self) -> list[tuple[Matched, Document]]:
        """Documents of projects whose text is not known."""
        return [
            (one, document)
            for one, document in self.pairs()
            if document is not None and document.state in ("picture", "unread")
        ]

    @property
    def homeless(self) -> list[Matched]:
        """Documents without a project."""
        return [one for one in self.matched if not one.project_id]

    def told(self) -> Iterator[str]:
        """What the clerk is told at the end of a run, a sentence each."""
        if not self.matched:
            return
        homeless = self.homeless
        rest = f"，{len(homeless)}份没有对应的项目" if homeless else ""
        owners = {one.project_id for one in self.matched} - {""}
        whose = f"{len(self.matched) - len(homeless)}份对应到{len(owners)}个项目"
        yield f"佐证资料{len(self.matched)}份，{whose}{rest}；佐证资料不作为自评表读取，不计入项目。"
        if left := [one for one, document in self.pairs() if document is not None and document.state == "left"]:
            whose = f"其中{len(left)}份属于没有抽中的{len({one.project_id for one in left})}个项目，没有读取"
            yield f"{whose}；要核对全部项目，请加 --evidence-of all 重新运行。"
        if figures := self.states.total():
            told = "、".join(f"{STATES[state]}{self.states[state]}项" for state in STATES if self.states[state])
            yield f"核对{figures}项数据：{told}，见汇总表的“佐证索引”；是否属实由核查人员判断。"
        yield from self._not_read()
        folders: dict[tuple[str, str], list[str]] = defaultdict(list)
        for one in homeless:  # one sentence for a folder, however many documents lie in it
            outer = one.paper.below.split("/")[0] if "/" in one.paper.below else one.paper.name
            folders[outer, one.problem].append(one.paper.name)
        for (outer, problem), names in list(folders.items())[:_NAMED]:
            yield f"“{outer}”（{len(names)}份）{problem}。" if len(names) > 1 else f"“{names[0]}”{problem}。"
        if len(folders) > _NAMED:
            yield f"另有{len(folders) - _NAMED}处佐证资料没有对应的项目，见 run.json 的 evidence。"

    def _not_read(self) -> Iterator[str]:
        """Documents that were not read, pictures counted, others named with the reason."""
        unread = self.unread()
        pictures = [one for one, document in unread if document.state == "picture"]
        if pictures:
            yield f"{len(pictures)}份是图片或扫描件，只列出名称，内容没有核对，请人工查看。"
        others = [(one, document) for one, document in unread if document.state != "picture"]
        for one, document in others[:_NAMED]:
            yield f"“{one.paper.name}”{document.reason}。"
        if len(others) > _NAMED:
            yield f"另有{len(others) - _NAMED}份没有读取，原因见汇总表的“佐证材料清单”。"
