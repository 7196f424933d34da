"""Runs in a folder: what is done again and what is not, who may write, and that every engine says the same."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import forms
from support.forms import outputs, write_forms

from perfbatch import sources
from perfbatch.cli import main
from perfbatch.config import Settings
from perfbatch.errors import OutputFolderFull
from perfbatch.outputs import records
from perfbatch.runs import archives, batch, engine

UNITS = [f"{name}单位" for name in "甲乙丙丁戊己"]
DAY = "2024-03-18"


def run(source: Path, output: Path, **more: object) -> batch.RunReport:
    return batch.run(sources.find([source]), output, Settings(), run_date=DAY, **more)  # type: ignore[arg-type]


def times(output: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in output.rglob("*") if path.is_file()}


def bundles(output: Path) -> dict[str, int]:
    found = {}
    for path in (output / ".perfbatch" / "results").glob("*/*/result.json"):
        with contextlib.suppress(FileNotFoundError):  # renamed since it was listed
            found[str(path)] = path.stat().st_mtime_ns
    return found


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("units") / "in"
    write_forms(folder, *UNITS)
    return folder


@pytest.fixture(scope="module")
def serial(inputs: Path) -> dict[str, str]:
    report = run(inputs, inputs.parent / "serial", workers=1)
    assert report.exit_code in (0, 1)
    return outputs(inputs.parent / "serial")


# --- one result, whatever the engine ---


def test_processes_give_the_same(inputs: Path, serial: dict[str, str], tmp_path: Path) -> None:
    run(inputs, tmp_path / "out", workers=2)
    assert outputs(tmp_path / "out") == serial
    assert not (tmp_path / "out" / ".perfbatch" / "parts").exists()
    assert sum(name.endswith("_批注.xlsx") for name in serial) == len(UNITS)
    assert {"绩效自评汇总表.xlsx", "findings.jsonl", "run.json", "data/indicators.parquet"} < set(serial)


def test_a_cluster_that_loses_a_worker_gives_the_same(
    inputs: Path, serial: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(batch.work, "read_one", forms.die_once)
    source = tmp_path / "in"
    shutil.copytree(inputs, source)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        report = run(source, tmp_path / "out", scheduler=cluster.scheduler_address)
    assert (source / "丁单位.died").exists()
    assert report.exit_code in (0, 1), report.unpublished
    assert outputs(tmp_path / "out") == serial
    assert len(bundles(tmp_path / "out")) == len(UNITS)


def test_a_deadly_file_costs_itself_only(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "in"
    shutil.copytree(inputs, source)
    write_forms(source, "坏", "错")
    monkeypatch.setattr(batch.work, "read_one", forms.read_or_die)
    report = run(source, tmp_path / "out", workers=2)
    failed = {result.file: result.reason for result in report.batch.results if result.status != "ok"}
    assert set(failed) == {"坏.xlsx", "错.xlsx"}
    assert "异常退出" in failed["坏.xlsx"]
    assert report.exit_code == 3
    assert len(list((tmp_path / "out").glob("*_批注.xlsx"))) == len(UNITS)


def test_a_single_deadly_file_leaves_a_run_behind(tmp_path: Path) -> None:
    """The reader takes the whole process down, twice; the parent still has a result to show."""
    write_forms(tmp_path / "in", "坏")
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "def names(frame):\n"
        "    while frame:\n"
        "        yield frame.f_code.co_name\n"
        "        frame = frame.f_back\n"
        "def hook(event, args):\n"
        "    if event == 'open' and str(args[0]).endswith('坏.xlsx') and 'read_book' in names(sys._getframe()):\n"
        "        os.abort()\n"
        "sys.addaudithook(hook)\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-m", "perfbatch", "run", "in", "--output", "out"], cwd=tmp_path, env=environment,
        capture_output=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert done.returncode == 3
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert [file["status"] for file in record["files"]] == ["failed"]
    assert "异常退出" in record["files"][0]["reason"]


# --- what is done again ---


def test_nothing_changed_nothing_done(inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["run", str(inputs), "--output", str(tmp_path / "out"), "--workers", "1"]
    first = main(command)
    closing = capsys.readouterr().out
    before = times(tmp_path / "out")
    assert main(command) == first
    assert times(tmp_path / "out") == before
    again = capsys.readouterr().out
    assert again.startswith(closing.rstrip("\n"))
    assert "没有重新生成" in again
    assert main([*command, "--json"]) == first
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "victim", ["甲单位_批注.xlsx", "绩效自评汇总表.xlsx", "findings.jsonl", "data/projects.parquet"]
)
@pytest.mark.parametrize("gone", [True, False])
def test_an_output_that_was_touched_is_made_again(
    inputs: Path, serial: dict[str, str], tmp_path: Path, victim: str, gone: bool
) -> None:
    shutil.copytree(inputs.parent / "serial", tmp_path / "out")
    kept = bundles(tmp_path / "out")
    path = tmp_path / "out" / victim
    path.unlink() if gone else path.write_bytes(b"x")
    run(inputs, tmp_path / "out", workers=1)
    made = outputs(tmp_path / "out")
    kept_aside = {name: made.pop(name) for name in [*made] if "(已修改)" in name}
    assert list(kept_aside.values()) == ([] if gone else [hashlib.sha256(b"x").hexdigest()])
    assert made == serial
    assert bundles(tmp_path / "out") == kept


def test_only_the_changed_file_is_read_again(inputs: Path, tmp_path: Path) -> None:
    source = tmp_path / "in"
    shutil.copytree(inputs, source)
    run(source, tmp_path / "out", workers=1)
    before, copies = bundles(tmp_path / "out"), times(tmp_path / "out")
    shutil.copy(*write_forms(tmp_path / "new", "辛单位"), source / "己单位.xlsx")  # the first is named in the others
    run(source, tmp_path / "out", workers=1)
    after = bundles(tmp_path / "out")
    assert len(set(after.items()) - set(before.items())) == 1
    untouched = str(tmp_path / "out" / "丙单位_批注.xlsx")
    assert times(tmp_path / "out")[untouched] == copies[untouched]
    fresh = run(source, tmp_path / "fresh", workers=1)
    assert fresh.exit_code in (0, 1)
    assert outputs(tmp_path / "out") == outputs(tmp_path / "fresh")


def test_other_settings_are_other_results(inputs: Path, tmp_path: Path) -> None:
    run(inputs, tmp_path / "out", workers=1)
    found = sources.find([inputs])
    batch.run(found, tmp_path / "out", Settings(year=2022), workers=1, run_date=DAY)
    assert len(bundles(tmp_path / "out")) == 2 * len(UNITS)
    batch.run(found, tmp_path / "out", Settings(sample="3", seed=9), workers=1, run_date=DAY)
    assert len(bundles(tmp_path / "out")) == 2 * len(UNITS)  # the sample does not change what is read


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.parametrize("seed", range(2))
def test_killed_at_any_moment_with_workers(inputs: Path, tmp_path: Path, seed: int) -> None:
    """kill -9 of the main process while two workers are at it; the same command ends as if nothing had been."""
    source = tmp_path / "in"
    shutil.copytree(inputs, source)
    command = [sys.executable, "-m", "perfbatch", "run", str(source), "--output", str(tmp_path / "out"),
               "--workers", "2"]  # fmt: skip
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    chance = random.Random(seed)
    wanted = chance.randrange(1, 2 * len(UNITS))
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        made = len(bundles(tmp_path / "out")) + len(list((tmp_path / "out").glob("*_批注.xlsx")))
        if made >= wanted:
            break
        time.sleep(0.005)
    process.kill()
    process.wait()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode in (0, 1), done.stderr
    main(["run", str(source), "--output", str(tmp_path / "fresh"), "--workers", "1"])
    assert outputs(tmp_path / "out") == outputs(tmp_path / "fresh")
    names = [path.name for path in (tmp_path / "out").rglob("*")]
    assert [name for name in names if name.endswith(".tmp") or ".perfbatch-tmp" in name or "lock" in name] == []


# --- interrupts ---


class Interrupted(engine.InProcess):
    """Ctrl+C arrives after three files."""

    def map(self, function: object, tasks: object, sizes: object = ()) -> Iterator[tuple[int, engine.Outcome]]:
        for at, outcome in super().map(function, tasks, sizes):  # type: ignore[arg-type]
            if at == 3 and "read" in function.__name__:  # type: ignore[attr-defined]
                raise KeyboardInterrupt
            yield at, outcome


def test_an_interrupt_publishes_what_is_done_and_names_the_rest(
    inputs: Path, serial: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "choose", lambda *_, **__: Interrupted())
    said: list[str] = []
    report = run(inputs, tmp_path / "out", tell=said.append)
    states = [result.reason_code for result in report.batch.results]
    assert states == ["", "", "", *["stopped"] * (len(UNITS) - 3)]
    assert report.exit_code == 3
    assert "正在停止" in said[0]
    assert len(list((tmp_path / "out").glob("*_批注.xlsx"))) == 3
    assert len((tmp_path / "out" / "data" / "projects.parquet").read_bytes()) > 0
    monkeypatch.undo()
    run(inputs, tmp_path / "out", workers=1)
    assert outputs(tmp_path / "out") == serial


def test_a_disk_that_fills_while_workers_write_copies_ends_them_first(
    inputs: Path, serial: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they were at is cleaned away, and nothing goes on behind the message."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(records.FindingsFiles, "add", full)
    with pytest.raises(OutputFolderFull, match="磁盘空间不足"):
        run(inputs, tmp_path / "out", workers=2)
    left = sorted(path.name for path in (tmp_path / "out").rglob("*"))
    assert [name for name in left if name.endswith(".tmp") or ".perfbatch-tmp" in name] == []
    time.sleep(0.5)
    assert sorted(path.name for path in (tmp_path / "out").rglob("*")) == left
    monkeypatch.undo()
    run(inputs, tmp_path / "out", workers=2)
    assert outputs(tmp_path / "out") == serial


# --- who may write ---


@contextlib.contextmanager
def holding(output: Path, **holder: object) -> Iterator[Path]:
    path = output / ".perfbatch" / "lock.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(holder), encoding="utf-8")
    yield path


def test_a_second_run_is_kept_out_and_told_by_whom(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with holding(tmp_path / "out", host="财政所二号机", pid=4711, since="2024-03-18 09:00:00"):
        assert main(["run", str(inputs), "--output", str(tmp_path / "out"), "--workers", "1"]) == 3
    said = capsys.readouterr().err
    assert "财政所二号机" in said
    assert "4711" in said
    assert outputs(tmp_path / "out") == {}


def test_a_dead_holder_is_no_holder(inputs: Path, serial: dict[str, str], tmp_path: Path) -> None:
    with holding(tmp_path / "out", host="别处", pid=1) as path:
        long_ago = time.time() - 3600
        os.utime(path, (long_ago, long_ago))
        run(inputs, tmp_path / "out", workers=1)
    assert outputs(tmp_path / "out") == serial
    assert not path.exists()


@pytest.mark.skipif(os.name == "nt", reason="asks for a process by its number")
def test_a_holder_that_ended_here_is_no_holder(inputs: Path, tmp_path: Path) -> None:
    import platform

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with holding(tmp_path / "out", host=platform.node(), pid=ended.pid):
        assert run(inputs, tmp_path / "out", workers=1).exit_code in (0, 1)


def test_an_output_that_cannot_be_made_is_one_sentence(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert main(["run", str(inputs), "--output", str(tmp_path / "file" / "out"), "--workers", "1"]) == 3
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert "无法写入" in said[0]


# --- archives and folders ---


def test_an_archive_is_a_folder(inputs: Path, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    data = {f"一季度/{path.name}": path.read_bytes() for path in sorted(inputs.glob("*.xlsx"))[:2]}
    more = {"说明.txt": b"x", "__MACOSX/._a.xlsx": b"x", "内.zip": b"PK\x05\x06" + bytes(18)}
    with zipfile.ZipFile(source / "各单位.zip", "w") as archive:
        for name, content in (data | more).items():
            archive.writestr(name, content)
    report = run(source, tmp_path / "out", workers=1)
    names = [f"各单位.zip/{name}" for name in sorted(data)]
    assert [result.file for result in report.batch.results if result.status == "ok"] == names
    assert {result.file: result.status for result in report.batch.results if result.status != "ok"} == {
        "各单位.zip/说明.txt": "skipped",
        "各单位.zip/内.zip": "refused",
    }
    assert sorted(path.name for path in (tmp_path / "out").glob("*_批注.xlsx")) == [
        f"{Path(name).stem}_批注.xlsx" for name in sorted(data, key=lambda n: Path(n).name)
    ]
    assert dict(report.skipped).keys() == {"各单位.zip/说明.txt"}
    assert not (tmp_path / "out" / ".perfbatch" / "unpacked").exists()


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_that_chinese_windows_stored_without_their_encoding_are_read(tmp_path: Path, encoding: str) -> None:
    stored = "柳溪镇\\自评表.xlsx".encode(encoding)
    placeholder = "x" * len(stored)
    path = tmp_path / "各单位.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo(placeholder), b"x")
    path.write_bytes(path.read_bytes().replace(placeholder.encode(), stored))
    (found,) = archives.unpacked(sources.find([path]), tmp_path / "out").files
    assert (found.name, found.path.name) == ("各单位.zip/柳溪镇/自评表.xlsx", "自评表.xlsx")


@pytest.mark.parametrize(
    ("name", "members", "code"),
    [
        ("越界.zip", {"../外面.xlsx": b"x"}, "unsafe_part_name"),
        ("炸弹.zip", {"大.xlsx": bytes(40 << 20)}, "bomb"),
        ("空的.zip", {"说明.txt": b"x"}, "empty"),
    ],
)
def test_a_bad_archive_is_refused_and_the_rest_goes_on(
    inputs: Path, tmp_path: Path, name: str, members: dict[str, bytes], code: str
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    shutil.copy(inputs / "甲单位.xlsx", source / "甲单位.xlsx")
    with zipfile.ZipFile(source / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    report = run(source, tmp_path / "out", workers=1)
    states = {result.file: (result.status, result.reason_code) for result in report.batch.results}
    states.pop("空的.zip/说明.txt", None)
    assert states == {"甲单位.xlsx": ("ok", ""), name: ("refused", code)}
    assert report.exit_code == 3
    assert not list(tmp_path.glob("*.xlsx"))
