"""Mutation testing: does a test fail when a function of a room is changed?

    python tests/proofs/mutation.py notation                   # every mutant
    python tests/proofs/mutation.py checks --sample 500 --seed 1

Needs ``pip install -e ".[dev,proofs]"`` and a system with `fork`. The tests of the room run once in this process,
which notes the lines each of them reaches; then every mutant runs in a forked process only the tests that reach its
statement, the likeliest to fail first, up to the first failure, each with a limit of processor time. Property
tests and those with LibreOffice are left out (slow, and the cases must do without them).

A survivor that `survivors.toml` does not explain is printed; that, or a share of killed mutants under
90 %, makes the exit code 1.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import random
import re
import resource
import select
import signal
import struct
import sys
import tempfile
import time
import tomllib
import types
from collections import Counter
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path

import coverage
import pytest
from _pytest.runner import runtestprotocol
from mutants import ROOT, Mutant, caches, code_of, live_functions, mutants_of

LEAST = 90.0  # per cent
SURVIVORS = Path(__file__).with_name("survivors.toml")
LEFT_OUT = ("test_properties.py", "test_excel.py")
BELOW = {  # packages that cannot call the room, by the import contracts: what they cached stays valid
    "notation": ("perfbatch.rulesets", "perfbatch.intake"),
    "scoring": ("perfbatch.rulesets", "perfbatch.intake", "perfbatch.notation", "perfbatch.forms"),
    "checks": ("perfbatch.rulesets", "perfbatch.intake", "perfbatch.notation", "perfbatch.forms"),
}
KILLED, SURVIVED, TIMEOUT, SAME = "killed", "survived", "timeout", "the same program"
_OFF = [part for name in ("xdist", "randomly", "cacheprovider") for part in ("-p", f"no:{name}")]
_MEMORY = 4 << 30  # bytes of address space
_NONE, _FAULT, _NO_CHANGE = -1, -2, -3  # in place of the position of a failed test


@dataclass
class Known:
    """What one test was seen to do."""

    item: pytest.Item
    seconds: float
    tried: int = 0
    kills: int = 0

    def priority(self, here: int) -> float:
        """Chance to kill a mutant per second; `here` counts those of the same function that it killed."""
        return ((self.kills + 1) / (self.tried + 2) + here) / (self.seconds + 0.002)


class Plugin:
    """Runs the collected tests once, then the mutants, in place of pytest's own loop."""

    def __init__(self, room: str, mutants: list[Mutant], workers: int, minutes: float) -> None:
        self.room, self.mutants, self.workers, self.minutes = room, mutants, workers, minutes
        self.known: list[Known] = []
        self.reached: dict[tuple[str, int], set[int]] = {}
        self.results: dict[int, str] = {}
        self.running: dict[int, tuple[int, int, list[int]]] = {}  # pid: number of the mutant, pipe, order
        self.killers: dict[tuple[Path, str], Counter[int]] = {}  # by function: how many mutants a test killed

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.path.name not in LEFT_OUT]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._baseline(session)
        self.functions, self.stale = live_functions(), caches(BELOW[self.room])
        gc.freeze()  # a collection in a child would copy every page
        say(f"{len(session.items)} tests reach {len(self.reached)} lines; {len(self.mutants)} mutants")
        started = time.monotonic()
        for number in range(len(self.mutants)):
            if time.monotonic() - started > 60 * self.minutes:
                break
            if len(self.running) >= self.workers:
                self._collect_one()
            self._start(number)
            if number % 50 == 49:
                say(f"{number + 1} after {time.monotonic() - started:.0f} s: {dict(Counter(self.results.values()))}")
        while self.running:
            self._collect_one()
        return True

    def _baseline(self, session: pytest.Session) -> None:
        """Time and lines of every test; nothing cached, or the first test alone would reach a cached function."""
        cover = coverage.Coverage(data_file=None, include=[str(ROOT / "perfbatch" / self.room / "*")])
        of_room = [one for one in caches(()) if one.__module__.startswith(f"perfbatch.{self.room}")]
        cover.start()
        for number, item in enumerate(session.items):
            for one in of_room:
                one.cache_clear()
            cover.switch_context(str(number))
            before = time.process_time()
            if not passes(item):
                raise pytest.UsageError(f"fails without any change: {item.nodeid}")
            self.known.append(Known(item, time.process_time() - before))
        cover.stop()
        data = cover.get_data()
        for path in data.measured_files():
            for line, contexts in data.contexts_by_lineno(path).items():
                self.reached[path, line] = {int(context) for context in contexts if context}

    def _tests(self, mutant: Mutant) -> list[int]:
        """The tests that reach the changed lines, or else the statement (a folded constant has no line)."""
        for lines in (mutant.lines, mutant.statement):
            found = set().union(*(self.reached.get((str(mutant.path), line), set()) for line in lines))
            if found:
                here = self.killers.get((mutant.path, mutant.function), Counter())
                return sorted(found, key=lambda n: -self.known[n].priority(here[n]))
        return []

    def _start(self, number: int) -> None:
        order = self._tests(self.mutants[number])
        reads, writes = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reads)
            self._child(self.mutants[number], order, writes)
        os.close(writes)
        self.running[pid] = (number, reads, order)

    def _child(self, mutant: Mutant, order: list[int], pipe: int) -> None:
        """Never returns; writes the position of the test that failed or, negative, why there is none."""
        failed = _FAULT
        try:
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            if not order:
                fresh_start(mutant, self.room)
            code = code_of(mutant)
            functions = self.functions[str(mutant.path), mutant.function]
            if code is None or code == functions[0].__code__:
                failed = _NO_CHANGE
                return
            for function in functions:
                function.__code__ = code
            for one in self.stale:
                one.cache_clear()
            for failed, number in enumerate(order):  # noqa: B007
                signal.setitimer(signal.ITIMER_PROF, 5 + 10 * self.known[number].seconds)
                if not passes(self.known[number].item):
                    break
            else:
                failed = _NONE
        finally:
            os.write(pipe, struct.pack("i", failed))
            os._exit(0)

    def _collect_one(self) -> None:
        """Wait for one mutant. A process without an answer ran out of its time, or started afresh and exited."""
        pipes = {pipe: pid for pid, (_, pipe, _) in self.running.items()}
        pipe = select.select(list(pipes), [], [])[0][0]
        number, _, order = self.running.pop(pipes[pipe])
        answer = os.read(pipe, 4)
        os.close(pipe)
        status = os.waitstatus_to_exitcode(os.waitpid(pipes[pipe], 0)[1])
        failed = struct.unpack("i", answer)[0] if answer else None
        if failed is None and status >= 0:
            self._note(number, KILLED if status else SURVIVED)
            return
        if failed == _FAULT:
            raise RuntimeError(f"could not be put in place: {self.mutants[number]}")
        outcomes = {None: TIMEOUT, _NONE: SURVIVED, _NO_CHANGE: SAME}
        self._note(number, outcomes.get(failed, KILLED))
        if failed is None or failed == _NO_CHANGE:
            return
        for test in order[: failed + 1] if failed >= 0 else order:
            self.known[test].tried += 1
        if failed >= 0:
            self.known[order[failed]].kills += 1
            mutant = self.mutants[number]
            self.killers.setdefault((mutant.path, mutant.function), Counter())[order[failed]] += 1

    def _note(self, number: int, result: str) -> None:
        """Survivors are told at once, so that a run that is broken off has named them."""
        self.results[number] = result
        if result == SURVIVED:
            say(f"survived: {self.mutants[number]}")


def passes(item: pytest.Item) -> bool:
    """Run one test with its own fixtures."""
    return not any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def fresh_start(mutant: Mutant, room: str) -> None:
    """Become a new process that imports the changed module: for functions that run only while importing."""
    with tempfile.NamedTemporaryFile("w", suffix=".py", encoding="utf-8", delete=False) as file:
        file.write(mutant.source())
    signal.setitimer(signal.ITIMER_PROF, 120)
    code = "import sys, mutation; sys.exit(mutation.with_module(*sys.argv[1:]))"
    os.environ["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(SURVIVORS.parent)))
    os.execv(sys.executable, [sys.executable, "-c", code, str(mutant.path), file.name, room])


def with_module(path: str, replacement: str, room: str) -> int:
    """Run the tests of a room with the text of `replacement` in place of the module at `path`."""
    source, original = Path(replacement).read_text(encoding="utf-8"), SourceFileLoader.get_code
    Path(replacement).unlink()

    def get_code(self: SourceFileLoader, name: str) -> types.CodeType | None:
        return compile(source, path, "exec", dont_inherit=True) if self.path == path else original(self, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    left_out = [f"--ignore={ROOT / 'tests' / room / name}" for name in LEFT_OUT]
    return int(pytest.main([*_OFF, "-x", *left_out, str(ROOT / "tests" / room)]))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def unexplained(lived: list[str]) -> tuple[list[str], list[str]]:
    """Survivors that no group of `survivors.toml` explains, and explained mutants that are none."""
    groups = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))["group"]
    named = {line for group in groups for line in group.get("mutants", "").splitlines() if line}
    classes = [re.compile(expression) for group in groups for expression in group.get("like", ())]
    new = [line for line in lived if line not in named and not any(one.search(line) for one in classes)]
    return new, sorted(named - set(lived))


def chosen(room: str, sample: int, seed: int, among: Path | None) -> list[Mutant]:
    """The mutants to run, in random order (the same for the same seed)."""
    paths = sorted((ROOT / "perfbatch" / room).rglob("*.py"))
    found = [mutant for path in paths for mutant in mutants_of(path)]
    random.Random(seed).shuffle(found)
    say(f"{room}: {len(found)} mutants")
    if among:
        wanted = set(among.read_text(encoding="utf-8").splitlines())
        places = {line.partition(":")[0] for line in wanted}
        return [mutant for mutant in found if mutant.place in places and str(mutant) in wanted]
    return found[: sample or len(found)]


def interval(killed: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, in per cent."""
    z, share = 1.96, killed / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return 100 * (middle - half), 100 * (middle + half)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("room", choices=sorted(BELOW))
    parser.add_argument("--sample", type=int, default=0, help="this many mutants, drawn with --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop then: what ran is a random sample too")
    parser.add_argument("--among", type=Path, help="only the mutants written in this file, one a line")
    parser.add_argument("--tests", type=Path, nargs="+", help="only these: enough to see that new cases kill")
    parser.add_argument("--survivors", type=Path, help="write the survivors here, one a line")
    options = parser.parse_args()
    os.nice(19)
    mutants = chosen(options.room, options.sample, options.seed, options.among)
    plugin = Plugin(options.room, mutants, options.workers, options.minutes)
    tests = options.tests or [ROOT / "tests" / options.room]
    status = pytest.main([*_OFF, "-s", *map(str, tests)], plugins=[plugin])
    if not plugin.results:
        return int(status) or 2
    return report(options, plugin)


def report(options: argparse.Namespace, plugin: Plugin) -> int:
    """Print the table and what is not explained."""
    counts = Counter(plugin.results.values())
    lived = sorted(str(plugin.mutants[n]) for n, result in plugin.results.items() if result == SURVIVED)
    if options.survivors:
        options.survivors.write_text("".join(f"{line}\n" for line in lived), encoding="utf-8")
    total = len(plugin.results) - counts[SAME]
    killed = counts[KILLED] + counts[TIMEOUT]
    share, (low, high) = 100 * killed / total, interval(killed, total)
    whole = len(plugin.results) == len(plugin.mutants) and not options.sample and not options.among
    drawn = "" if whole else f" ({low:.1f} to {high:.1f} for all, 95 %)"
    print("room │ mutants │ killed │ time out │ survived │ killed %")
    print(f"{options.room} │ {total} │ {counts[KILLED]} │ {counts[TIMEOUT]} │ {counts[SURVIVED]} │ {share:.1f}{drawn}")
    new, idle = unexplained(lived)
    gone = [line for line in idle if whole and line.startswith(f"{options.room}.")]
    print("\n".join([f"\nnot explained ({len(new)}):", *new, f"\nexplained, but killed or gone ({len(gone)}):", *gone]))
    return int(bool(new) or share < LEAST)


if __name__ == "__main__":
    sys.exit(main())
