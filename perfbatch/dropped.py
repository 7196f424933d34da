"""Files dropped on 运行.bat, as the command line of Windows names them.

Explorer puts names without blanks there without quotes. cmd then takes an ``&`` in one for the end of the command, so
the script hands over the raw line, and it is taken apart here.
"""

import os
import re
from pathlib import Path

_LINE, _SCRIPT = "PERFBATCH_LINE", "PERFBATCH_SCRIPT"  # set by the script: the raw line, its own name
_WORD = re.compile(r'"([^"]*)"|([^\s"]+)')


def is_script() -> bool:
    """Whether 运行.bat started this program."""
    return bool(os.environ.get(_SCRIPT))


def files() -> list[Path]:
    """The files dropped on the script; none when it was double-clicked, or called in a window with arguments."""
    line, script = os.environ.get(_LINE, ""), os.environ.get(_SCRIPT, "")
    _, called, rest = line.partition(script) if script else ("", "", "")
    if not called:
        return []
    words = [quoted or bare for quoted, bare in _WORD.findall(rest.removeprefix('"'))]
    return [] if any(word.startswith("-") for word in words) else [Path(word) for word in words if word.strip()]
