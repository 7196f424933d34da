"""Windows, where a file that is open cannot be renamed, replaced, removed or opened for writing; simulated."""

from __future__ import annotations

import builtins
import contextlib
import errno
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from perfbatch.store import renames


def refusal(path: Any, winerror: int) -> PermissionError:
    """What Python raises on Windows: 5 access denied, 32 open in another program."""
    error = PermissionError(errno.EACCES, "held", os.fspath(path))
    error.winerror = winerror  # type: ignore[attr-defined]
    return error


@contextlib.contextmanager
def held_open(*names: str) -> Iterator[None]:
    """Files of these names are open in Excel: readable, and nothing else."""

    def closed(path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and Path(path).name in names

    def guarded(function: Any) -> Any:
        def call(*paths: Any, **more: Any) -> Any:
            for path in paths[:2]:
                if closed(path):
                    raise refusal(path, 32)
            return function(*paths, **more)

        return call

    def guarded_open(path: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if closed(path) and set(mode) & set("wax+"):
            raise refusal(path, 32)
        return opened(path, mode, *rest, **more)

    opened = io.open
    with contextlib.ExitStack() as stack:
        for name in ("replace", "rename", "unlink", "remove"):
            stack.enter_context(mock.patch.object(os, name, guarded(getattr(os, name))))
        stack.enter_context(mock.patch.object(io, "open", guarded_open))
        stack.enter_context(mock.patch.object(builtins, "open", guarded_open))
        stack.enter_context(mock.patch.object(renames, "PATIENCE", 0.05))
        yield


@contextlib.contextmanager
def scanned(times: int) -> Iterator[list[str]]:
    """A virus scanner refuses the first renames of every file and folder; yields the names that were met."""
    met: dict[str, int] = {}
    seen: list[str] = []

    def guarded(function: Any) -> Any:
        def call(source: Any, target: Any, **more: Any) -> Any:
            name = os.fspath(source)
            met[name] = met.get(name, 0) + 1
            if met[name] <= times:
                seen.append(name)
                raise refusal(source, 5)
            return function(source, target, **more)

        return call

    with (
        mock.patch.object(os, "replace", guarded(os.replace)),
        mock.patch.object(os, "rename", guarded(os.rename)),
        mock.patch.object(renames, "_FIRST", 0.001),
    ):
        yield seen
