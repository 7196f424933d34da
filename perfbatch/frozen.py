"""The program of the folder that needs no Python: finds its work folder, takes the calls that scripts make."""

import os
import sys
from pathlib import Path

from perfbatch import cli


def main() -> int:
    """As `perfbatch.cli.main`; double-clicked itself, it works in the folder around it.

    The scripts call it as they would call Python (``-m perfbatch run …``).
    """
    if sys.argv[1:3] == ["-m", "perfbatch"]:
        del sys.argv[1:3]
    around = Path(sys.executable).parent.parent
    if len(sys.argv) == 1 and not Path("input").exists() and (around / "input").exists():
        os.chdir(around)
    try:
        code = cli.main()
    except SystemExit:  # how the folder's own loader ends where it cannot find what is to be loaded
        if not cli.is_gone():
            raise
        code = cli.say_gone()
    if cli.is_gone():  # what would be tidied up at the end cannot be loaded any more, and would say so in English
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code
