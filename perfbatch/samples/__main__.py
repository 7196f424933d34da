"""``python -m perfbatch.samples DIR``: write the sample exports and the blank templates to a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from perfbatch.samples import write_all


def main(arguments: list[str]) -> int:
    """Write everything to the one folder named; 2 when none is."""
    if len(arguments) != 1:
        sys.stderr.write("用法：python -m perfbatch.samples 目录\n")
        return 2
    for path in write_all(Path(arguments[0])):
        sys.stdout.write(f"{path.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
