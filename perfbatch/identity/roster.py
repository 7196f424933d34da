"""The roster of units that are to hand in: from a list file, else the units named in `perfbatch.toml`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from perfbatch.config import Settings
from perfbatch.errors import RefusedFile, UsageError, why
from perfbatch.identity.units import WORDS, Aliases, aliased_names, unit_key
from perfbatch.intake import read_book
from perfbatch.model import Grid
from perfbatch.notation import fold

_SHOWN = 5  # names of a sentence


class Roster(NamedTuple):
    """Who is expected: `names` in their order; `listed` in a file of its own, else in `units` of the settings."""

    names: tuple[str, ...] = ()
    listed: str = ""


class Attendance(NamedTuple):
    """The roster held against the units of a run."""

    expected: int = 0
    absent: tuple[str, ...] = ()  # on the roster, nothing handed in
    unknown: tuple[str, ...] = ()  # handed in, not on a roster of its own
    listed: str = ""

    def told(self) -> list[str]:
        """What a person has to know of it, a sentence each."""
        names = f"：{_some(self.absent)}" if self.absent else ""
        lines, there = [], self.expected - len(self.absent)
        if self.listed:
            lines = [f"应报送{self.expected}个单位，已报送{there}个，未报送{len(self.absent)}个{names}。"]
        elif self.absent:
            lines = [f"perfbatch.toml 的 units 中有{len(self.absent)}个单位没有报送{names}。"]
        if self.unknown:
            lines.append(
                f"有{len(self.unknown)}个单位不在单位名单“{self.listed}”中：{_some(self.unknown)}；请核对名单，"
                "同一单位的其他写法写在 perfbatch.toml 的 units 中。"
            )
        return lines


def load(settings: Settings) -> Roster:
    """The roster of a run. Raises UsageError for a list that cannot be read or names nobody."""
    if not settings.roster:
        return Roster(tuple(settings.units))
    path = Path(settings.roster)
    names = tuple(_lines(path) if path.suffix.lower() == ".txt" else _column(path))
    if not names:
        raise UsageError(f"单位名单“{path.name}”中没有单位名称，请每行写一个单位。")
    return Roster(names, path.name)


def attendance(roster: Roster, units: Iterable[str], aliases: Aliases) -> Attendance:
    """Who of the roster is among `units`, and who is not on it; a name counts once however it is written."""
    known = aliased_names(aliases)

    def key(name: str) -> str:
        found = unit_key(name)
        return unit_key(known.get(found, "")) or found

    expected = {key(name): name for name in reversed(roster.names)}
    there = {key(name): name for name in units if name}
    if not roster.listed and len(there) < 2:  # one unit's own settings name its spellings, not who is to hand in
        return Attendance()
    absent = tuple(dict.fromkeys(expected[key(name)] for name in roster.names if key(name) not in there))
    unknown = tuple(name for own, name in there.items() if own not in expected) if roster.listed else ()
    return Attendance(len(expected), absent, unknown, roster.listed)


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"单位名单“{path}”打不开（{why(error)}），请检查 perfbatch.toml 中的 roster。") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    return _names(text.splitlines())


def _column(path: Path) -> list[str]:
    """The column headed with a word for a unit; without one the first column, whose cells are all names."""
    if not path.is_file():
        raise UsageError(f"单位名单“{path}”不存在，请检查 perfbatch.toml 中的 roster。")
    try:
        grid: Grid = read_book(path, name=path.name).grids[0]
    except RefusedFile as refused:
        raise UsageError(f"单位名单不能使用：{refused}") from None
    heads = WORDS["unit"]["heads"]
    head = next((at for at, cell in sorted(grid.cells.items()) if fold(cell.text).rstrip(":") in heads), None)
    row, column = head or (0, min((at[1] for at in grid.cells), default=1))
    return _names(cell.text for at, cell in sorted(grid.cells.items()) if at[1] == column and at[0] > row)


def _names(texts: Iterable[str]) -> list[str]:
    return [name for text in texts if (name := " ".join(text.split())) and unit_key(name)]


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:_SHOWN]) + (f"等{len(names)}个单位" if len(names) > _SHOWN else "")
