"""Mutants of a room: mutmut's operators on every function, decorated ones too.

mutmut itself leaves decorated functions alone (a trampoline cannot stand in for them), and every check, cached
reader and property of this program is decorated. So only its operators are taken from it; a mutant is the code
object of one changed function, put in place of the original one in the running process.
"""

from __future__ import annotations

import functools
import gc
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

ROOT = Path(__file__).resolve().parent.parent.parent
_UNTOUCHED_CALLS = {"len", "isinstance", "cast"}  # the first two as in mutmut: None in their place is noise


class Parts:
    """A module and the texts of its statements (the head first), since writing all of it out takes long."""

    def __init__(self, module: cst.Module) -> None:
        self.module = module
        bodies = [module.code_for_node(statement) for statement in module.body]
        whole = "".join(bodies)
        head, _, foot = module.code.partition(whole) if whole else (module.code, "", "")
        self.texts = [head, *bodies, foot]


@dataclass(frozen=True)
class Mutant:
    """One change: `lines` are those of the changed node, `statement` those of the statement around it."""

    path: Path
    function: str
    lines: range
    statement: range
    parts: Parts = field(repr=False)
    at: int
    old: cst.CSTNode = field(repr=False)
    new: cst.CSTNode = field(repr=False)

    def source(self) -> str:
        """The whole module with the change."""
        parts = self.parts
        changed: Any = parts.module.body[self.at].deep_replace(self.old, self.new)  # type: ignore[arg-type]
        before, after = parts.texts[: self.at + 1], parts.texts[self.at + 2 :]
        return "".join([*before, parts.module.code_for_node(changed), *after])

    def __str__(self) -> str:
        """``room.module.function: was → now``, free of line numbers, so that it survives edits elsewhere."""
        was, now = _changed_lines("".join(self.parts.texts), self.source())
        return f"{self.place}: {was} → {now}"

    @property
    def place(self) -> str:
        """Room, module and function."""
        return ".".join((self.path.parent.name, self.path.stem, self.function))


def _changed_lines(old: str, new: str) -> tuple[str, str]:
    before, after = old.splitlines(), new.splitlines()
    while before and after and before[-1] == after[-1]:
        before.pop()
        after.pop()
    same = next((n for n, pair in enumerate(zip(before, after, strict=False)) if len(set(pair)) > 1), len(before))
    was, now = (" ".join(line.strip() for line in lines[same:]) for lines in (before, after))
    return was, now


class _Visitor(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, path: Path, module: cst.Module) -> None:
        super().__init__()
        self.path, self.parts, self.found = path, Parts(module), list[Mutant]()
        self.places = {id(statement): at for at, statement in enumerate(module.body)}
        self.at = 0
        self.names: list[str] = []
        self.depth = 0  # of functions
        self.statements: list[range] = []

    def _lines(self, node: cst.CSTNode) -> range:
        place = self.get_metadata(PositionProvider, node)
        return range(place.start.line, place.end.line + 1)

    def _header(self, node: Any) -> range:
        """A statement's own lines: all of a simple one, those above the block of a compound one."""
        lines = self._lines(node)
        block = getattr(getattr(node, "body", None), "body", None)
        if isinstance(node, cst.SimpleStatementLine) or not block or isinstance(node.body, cst.SimpleStatementSuite):
            return lines
        return range(lines.start, max(self._lines(block[0]).start, lines.start + 1))

    def on_visit(self, node: cst.CSTNode) -> bool:
        self.at = self.places.get(id(node), self.at)
        if isinstance(node, (cst.Annotation, cst.Decorator, cst.Param)):
            return False
        called = node.func.value if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) else ""
        if called == "cast":  # its type says nothing at run time
            node.args[1].visit(self)  # type: ignore[attr-defined]
        if called in _UNTOUCHED_CALLS:
            return False
        if isinstance(node, (cst.ClassDef, cst.FunctionDef)) and self.depth == 0:
            self.names.append(node.name.value)
        self.depth += isinstance(node, cst.FunctionDef)
        if isinstance(node, (cst.BaseStatement, cst.MatchCase)):
            self.statements.append(self._header(node))
        if self.depth:
            self._mutate(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        self.depth -= isinstance(original_node, cst.FunctionDef)
        if isinstance(original_node, (cst.ClassDef, cst.FunctionDef)) and self.depth == 0:
            self.names.pop()
        if isinstance(original_node, (cst.BaseStatement, cst.MatchCase)):
            self.statements.pop()

    def _mutate(self, node: cst.CSTNode) -> None:
        for kind, operator in mutation_operators:
            for new in operator(node) if isinstance(node, kind) else ():
                lines = self._lines(node) if not isinstance(node, cst.BaseCompoundStatement) else self.statements[-1]
                place = (self.path, ".".join(self.names), lines, self.statements[-1])
                self.found.append(Mutant(*place, self.parts, self.at, node, new))


def mutants_of(path: Path) -> list[Mutant]:
    """All mutants of one module; some may be no valid Python, or compile to the same code."""
    wrapper = MetadataWrapper(cst.parse_module(path.read_text(encoding="utf-8")))
    visitor = _Visitor(path, wrapper.module)
    wrapper.visit(visitor)
    return visitor.found


def code_of(mutant: Mutant) -> types.CodeType | None:
    """The code object of the changed function; None where the change is no valid Python."""
    try:
        whole = compile(mutant.source(), str(mutant.path), "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return next(code for code in _codes(whole) if code.co_qualname == mutant.function)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def live_functions() -> dict[tuple[str, str], list[types.FunctionType]]:
    """The function objects of this process by file and qualified name, however they are decorated."""
    found: dict[tuple[str, str], list[types.FunctionType]] = {}
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType):
            found.setdefault((thing.__code__.co_filename, thing.__code__.co_qualname), []).append(thing)
    return found


def caches(but: tuple[str, ...]) -> list[Any]:
    """All `lru_cache` wrappers of the program and its tests, those of packages named in `but` left out."""
    kind: type = functools._lru_cache_wrapper
    wrappers = [thing for thing in gc.get_objects() if isinstance(thing, kind)]
    ours = ("perfbatch.", "support.", "tests.", "test_")
    return [one for one in wrappers if (one.__module__ or "").startswith(ours) and not one.__module__.startswith(but)]
