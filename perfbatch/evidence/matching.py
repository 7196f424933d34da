"""Whose a supporting document is: by the code or the name of a project in the folders and the name it goes by."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from perfbatch.identity.names import code_key, name_key, project_key, similar
from perfbatch.identity.projects import Identity
from perfbatch.notation import fold
from perfbatch.schema import grouped
from perfbatch.sources import Supporting

CODE, NAME, WITHIN, PART = "编码", "名称", "名称（含其他文字）", "名称的一部分"  # by what, as the clerk reads it
_LEAST = 4  # characters of a name that may stand in a longer text by more than chance
_CODES = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{3,}")
_YEAR = re.compile(r"20\d\d")  # of a folder for each year
_NUMBERED = re.compile(r"^(?:附件)?[\d一二三四五六七八九十]*[\W_]*")
_NEAR = 3  # names that a sentence offers


class Matched(NamedTuple):
    """A document and the project it belongs to, by what; `project_id` empty and `problem` a phrase where none does."""

    paper: Supporting
    project_id: str
    how: str
    problem: str = ""
    project: str = ""  # its name


def match(papers: Iterable[Supporting], identity: Identity) -> list[Matched]:
    """Each document with its project, of those that count; with none and a reason where none or several alike fit."""
    known = _Known(identity)
    return [known.match(paper) for paper in papers]


class _Known:
    """The projects of a batch, looked up by texts of folders and files."""

    def __init__(self, identity: Identity) -> None:
        self.identity, self.entries = identity, identity.entries
        counted = list(filter(identity.counts, range(len(self.entries))))
        self.by_code = grouped((key, at) for at in counted if (key := code_key(self.entries.code[at])))
        names = [(at, self.entries.name[at]) for at in counted]
        self.by_name = grouped((key, at) for at, name in names for key in {project_key(name), name_key(name)} - {""})
        self.names = sorted(self.by_name, key=len, reverse=True)
        self._found: dict[tuple[str, bool], tuple[list[int], str]] = {}

    def match(self, paper: Supporting) -> Matched:
        """The outermost folder that names a project decides, the name of the file only where no folder does."""
        inside = PurePosixPath(paper.below)
        several: list[int] = []
        for text, folder in [*((name, True) for name in inside.parts[:-1]), (inside.stem, False)]:
            found, how = self.named(text, folder=folder)
            own = self._of_place(found, paper) if len(found) > 1 else found
            if len(own) == 1:
                at = own[0]
                return Matched(paper, self.entries.project_id[at], how, project=self.entries.name[at])
            several = several or own
        return Matched(paper, "", "", self._why(several, inside))

    def named(self, text: str, *, folder: bool) -> tuple[list[int], str]:
        if (text, folder) not in self._found:
            self._found[text, folder] = self._named(text, folder=folder)
        return self._found[text, folder]

    def _named(self, text: str, *, folder: bool) -> tuple[list[int], str]:
        for run in _CODES.findall(fold(text)):
            for part in (run, *re.split(r"[-.]", run)):
                if not _YEAR.fullmatch(part) and (found := self.by_code.get(code_key(part))):
                    return found, CODE
        bare = _NUMBERED.sub("", fold(text))
        for whole in dict.fromkeys((name_key(text), name_key(bare), project_key(text))):
            if found := self.by_name.get(whole):
                return found, NAME
        whole = name_key(text)
        inner = [name for name in self.names if len(name) >= _LEAST and name in whole]
        longest = [name for name in inner if not any(name != other and name in other for other in inner)]
        if longest:
            return [at for name in longest for at in self.by_name[name]], WITHIN
        part = name_key(bare)
        if folder and len(part) >= _LEAST:
            return [at for name in self.names if part in name for at in self.by_name[name]], PART
        return [], ""

    def _of_place(self, found: Sequence[int], paper: Supporting) -> list[int]:
        """Of projects of one name those of the unit that the path names, else of the forms beside the documents."""
        found = list(dict.fromkeys(found))
        path = name_key(paper.name)
        units = [at for at in found if len(unit := name_key(self.identity.unit(at))) >= 2 and unit in path]
        beside = [at for at in found if paper.beside and f"{self.entries.file[at]}/".startswith(f"{paper.beside}/")]
        return next((some for some in (units, beside) if len(some) == 1), found)

    def _why(self, several: Sequence[int], inside: PurePosixPath) -> str:
        if several:
            names = "、".join(f"“{self.entries.name[at]}”" for at in several[:_NEAR])
            return f"与{names}等{len(several)}个项目都可能对应，请用项目编码作文件夹名称"
        first = name_key(inside.parts[0] if len(inside.parts) > 1 else inside.stem)
        near = next((name for name in self.names if similar(name, first)), "") if len(first) >= _LEAST else ""
        hint = f"，是否为“{self.entries.name[self.by_name[near][0]]}”？" if near else "，"
        return f"没有对应的项目{hint}请把文件夹改为项目名称或编码"
