"""The annotated copies of a run, written by its workers while the outputs of the whole run are written here."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from perfbatch.config import Settings
from perfbatch.errors import OutputFolderFull
from perfbatch.outputs import files
from perfbatch.runs import work
from perfbatch.runs.engine import Engine
from perfbatch.runs.work import Across, Input


class Copies:
    """One annotated copy for each of `inputs`; `across` is what is known of each beyond itself, by file.

    With an engine that works beside this process they are written from `start` on, else when they are waited for.
    """

    def __init__(
        self,
        engine: Engine,
        inputs: Sequence[Input],
        across: Mapping[str, Across],
        output: Path,
        store: Path,
        settings: Settings,
    ) -> None:
        self.unpublished: list[str] = []
        self.notices: list[str] = []
        self._engine, self._inputs, self._settings, self._store = engine, inputs, settings, store
        self._across = across
        names = files.output_names([one.name for one in inputs])
        self._targets = {one.name: output / names[one.name] for one in inputs}
        self._done: dict[str, work.Copied] = {}
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None
        self._over = False

    def names(self) -> dict[str, str]:
        """Input file → name of its copy: of those that were made, and before that of those that will be."""
        if not self._over:
            return {name: target.name for name, target in self._targets.items()}
        return {one.name: self._done[one.name].name for one in self._inputs if one.name in self._done}

    @property
    def beside(self) -> bool:
        """Whether a copy could not get its own name."""
        return any(done.beside for done in self._done.values())

    def start(self) -> None:
        """Begin; returns at once where workers do the work."""
        if self._engine.parallel:
            self._thread = threading.Thread(target=self._guarded, daemon=True)
            self._thread.start()

    def join(self) -> None:
        """Wait until all copies are made or named as missing; raises what nobody can mend."""
        if self._thread is not None:
            while self._thread.is_alive():
                self._thread.join(0.2)  # in steps, so that an interrupt gets through on Windows too
        elif not self._over:
            self._make()
        if self._error is not None:
            raise self._error

    def give_up(self) -> None:
        """Name what has not been made, after the workers were ended."""
        if self._thread is not None:
            self._thread.join()
        self._over, self._error = True, None
        missing = [one.name for one in self._inputs if one.name not in self._done]
        self.unpublished = [f"“{name}”的批注文件未生成：已按要求停止，重新运行即可补上。" for name in missing]

    def _guarded(self) -> None:
        try:
            self._make()
        except Exception as error:  # raised again by join, in the thread that can tell it
            self._error = error

    def _make(self) -> None:
        todo = []
        for one in self._inputs:
            before = work.copied_before(one, self._targets[one.name], self._store, self._across[one.name])
            if before is None:
                todo.append(one)
            else:
                self._done[one.name] = before
        tasks = [(one, self._targets[one.name], self._store, self._across[one.name], self._settings) for one in todo]
        failures = {}
        for at, outcome in self._engine.map(work.copy_one, tasks, [one.size for one in todo]):
            if outcome.full:
                raise OutputFolderFull(outcome.failure)
            if outcome.failure:
                failures[at] = f"“{todo[at].name}”的批注文件未能生成：{outcome.failure.rstrip('。')}。"
            else:
                self._done[todo[at].name] = outcome.value
        self.unpublished += [failures[at] for at in sorted(failures)]
        self.notices += [note for one in self._inputs if one.name in self._done for note in self._done[one.name].notes]
        self._over = True
