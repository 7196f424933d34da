"""``python -m tools.samples``: write the sample exports and the blank templates where they are committed."""

from __future__ import annotations

import sys

from tools.samples import BLANKS, SHOWN, write_all, write_shipped


def main() -> None:
    """`input_templates/` shows all of them; what ``init`` hands out is also shipped with the product."""
    for path in (*write_all(SHOWN), *write_shipped(BLANKS)):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
