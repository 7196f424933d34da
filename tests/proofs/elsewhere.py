"""The whole suite as other machines would run it: locales, time zones, random order; exit code 1 when one run fails.

    python tests/proofs/elsewhere.py            # every setting, about four minutes each
    python tests/proofs/elsewhere.py order      # one of them

Needs ``pip install -e ".[dev,proofs]"`` and Linux; for `gb18030` the locale (``localedef -i zh_CN -f GB18030
zh_CN.GB18030``). Runs in a fresh clone of what is committed. There file names are encoded as the locale has it, as
a file system that was filled under this locale would hold them: git writes the bytes of UTF-8 everywhere.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent


class Setting(NamedTuple):
    """Environment of a run, encoding of its file names, arguments for pytest."""

    environment: dict[str, str]
    names: str = "utf-8"
    options: tuple[str, ...] = ("-p", "no:randomly")


SETTINGS = {
    "c": Setting({"LC_ALL": "C", "LANG": "C", "TZ": "Asia/Shanghai"}),
    "gb18030": Setting({"LC_ALL": "zh_CN.gb18030", "TZ": "America/New_York"}, names="gb18030"),
    "order": Setting({"TZ": "Pacific/Kiritimati"}, options=()),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("settings", nargs="*", metavar="SETTING", help=f"of {', '.join(SETTINGS)}; default: all")
    chosen = parser.parse_args().settings or list(SETTINGS)
    failed = [name for name in chosen if not _passes(name, SETTINGS[name])]
    return int(bool(failed))


def _passes(name: str, setting: Setting) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        _rename(clone, setting.names)
        command = [sys.executable, "-m", "pytest", "-n", "logical", "-p", "no:cacheprovider", *setting.options]
        started = time.monotonic()
        environment = {**os.environ, "PYTHONPATH": str(clone), **setting.environment}
        done = subprocess.run(command, cwd=clone, env=environment, capture_output=True)
    # from the console's encoding: what pytest wrote is in that of the setting
    lines = done.stdout.decode(setting.names, "replace").splitlines()
    print(f"{name}: {lines[-1] if lines else 'no output'} (exit {done.returncode}, {time.monotonic() - started:.0f} s)")
    print(
        "\n".join(line for line in lines if line.startswith(("FAILED", "ERROR", "Using --randomly-seed"))), flush=True
    )
    if done.returncode:
        log = Path(tempfile.gettempdir()) / f"elsewhere-{name}.log"
        log.write_bytes(done.stdout + done.stderr)
        print(f"the whole output: {log}", flush=True)
    return done.returncode == 0


def _rename(folder: Path, encoding: str) -> None:
    """Names below `folder` from UTF-8 to `encoding`, the deepest first."""
    for root, folders, files in os.walk(os.fsencode(folder), topdown=False):
        for name in folders + files:
            wanted = name.decode("utf-8").encode(encoding)
            if wanted != name:
                shutil.move(os.path.join(root, name), os.path.join(root, wanted))  # noqa: PTH118 - bytes


if __name__ == "__main__":
    sys.exit(main())
