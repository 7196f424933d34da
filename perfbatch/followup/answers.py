"""What people answer to findings: the columns 处理 and 说明 of 问题清单, ``[[accept]]`` in `perfbatch.toml`.

An answer holds for what a finding is about: its check, unit, project, indicator and what was seen there, wherever
that stands. It is kept in the output folder (`NAME`) as well as on the sheet, so that a sheet that somebody has
lost, cut or renamed loses nothing. An answer that fits nothing any more is told and stays listed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from perfbatch.checks.register import by_code, register
from perfbatch.config import CONFIG_NAME
from perfbatch.followup import summaries
from perfbatch.forms.own_outputs import KEY_COLUMN
from perfbatch.identity.names import name_key
from perfbatch.model import ACCEPTED, BY_PERSON, BY_SETTING, Finding, Grid, position
from perfbatch.notation import fold
from perfbatch.schema import grouped

NAME = "data/answers.json"
SHEET = "问题清单"
CODE, PROJECT, SEEN, REMEDY, HANDLING, REASON = "编号", "项目名称", "表上内容", "本年怎样改", "处理", "说明"
HUMAN = (HANDLING, REASON)
MENDED, TRUE, IDLE = "已更正", "属实", "不适用"
HANDLINGS = (MENDED, TRUE, IDLE)
_WORDS = (KEY_COLUMN, CODE, PROJECT, SEEN, *HUMAN)
_FORMAT = 1
_NAMED = 3  # answers that a sentence names


class Answer(NamedTuple):
    """What somebody wrote at a finding; `code`, `project` and `seen` say which, as it stood on the sheet."""

    key: str
    code: str
    project: str
    seen: str
    handling: str
    reason: str

    @property
    def ends(self) -> bool:
        """Whether it ends the finding: a handling that says so, and a reason."""
        return self.handling in (TRUE, IDLE) and bool(self.reason)


class AnswerRow(NamedTuple):
    """One row of the sheet: texts by heading; `key` is empty for a row that somebody added."""

    key: str
    texts: Mapping[str, str]

    @property
    def typed(self) -> dict[str, str]:
        """What humans wrote."""
        return {word: text for word in HUMAN if (text := self.texts.get(word, ""))}

    @property
    def added(self) -> bool:
        """Whether somebody wrote this row."""
        return not self.key


class Where(NamedTuple):
    """What findings are about: the unit and the code of each project, the name of the indicator in each row."""

    units: Mapping[str, str]
    codes: Mapping[str, str]
    indicators: Mapping[tuple[str, str, int], str]

    def row(self, finding: Finding) -> tuple[str, str, int] | None:
        """The row of an indicator at which a finding stands, None for any other cell."""
        place = (finding.project_id, finding.sheet, position(finding.cell)[0])
        return place if place in self.indicators else None

    def indicator(self, finding: Finding) -> str:
        """The name of that indicator, empty for any other cell."""
        row = self.row(finding)
        return self.indicators[row] if row else ""


def keys(findings: Iterable[Finding], where: Where) -> list[str]:
    """The key of each finding; the second of one kind about one thing of a project is told apart by a number.

    The part before the last dash is what it is about, the rest what was seen.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    found = []
    for finding in findings:
        about = (where.units.get(finding.project_id, ""), finding.project or finding.sheet, where.indicator(finding))
        key = f"{finding.code}-{_hash(*map(name_key, about))[:12]}-{_hash(fold(finding.seen))[:6]}"
        counts[key, finding.project_id, finding.file] += 1
        number = counts[key, finding.project_id, finding.file]
        found.append(key if number == 1 else f"{key}.{number}")
    return found


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(slots=True)
class Answers:
    """All answers of an output folder, and of the settings; what they were used for in this run.

    `settings` are the tables of ``[[accept]]``. `before`: whether answers were kept earlier, even if none are now.
    """

    by_key: Mapping[str, Answer] = field(default_factory=dict)
    settings: Sequence[Mapping[str, str]] = ()
    before: bool = False
    remarks: Sequence[str] = ()
    _met: dict[str, Finding] = field(default_factory=dict)  # answers whose finding is still there
    _used: set[int] = field(default_factory=set)  # numbers of settings that fit
    _against: list[tuple[Answer, str]] = field(default_factory=list)
    _others: set[str] = field(default_factory=set)  # what else was found, without what was seen

    @property
    def none(self) -> bool:
        """Whether there is nothing to compare findings with."""
        return not self.by_key and not self.settings

    @property
    def any(self) -> bool:
        """Whether answers of people are, or were, kept."""
        return bool(self.by_key) or self.before

    def settle(self, findings: Sequence[Finding], where: Where) -> list[Finding]:
        """The findings with the state that the answers give them."""
        if self.none:
            return list(findings)
        settled = []
        for finding, key in zip(findings, keys(findings, where), strict=True):
            answer = self.by_key.get(key)
            if answer is None:
                self._others.add(key.rpartition("-")[0])
            else:
                self._met[key] = finding
            reason = self._setting(finding, where)
            if reason is not None:
                if answer is not None and (answer.handling == MENDED or answer.reason not in ("", reason)):
                    self._against.append((answer, reason))
                settled.append(finding._replace(state=ACCEPTED, reason=reason, accepted_by=BY_SETTING))
            elif answer is not None and answer.ends:
                later = "" if answer.handling == IDLE else finding.next_year
                person = {"state": ACCEPTED, "reason": answer.reason, "accepted_by": BY_PERSON, "next_year": later}
                settled.append(finding._replace(**person))
            else:
                settled.append(finding)
        return settled

    def _setting(self, finding: Finding, where: Where) -> str | None:
        """The reason of the first setting that fits."""
        fitting = None
        for number, table in enumerate(self.settings):
            if fold(table["code"]).upper() != finding.code:
                continue
            project, indicator = table.get("project", ""), table.get("indicator", "")
            own_code = where.codes.get(finding.project_id, "")
            if project and name_key(project) not in (name_key(finding.project), name_key(own_code)):
                continue
            if indicator and name_key(indicator) != name_key(where.indicator(finding)):
                continue
            self._used.add(number)
            fitting = table["reason"] if fitting is None else fitting
        return fitting

    def gone(self) -> list[Answer]:
        """Answers to what was not found again."""
        return [answer for key, answer in self.by_key.items() if key not in self._met]

    def told(self) -> list[str]:
        """What the clerk must know of the answers, a sentence each."""
        found = list(self.remarks)
        for number, table in enumerate(self.settings):
            if number not in self._used:
                about = "".join(f"，“{table[name]}”" for name in ("project", "indicator") if table.get(name))
                then = "；请核对编号、项目名称和指标，问题已更正的请删除这一段。"
                if by_code(table["code"]) is None:
                    then = "，因为没有这个编号的检查；编号见 perfbatch rules。"
                which = f"{CONFIG_NAME} 的第{number + 1}个 [[accept]]（{table['code']}{about}）"
                found.append(f"{which}没有对应的问题{then}")

        def say(some: Sequence[Answer], what: str) -> None:
            if some:
                named = dict.fromkeys(some[:_NAMED])
                names = "、".join(f"{one.code}“{one.project}”" if one.project else one.code for one in named)
                found.append(f"“{SHEET}”中{names}{f'等{len(some)}条' if len(some) > _NAMED else ''}{what}。")

        against = f"的处理与 {CONFIG_NAME} 的 [[accept]] 不一致，以 {CONFIG_NAME} 为准"
        say([answer for answer, _ in self._against], against)
        met = [self.by_key[key] for key in self._met]
        still = "但读到的表上仍是原来的内容；请重新导出更正后的表，或把更正过的批注文件留在输出文件夹"
        say([one for one in met if one.handling == MENDED], f"写了“{MENDED}”，{still}")
        bare = [one for one in met if one.handling in (TRUE, IDLE) and not one.reason]
        say(bare, f"选了处理而没有写{REASON}，仍列为待处理；请写明理由")
        unclear = f"的“{HANDLING}”不是{'、'.join(HANDLINGS)}之一，仍列为待处理；请从下拉列表中选择"
        say([one for one in met if one.handling not in HANDLINGS], unclear)
        gone = [one for one in self.gone() if one.handling != MENDED]
        changed = [one for one in gone if one.key.rpartition("-")[0] in self._others]
        say(changed, "的表上内容已经改变，原来的说明不再适用；请对新的内容重新处理")
        rest = [one for one in gone if one not in changed]
        say(rest, "原来的说明没有对应的问题，列在该表最后；不再需要的请清空处理和说明")
        return found

    def kept(self) -> str:
        """The JSON text to keep; same answers, same text."""
        listed = [answer._asdict() for _, answer in sorted(self.by_key.items())]
        return json.dumps({"format": _FORMAT, "answers": listed}, ensure_ascii=True, indent=1) + "\n"


def rows_of(grid: Grid) -> tuple[dict[int, str], dict[int, AnswerRow]]:
    """Columns with the words of their headings, and the rows below them."""
    columns, found = summaries.rows_of(grid, _WORDS, HANDLING)
    return columns, {row: AnswerRow(key, texts) for row, (key, texts) in found.items()}


def load(folder: Path, settings: Sequence[Mapping[str, str]]) -> Answers:
    """The answers kept in an output folder, renewed by what stands on the sheets there now."""
    answers: dict[str, Answer] = {}
    remarks = []
    try:
        record: Any = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if record["format"] != _FORMAT:
            raise ValueError(record["format"])
        answers = {entry["key"]: Answer(**entry) for entry in record["answers"]}
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError, KeyError, TypeError):
        remarks = [f"“{NAME}”无法读取，只沿用“{SHEET}”中的处理和说明；该文件不要改动，改过的请恢复原样。"]
    before = bool(answers)
    lines = (row for grid in summaries.find(folder, SHEET, REMEDY).grids for row in rows_of(grid)[1].values())
    for key, rows in grouped((row.key, row) for row in lines if row.key).items():
        texts = next((row.texts for row in rows if row.typed), None)
        if texts is None:
            answers.pop(key, None)  # somebody took it back
            continue
        code, project, seen, handling, reason = (texts.get(word, "") for word in (CODE, PROJECT, SEEN, *HUMAN))
        answers[key] = Answer(key, code, project, seen, fold(handling), reason)
    return Answers(answers, settings, before=before, remarks=remarks)


class Placed(NamedTuple):
    """A finding by its position, and the code of its cause; empty for one that stands by itself."""

    at: int
    cause: str = ""


def in_order(findings: Sequence[Finding], where: Where) -> list[Placed]:
    """The findings in their order, but each consequence right behind its cause. Only open ones have consequences."""
    follows = {code: entry.follows for code, entry in register().items() if entry.follows}
    opened = [(at, finding) for at, finding in enumerate(findings) if finding.project_id and finding.open]
    alike = grouped(((finding.project_id, finding.code), at) for at, finding in opened)
    causes: dict[int, int] = {}
    for at, finding in opened:
        for code in follows.get(finding.code, ()):
            # the first that may be the cause: on the same row where both are about an indicator
            others = alike.get((finding.project_id, code), ())
            own_row = where.row(finding) if others else None
            places = ((other, where.row(findings[other])) for other in others)
            cause = next((other for other, row in places if not own_row or row in (None, own_row)), None)
            if cause is not None:
                causes[at] = cause
                break
    consequences = grouped((cause, at) for at, cause in causes.items())

    def placed(at: int) -> Iterator[Placed]:
        yield Placed(at, findings[causes[at]].code if at in causes else "")
        for other in consequences[at]:
            yield from placed(other)

    return [one for at in range(len(findings)) if at not in causes for one in placed(at)]
