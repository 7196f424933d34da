"""One run at a time in a folder: the lock of a dead run is nobody's, that of a living one is never taken."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from perfbatch.errors import PerfbatchError
from perfbatch.store import lock

ELSEWHERE = {"host": "财政所二号机", "place": "财政所二号机 win32", "pid": 4711, "started": "1", "since": "昨天"}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, twenty times as fast."""
    monkeypatch.setattr(lock, "_BEAT", 0.1)
    monkeypatch.setattr(lock, "_WATCHED", 0.6)
    monkeypatch.setattr(lock, "_PATIENCE", 0.2)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "out" / ".perfbatch"
    folder.mkdir(parents=True)
    return folder


def leave(store: Path, age: float = 0.0, **holder: Any) -> Path:
    """The lock of a run that is or was."""
    path = store / lock.NAME
    path.write_text(json.dumps(holder), encoding="utf-8")
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def is_taken(store: Path) -> bool:
    try:
        with lock.held(store):
            own = json.loads((store / lock.NAME).read_text(encoding="utf-8"))
            assert own["pid"] == os.getpid()
            return True
    except PerfbatchError as error:
        assert "正被计算机" in str(error)
        return False


def test_a_free_folder_is_held_and_left_as_it_was(store: Path) -> None:
    with lock.held(store):
        assert [path.name for path in store.iterdir()] == [lock.NAME]
        assert not is_taken(store)
        time.sleep(0.3)
        assert (store / "lock.beat").is_file()
    assert list(store.iterdir()) == []


@contextlib.contextmanager
def at_work() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_holder_on_this_computer(store: Path) -> None:
    """At work: kept out however silent; another process of its number, or none: taken at once."""
    here = {"host": platform.node(), "place": lock.place(), "since": ""}
    with at_work() as process:
        began = lock.started(process.pid)
        assert began and began == lock.started(process.pid)
        leave(store, 3600, pid=process.pid, started=began, **here)
        assert not is_taken(store)
        leave(store, 0, pid=process.pid, started=began - 60, **here)
        before = time.monotonic()
        assert is_taken(store)
    leave(store, 0, pid=process.pid, started=began, **here)
    assert is_taken(store)
    assert time.monotonic() - before < 0.5


def test_a_killed_run_is_followed_at_once(store: Path) -> None:
    code = "import sys, time; from pathlib import Path; from perfbatch.store import lock\n"
    code += "with lock.held(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        assert not is_taken(store)
        process.kill()
        process.wait()
    assert is_taken(store)


@pytest.mark.parametrize("age", [3600, -3600], ids=["old", "of the future"])
@pytest.mark.parametrize("beats", [True, False])
def test_a_holder_on_another_computer_is_watched(store: Path, age: float, beats: bool) -> None:
    """Its clock may be an hour off, and it may have been dead for an hour: only what it does now tells."""
    path, over = leave(store, age, **ELSEWHERE), threading.Event()

    def live() -> None:
        while not over.wait(0.1):
            os.utime(path, (time.time() - age, time.time() - age))

    if beats:
        threading.Thread(target=live, daemon=True).start()
    assert is_taken(store) is not beats
    over.set()


def test_a_fresh_lock_of_another_computer_is_respected(store: Path) -> None:
    leave(store, 10, **ELSEWHERE)
    with pytest.raises(PerfbatchError, match=r"计算机“财政所二号机”上的另一次运行（进程4711，昨天开始）"):
        lock._acquire(store / lock.NAME)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"pid": "x"}', "\x00" * 50])
def test_a_lock_that_says_nothing_is_watched_too(store: Path, text: str) -> None:
    path = leave(store)
    path.write_text(text, encoding="utf-8")
    assert not is_taken(store)
    os.utime(path, (1, 1))
    assert is_taken(store)


def test_a_lock_that_another_has_just_taken_is_given_back(store: Path) -> None:
    """Both saw the dead one; the slower renames the lock of the faster."""
    dead = {"host": "别处", "pid": 1}
    path = leave(store, **ELSEWHERE)
    lock._clear(path, dead)
    assert json.loads(path.read_text(encoding="utf-8")) == ELSEWHERE
    lock._clear(path, ELSEWHERE)
    assert list(store.iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
def test_of_many_at_once_one_gets_it(store: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not links:

        def none(*_: object) -> None:
            raise OSError(95, "not supported")

        monkeypatch.setattr(os, "link", none)
    path = store / lock.NAME
    got = []
    threads = [threading.Thread(target=lambda: got.append(lock._taken(path))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 11 + [True]
    assert json.loads(path.read_text(encoding="ascii"))["pid"] == os.getpid()


def test_what_becomes_of_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """At work, ended and not asked about, gone, no number of a process, of somebody else."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        deadline = time.monotonic() + 20
        while lock.started(process.pid) is not None and time.monotonic() < deadline:
            time.sleep(0.05)  # has ended, is not waited for: a zombie
        assert lock.started(process.pid) is None
        process.wait()
        assert lock.started(process.pid) is None
    assert lock.started(os.getpid())
    assert lock.started(0x7FFFFFFF) is None
    assert lock.started(-1) is None

    def refused(pid: int) -> None:
        raise psutil.AccessDenied(pid)

    monkeypatch.setattr(psutil, "Process", refused)
    assert lock.started(os.getpid()) == 0.0
