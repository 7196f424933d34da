"""The annotated copies of a run, written by its workers while the outputs of the whole run are written here."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from perfbatch.config import Settings
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
        self._engine = engine
        names = files.output_names([one.name for one in inputs])
        self._tasks = [(one, output / names[one.name], store, across[one.name], settings) for one in inputs]
        self._done: dict[str, work.Copied] = {}
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None
        self._over = False

    def names(self) -> dict[str, str]:
        """Input file → name of its copy: of those that were made, and before that of those that will be."""
        if not self._over:
            return {one.name: target.name for one, target, *_ in self._tasks}
        return {one.name: self._done[one.name].name for one, *_ in self._tasks if one.name in self._done}

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
        missing = [one.name for one, *_ in self._tasks if one.name not in self._done]
        self.unpublished = [f"“{name}”的批注文件未生成：已按要求停止，重新运行即可补上。" for name in missing]

    def _guarded(self) -> None:
        try:
            self._make()
        except Exception as error:  # raised again by join, in the thread that can tell it
            self._error = error

    def _make(self) -> None:
        for one, target, store, known, _ in self._tasks:
            if (before := work.copied_before(one, target, store, known)) is not None:
                self._done[one.name] = before
        todo = [task for task in self._tasks if task[0].name not in self._done]
        failures = {}
        for at, outcome in self._engine.map(work.copy_one, todo, [one.size for one, *_ in todo]):
            name = todo[at][0].name
            if outcome.failure:
                failures[at] = f"“{name}”的批注文件未能生成：{outcome.failure.rstrip('。')}。"
            else:
                self._done[name] = outcome.value
        self.unpublished += [failures[at] for at in sorted(failures)]
        self._over = True
        self.notices += [note for name in self.names() for note in self._done[name].notes]
