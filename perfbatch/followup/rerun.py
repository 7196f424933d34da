"""What a run was made from, kept in the output folder so that ``perfbatch review`` can make it again.

Holds paths of this machine, so it lies among the program's own files (``.perfbatch``), not among the outputs.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from perfbatch.errors import UsageError
from perfbatch.store import renames

NAME = ".perfbatch/inputs.json"
OPTIONS = (
    "ruleset", "year", "sample", "seed", "previous", "evidence", "evidence_of", "targets", "report_file", "published",
    "verify", "password_file",
)  # fmt: skip
_PATHS = ("ruleset", "previous", "evidence", "targets", "report_file", "published", "password_file")


class Origin(NamedTuple):
    """Inputs, configuration file and options of a run."""

    inputs: list[Path]
    config: Path
    options: dict[str, Any]


def remember(output: Path, inputs: Sequence[Path], config: Path, options: Mapping[str, Any]) -> None:
    """Keep what a run was made from; a failure to write only costs a later ``--input``."""
    kept = {name: options.get(name) for name in OPTIONS}
    for name in _PATHS:
        value = str(kept[name] or "")
        if value and (name != "ruleset" or value.endswith(".toml")):
            kept[name] = str(Path(value).absolute())
    places = [str(path.absolute()) for path in inputs]
    record = {"inputs": places, "config": str(config.absolute()), "options": kept}
    with contextlib.suppress(OSError):
        renames.write(output / NAME, json.dumps(record, ensure_ascii=True, indent=1).encode("ascii"))


def recall(output: Path, inputs: Sequence[Path] = ()) -> Origin:
    """What the last run into `output` was made from, with `inputs` in place of its inputs where any are given.

    Raises UsageError when that is not known or the inputs are no longer there.
    """
    try:
        record = json.loads((output / NAME).read_text(encoding="ascii"))
        kept = Origin([Path(p) for p in record["inputs"]], Path(record["config"]), dict(record["options"]))
    except (OSError, ValueError, KeyError, TypeError):
        if not inputs:
            ours = (output / "run.json").is_file()
            how = "用 --input 指明自评表" if ours else "用 --output 指明 perfbatch run 的输出文件夹"
            told = f"输出文件夹“{output}”里没有上次运行的记录，无法复核；请{how}，或先运行 perfbatch run。"
            raise UsageError(told) from None
        kept = Origin([], Path("perfbatch.toml"), {})
    found = list(inputs) or kept.inputs
    if missing := [path for path in found if not path.exists()]:
        raise UsageError(f"找不到自评表“{missing[0]}”（上次运行时的输入）；请放回原处，或用 --input 指明现在的位置。")
    return Origin(found, kept.config, kept.options)
