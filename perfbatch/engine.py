"""How a function is mapped over files: in this process or in worker processes, one contract for both.

An engine yields one `Outcome` per task in the order of the tasks. A task that raises, dies or runs too long
costs its own outcome only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from perfbatch.errors import PerfbatchError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: its value, or the reason why there is none (one Chinese phrase)."""

    value: Any = None
    failure: str = ""


class Engine(Protocol):
    """Maps a picklable function over tasks."""

    def map(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> Iterator[Outcome]:
        """One outcome per task, in order."""


class InProcess:
    """Everything in this process: the reference the others must equal."""

    def map(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> Iterator[Outcome]:
        """One outcome per task, in order; exceptions become failures."""
        for task in tasks:
            try:
                yield Outcome(function(*task))
            except Exception as error:
                yield Outcome(failure=_told(error))


@dataclass(frozen=True)
class Processes:
    """Worker processes started afresh (spawn), so that a crash or a hang costs one file."""

    workers: int
    seconds: float = 120.0

    def map(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> Iterator[Outcome]:
        """One outcome per task, in order."""
        import multiprocessing  # noqa: PLC0415 - not needed for small runs

        from pebble import ProcessPool  # noqa: PLC0415

        context = multiprocessing.get_context("spawn")
        with ProcessPool(max_workers=self.workers, context=context) as pool:
            futures = [pool.schedule(function, args=list(task), timeout=self.seconds) for task in tasks]
            for future in futures:
                yield self._outcome(future)

    def _outcome(self, future: Any) -> Outcome:
        from pebble import ProcessExpired  # noqa: PLC0415

        try:
            return Outcome(future.result())
        except TimeoutError:
            return Outcome(failure=f"处理超过 {self.seconds:g} 秒仍未结束，已停止")
        except ProcessExpired:
            return Outcome(failure="读取程序异常退出，文件可能已损坏或内容异常")
        except Exception as error:
            return Outcome(failure=_told(error))


def _told(error: Exception) -> str:
    """What to say of an exception: our own sentences as they are, anything else as an internal error."""
    return str(error) if isinstance(error, PerfbatchError) else f"程序内部出错（{type(error).__name__}：{error}）"


def choose(workers: int | None, tasks: int) -> Engine:
    """Worker processes when there is more than one file and more than one worker, else this process."""
    wanted = min(workers or os.cpu_count() or 1, tasks)
    return Processes(wanted) if wanted > 1 else InProcess()
