"""A bounded run of the fuzzer in a process of its own, and the numbers that once failed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).with_name("fuzz.py")
# Once failed: BIFF style beyond the table; ODS "mimetype" part under another name.
KEPT = (5328, 57912)


def _run(*arguments: str) -> str:
    command = [sys.executable, "-W", "ignore", str(FUZZ), *arguments]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    output = done.stdout.decode("ascii", "replace")
    assert done.returncode == 0, output + done.stderr.decode("utf-8", "replace")[-2_000:]
    return output


@pytest.mark.parametrize("first", [0, 1_000_000])
def test_mutated_files_end_as_book_or_refusal(first: int) -> None:
    assert _run("--first", str(first), "--count", "800").endswith("cases 800, failures 0\n")


def test_numbers_that_once_failed() -> None:
    output = _run("--only", *map(str, KEPT))
    assert output.endswith(f"cases {len(KEPT)}, failures 0\n")
