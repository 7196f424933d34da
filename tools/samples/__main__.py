"""``python -m tools.samples``: write the sample exports and the blank templates where they are committed."""

from __future__ import annotations

import sys

from tools.samples import BLANKS, SHOWN, templates, write_all


def main() -> None:
    """`input_templates/` shows all of them; the blank ones are also shipped with the product, for ``init``."""
    for path in (*write_all(SHOWN), *templates.write_templates(BLANKS)):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
