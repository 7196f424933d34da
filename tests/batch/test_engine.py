"""Workers that crash, hang, eat memory or raise cost their own file only, and every attempt is counted."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfbatch.errors import OutputFolderFull, RefusedFile
from perfbatch.runs.engine import GROUP_BYTES, GROUP_FILES, InProcess, Outcome, Processes, choose, grouped

MEMORY = 1 << 30
SECONDS = 6  # a busy machine needs more than two to fill the memory allowed
LIGHT = "perfbatch.errors"  # these tasks need no pandas


def behave(how: str, folder: Path, number: int) -> int:
    """One task: leaves a mark for each attempt, then does as its name says."""
    with (folder / f"{number}.log").open("a", encoding="utf-8") as log:
        log.write(f"{os.getpid()}\n")
    if how == "die":
        os.abort()
    if how == "die once" and len((folder / f"{number}.log").read_text(encoding="utf-8").split()) == 1:
        os._exit(7)
    if how == "hang":
        time.sleep(60)
    if how == "eat":
        kept = []
        while True:
            kept.append(bytearray(64 << 20))
    if how == "raise":
        raise ValueError("planted")
    if how == "refuse":
        raise RefusedFile("x", "一句话。")
    if how == "full":
        raise OutputFolderFull("磁盘满。")
    return number * 10


def attempts(folder: Path, number: int) -> int:
    return len((folder / f"{number}.log").read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, Outcome]]:
    folder = tmp_path_factory.mktemp("engine")
    hows = ["ok"] * 20
    hows[3], hows[9], hows[12], hows[16] = "die", "raise", "hang", "die once"
    if sys.platform == "linux":
        hows[6] = "eat"
    tasks = [(how, folder, at) for at, how in enumerate(hows)]
    with Processes(2, seconds=SECONDS, memory=MEMORY, warm=LIGHT) as engine:
        found = dict(engine.map(behave, tasks, [1000] * len(tasks)))
    return folder, found


def test_every_other_task_has_its_value(outcomes: tuple[Path, dict[int, Outcome]]) -> None:
    _, found = outcomes
    bad = {3, 9, 12} | ({6} if sys.platform == "linux" else set())
    assert sorted(found) == list(range(20))
    assert {at: found[at].value for at in found if at not in bad} == {at: at * 10 for at in range(20) if at not in bad}


def test_the_cause_is_told(outcomes: tuple[Path, dict[int, Outcome]]) -> None:
    _, found = outcomes
    assert (found[3].kind, found[12].kind, found[9].kind) == ("died", "hung", "error")
    assert "异常退出" in found[3].failure
    assert found[12].failure == f"处理超过{SECONDS}秒仍未结束，已停止"
    assert "planted" in found[9].failure


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_memory_is_limited(outcomes: tuple[Path, dict[int, Outcome]]) -> None:
    assert outcomes[1][6] == Outcome(failure="处理时内存不足", kind="memory")


def test_a_deadly_task_is_tried_again_and_the_last_time_alone(outcomes: tuple[Path, dict[int, Outcome]]) -> None:
    folder, _ = outcomes
    assert attempts(folder, 3) == 3  # in its group, singly, alone
    assert attempts(folder, 16) == 2  # the second attempt was good
    assert attempts(folder, 9) == 1  # an exception of ours would only come again


def test_in_process_exceptions_are_outcomes(tmp_path: Path) -> None:
    tasks = [(how, tmp_path, at) for at, how in enumerate(["ok", "raise", "refuse", "ok"])]
    found = dict(InProcess().map(behave, tasks))
    assert [found[at].value for at in (0, 3)] == [0, 30]
    assert found[2].failure == "一句话。"


def test_a_full_output_folder_ends_all(tmp_path: Path) -> None:
    for engine in (InProcess(), Processes(2, warm=LIGHT)):
        with engine, pytest.raises(OutputFolderFull, match="磁盘满。"):
            list(engine.map(behave, [("full", tmp_path, 0), ("ok", tmp_path, 1)], [1, 1]))


def test_workers_are_started_once_for_two_maps(tmp_path: Path) -> None:
    with Processes(2, warm=LIGHT) as engine:
        for _ in range(2):
            assert len(list(engine.map(behave, [("ok", tmp_path, 1), ("ok", tmp_path, 2)]))) == 2
    seen = {pid for number in (1, 2) for pid in (tmp_path / f"{number}.log").read_text(encoding="utf-8").split()}
    assert len(seen) <= 2


def kept_out() -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="POSIX")
def test_an_interrupt_is_for_the_parent_alone() -> None:
    """A worker hit while it starts would print its traceback; this process takes interrupts as before."""
    with Processes(2, warm=LIGHT) as engine:
        assert all(outcome.value for _, outcome in engine.map(kept_out, [()] * 8))
    assert not kept_out()


def test_one_file_stays_in_process_unless_that_has_crashed() -> None:
    assert isinstance(choose(None, 1), InProcess)
    assert isinstance(choose(1, 50), InProcess)
    assert choose(8, 3) == Processes(3)
    assert choose(None, 1, isolated=True) == Processes(1)


@given(st.lists(st.integers(0, 3 * GROUP_BYTES), max_size=200), st.integers(1, 16))
def test_groups_keep_the_order_and_their_bounds(sizes: list[int], workers: int) -> None:
    groups = grouped(sizes, workers)
    assert [at for group in groups for at in group] == list(range(len(sizes)))
    assert all(0 < len(group) <= GROUP_FILES for group in groups)
    assert all(sum(sizes[at] for at in group) <= GROUP_BYTES for group in groups if len(group) > 1)
    assert not sizes or len(groups) >= min(len(sizes), 4 * workers) or any(s > GROUP_BYTES // 8 for s in sizes)
