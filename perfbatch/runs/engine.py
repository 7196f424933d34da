"""How a function is mapped over files: in this process, in worker processes or on a cluster, one contract.

An engine yields ``(position of the task, Outcome)`` as the tasks finish. A task that raises, dies, hangs or
eats memory costs its own outcome only: what a dead group did not finish is run again task by task, and a task
that fails by itself once more alone. Tasks must therefore be safe to run twice.
"""

import contextlib
import gc
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from typing import Any, Literal, Self

from perfbatch.errors import OutputFolderFull, PerfbatchError

SECONDS = 120.0  # for one file; the slowest honest file measured takes a twentieth of it
MEMORY = 2 << 30  # bytes of private memory of one worker; the limits of intake keep a file under a quarter of it
GROUP_BYTES, GROUP_FILES = 1 << 20, 8
_LOOK = 0.5  # seconds between looks whether the workers were ended meanwhile
WARM = "perfbatch.runs.work"  # what a worker loads when it starts

Task = tuple[Any, ...]
Function = Callable[..., Any]
Kind = Literal["", "error", "told", "died", "hung", "memory", "full"]  # told: the failure is a sentence of ours


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: its value, or the reason why there is none (one Chinese phrase and its kind)."""

    value: Any = None
    failure: str = ""
    kind: Kind = ""


Parts = Sequence[Sequence[int]]  # positions of tasks, group by group
Outcomes = Iterator[tuple[int, Outcome]]
Groups = Iterator[tuple[Sequence[int], list[Outcome] | Outcome]]  # with the one failure that took a whole group


class Engine:
    """Maps a picklable function over tasks; a context manager that ends its workers."""

    parallel = True  # whether the caller may do something else while tasks run

    def map(self, function: Function, tasks: Sequence[Task], sizes: Sequence[int] = ()) -> Outcomes:
        """One outcome per task, in the order of completion; `sizes` (bytes) let small tasks go in groups.

        Raises OutputFolderFull where one is told that: no other task can do better.
        """
        for at, outcome in self._outcomes(function, tasks, sizes):
            if outcome.kind == "full":
                raise OutputFolderFull(outcome.failure)
            yield at, outcome

    def _outcomes(self, function: Function, tasks: Sequence[Task], sizes: Sequence[int]) -> Outcomes:
        raise NotImplementedError

    def stop(self) -> None:
        """End all workers at once; a later `map` starts new ones."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class InProcess(Engine):
    """Everything in this process, in order: the reference the others must equal. A native crash ends the process."""

    parallel = False

    def _outcomes(self, function: Function, tasks: Sequence[Task], sizes: Sequence[int]) -> Outcomes:
        return ((at, attempt(function, task)) for at, task in enumerate(tasks))


def attempt(function: Function, task: Task) -> Outcome:
    """Run one task; what it raises becomes its outcome."""
    try:
        return Outcome(function(*task))
    except MemoryError:
        return Outcome(failure="处理时内存不足", kind="memory")
    except OutputFolderFull as error:
        return Outcome(failure=str(error), kind="full")
    except Exception as error:
        return _failed(error)


def attempt_all(function: Function, tasks: Sequence[Task]) -> list[Outcome]:
    """Run a group of tasks in a worker."""
    return [attempt(function, task) for task in tasks]


def _failed(error: Exception) -> Outcome:
    """What to say of an exception: our own sentences as they are, anything else as an internal error."""
    if isinstance(error, PerfbatchError):
        return Outcome(failure=str(error), kind="told")
    return Outcome(failure=f"程序内部出错（{type(error).__name__}：{error}）", kind="error")


class Rounds(Engine):
    """The order of attempts shared by the engines that can lose a worker: groups, then singly, then alone."""

    workers: int
    seconds: float  # for a group of small files or one large one

    def _attempt_groups(self, function: Function, tasks: Sequence[Task], groups: Parts, workers: int) -> Groups:
        raise NotImplementedError

    def _outcomes(self, function: Function, tasks: Sequence[Task], sizes: Sequence[int]) -> Outcomes:
        groups = grouped(sizes or [GROUP_BYTES] * len(tasks), self.workers)
        again: list[int] = []  # members of dead groups
        alone: list[int] = []  # those that failed by themselves
        for members, got in self._attempt_groups(function, tasks, groups, self.workers):
            if isinstance(got, Outcome) and len(members) > 1:
                again += members
            else:
                yield from _sorted_out(members, got, alone)
        for members, got in self._attempt_groups(function, tasks, [[at] for at in sorted(again)], self.workers):
            yield from _sorted_out(members, got, alone)
        for members, got in self._attempt_groups(function, tasks, [[at] for at in sorted(alone)], 1):
            yield members[0], got if isinstance(got, Outcome) else got[0]


def _sorted_out(members: Sequence[int], got: list[Outcome] | Outcome, alone: list[int]) -> Outcomes:
    """Outcomes that are final; tasks that died, hung or ran out of memory are noted for a last attempt."""
    for at, outcome in zip(members, [got] if isinstance(got, Outcome) else got, strict=True):
        if outcome.kind in ("died", "hung", "memory"):
            alone.append(at)
        else:
            yield at, outcome


def grouped(sizes: Sequence[int], workers: int) -> list[list[int]]:
    """Positions in groups of small tasks, in order; enough groups that the workers end at about the same time."""
    most = max(1, min(GROUP_FILES, len(sizes) // (4 * max(workers, 1))))
    groups: list[list[int]] = []
    room = 0
    for at, size in enumerate(sizes):
        if not groups or len(groups[-1]) >= most or room < size:
            groups.append([])
            room = GROUP_BYTES
        groups[-1].append(at)
        room -= size
    return groups


@dataclass
class Processes(Rounds):
    """Worker processes started afresh (spawn). `seconds` limit a group of small files and one large file, `memory`
    (bytes) a worker; both are far above what files need.

    The memory limit holds where the system can limit a process's private memory (Linux); elsewhere there is
    none and only the time limit protects.
    """

    workers: int
    seconds: float = SECONDS
    memory: int = MEMORY
    warm: str = WARM
    _pool: Any = None
    _size: int = 0

    def _attempt_groups(self, function: Function, tasks: Sequence[Task], groups: Parts, workers: int) -> Groups:
        if not groups:
            return
        pool = self._started(workers)
        waiting = {}
        with _interrupts_kept_from_children():
            for members in groups:
                arguments = [function, [tasks[at] for at in members]]
                waiting[pool.schedule(attempt_all, args=arguments, timeout=self.seconds)] = members
        while waiting:
            for future in wait(waiting, timeout=_LOOK, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), self._outcome(future)
            if self._pool is not pool:  # what has not begun by then never ends
                raise PerfbatchError("已停止")

    def _started(self, workers: int) -> Any:
        if self._pool is not None and self._size != workers:
            self.stop()
        if self._pool is None:
            import multiprocessing  # noqa: PLC0415 - not needed for small runs

            from pebble import ProcessPool  # noqa: PLC0415

            self._size = workers
            self._pool = ProcessPool(
                max_workers=workers,
                context=multiprocessing.get_context("spawn"),
                initializer=prepare_worker,
                initargs=[self.memory, self.warm],
            )
        return self._pool

    def _outcome(self, future: Any) -> list[Outcome] | Outcome:
        from pebble import ProcessExpired  # noqa: PLC0415

        try:
            return list(future.result())
        except TimeoutError:
            return Outcome(failure=f"处理超过{self.seconds:g}秒仍未结束，已停止", kind="hung")
        except ProcessExpired as error:
            return Outcome(failure=f"使读取程序异常退出（代码{error.exitcode}），文件可能已损坏或内容异常", kind="died")
        except Exception as error:
            return _failed(error)

    def stop(self) -> None:
        """End all workers at once."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            pool.stop()
            pool.join()


@contextlib.contextmanager
def _interrupts_kept_from_children() -> Iterator[None]:
    """Ctrl+C is for this process alone: threads and workers started meanwhile never see it (POSIX).

    A worker that was hit while it still loaded modules printed its traceback over what is told to the clerk.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415

    resource_tracker.ensure_running()  # before the mask is set: starting it unsets it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def prepare_worker(memory: int, warm: str) -> None:
    """Limit the memory of a worker, tie its life to its parent's, and load the module `warm`."""
    limit_memory(memory)
    end_with_parent()
    try:
        importlib.import_module(warm)  # so that the time limit of a file does not pay for it
    except BaseException:
        if os.access(sys.executable, os.F_OK):
            raise
        os._exit(1)  # the program was moved: its parent says so, a traceback above that helps nobody
    gc.freeze()  # what is loaded stays


def limit_memory(memory: int) -> None:
    """Limit the private memory of this process where the system can; otherwise do nothing."""
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    with contextlib.suppress(OSError, ValueError):
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        wanted = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def end_with_parent() -> None:
    """A worker whose parent was killed must not go on writing beside the next run."""
    import multiprocessing  # noqa: PLC0415
    from multiprocessing.connection import wait  # noqa: PLC0415

    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def choose(workers: int | None, tasks: int, *, isolated: bool = False) -> Engine:
    """Worker processes for several files and workers, else this process.

    One file is faster here than in a worker (no second start of an interpreter with pandas). Where that has ended
    this process, it is started again (`perfbatch.runs.guard`) and every file is `isolated` in a worker.
    """
    wanted = max(1, min(workers or os.cpu_count() or 1, tasks))
    return Processes(wanted) if wanted > 1 or isolated else InProcess()
