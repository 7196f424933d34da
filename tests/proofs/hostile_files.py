"""Every step of a run on the file system, refused once, refused for ever, or the last thing the process does.

``python tests/proofs/hostile_files.py`` walks all of them (an hour on two cores; ``--every N`` takes each Nth) and
prints a table: steps × faults, what held. Fails when anything did not. Linux only.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.faults import Server  # noqa: E402
from support.hostile import KINDS, Scene, Verdict  # noqa: E402


def main() -> int:
    """Walk, tell, count."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--every", type=int, default=1, help="only each Nth step")
    arguments.add_argument("--first", type=int, default=1, help="the step to begin with")
    arguments.add_argument("--kinds", default=",".join(KINDS))
    chosen = arguments.parse_args()
    server, verdicts = Server(), []
    with tempfile.TemporaryDirectory() as folder:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            scene = Scene(Path(folder), server)
        print(f"{scene.steps} steps", flush=True)
        for step in range(chosen.first, scene.steps + 1, chosen.every):
            for kind in chosen.kinds.split(","):
                verdict = scene.judge(step, kind)
                verdicts.append(verdict)
                for wrong in verdict.wrong:
                    print(f"step {step} {kind} ({verdict.what}, ended with {verdict.code}): {wrong}", flush=True)
    server.close()
    _tell(verdicts)
    return int(any(verdict.wrong for verdict in verdicts))


def _tell(verdicts: list[Verdict]) -> None:
    """How many steps of which event held, by fault; how the disturbed runs ended."""
    events = sorted({verdict.what.partition(" ")[0] for verdict in verdicts})
    print(f"{'':16}" + "".join(f"{kind:>14}" for kind in KINDS))
    for event in events:
        some = [verdict for verdict in verdicts if verdict.what.partition(" ")[0] == event]
        held = Counter(verdict.kind for verdict in some if not verdict.wrong)
        whole = Counter(verdict.kind for verdict in some)
        print(f"{event or '(not reached)':16}" + "".join(f"{f'{held[kind]}/{whole[kind]}':>14}" for kind in KINDS))
    print("ended with", dict(sorted(Counter((verdict.kind, verdict.code) for verdict in verdicts).items())))


if __name__ == "__main__":
    sys.exit(main())
