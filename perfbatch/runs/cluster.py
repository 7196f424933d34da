"""Dask distributed as an engine: the tasks of a run on the machines of a cluster, results on shared storage.

Only paths, keys and short results travel; rows stay in the bundles that the workers write, each published
once however often a task is run. Input and output folders must be visible under the same paths everywhere.
"""

import contextlib
from collections.abc import Sequence
from typing import Any

import distributed

from perfbatch.errors import UsageError
from perfbatch.runs.engine import MEMORY, SECONDS, Function, Groups, Outcome, Rounds, Task, attempt_all, limit_memory

_dask: Any = distributed  # half of it is untyped
_LOST = 1  # workers that a task may take with it before it counts as deadly (Dask: 3 by default)
_JOIN = 30  # seconds to reach the scheduler


class Cluster(Rounds):
    """The workers of a Dask scheduler. A file that kills workers is tried alone and then given up.

    `seconds` bounds how long one group of files may take once nothing else finishes.
    """

    def __init__(self, address: str, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        try:
            self._client = _dask.Client(address, timeout=_JOIN, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise UsageError(f"连接不上集群调度器“{address}”，请确认地址正确、调度器已启动。") from error
        with contextlib.suppress(Exception):  # a scheduler without perfbatch keeps its own, higher figure
            self._client.run_on_scheduler(_soon_deadly)
        self.workers = max(1, sum(self._client.nthreads().values()))

    def _attempt_groups(
        self, function: Function, tasks: Sequence[Task], groups: Sequence[Sequence[int]], workers: int
    ) -> Groups:
        if workers == 1:  # the last attempt: one after the other
            for members in groups:
                yield from self._attempt_groups(function, tasks, [members], 2)
            return
        waiting = {}
        for members in groups:
            some = [tasks[at] for at in members]
            future = self._client.submit(_attempt_limited, function, some, pure=False, retries=0)
            waiting[future] = members
        while waiting:
            try:
                with self._client.as_current():
                    finished = _dask.wait(list(waiting), timeout=self.seconds, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                yield from self._give_up(waiting)
                return
            for future in finished:
                yield waiting.pop(future), _outcome(future)
                future.release()

    def _give_up(self, waiting: dict[Any, Sequence[int]]) -> Groups:
        """Nothing has finished for too long: the groups at work hang."""
        self._client.cancel(list(waiting), force=True)
        with contextlib.suppress(Exception):
            self._client.restart_workers(list(self._client.scheduler_info()["workers"]), timeout=_JOIN)
        for members in waiting.values():
            yield members, Outcome(failure=f"处理超过{self.seconds:g}秒仍未结束，已停止", kind="hung")

    def stop(self) -> None:
        """Withdraw what has not begun."""
        with contextlib.suppress(Exception):
            self._client.cancel(list(self._client.futures.values()), force=True)

    def __exit__(self, *_: object) -> None:
        self._client.close()


def _soon_deadly(dask_scheduler: Any) -> None:
    dask_scheduler.allowed_failures = _LOST


def _attempt_limited(function: Function, tasks: Sequence[Task]) -> list[Outcome]:
    limit_memory(MEMORY)
    return attempt_all(function, tasks)


def _outcome(future: Any) -> list[Outcome] | Outcome:
    try:
        return list(future.result())
    except _dask.KilledWorker:
        return Outcome(failure="使集群的工作进程异常退出，文件可能已损坏或内容异常", kind="died")
    except Exception as error:
        return Outcome(failure=f"在集群上没有处理完（{type(error).__name__}：{error}）", kind="died")
