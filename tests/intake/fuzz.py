"""Mutation fuzz of the reader: ``python tests/intake/fuzz.py --first 0 --count 500``.

Every case is made from its number alone, so a failing number is the whole reproduction. The process limits its
own memory where the system can, prints one line per failure (number, fixture, what came out) and exits 1 when
there was any. The outcome of every case must be a Book or a RefusedFile.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

from support import containers  # noqa: E402

from perfbatch.errors import RefusedFile  # noqa: E402
from perfbatch.intake import read_book  # noqa: E402
from perfbatch.model import Book  # noqa: E402

MEMORY = 2 << 30
SLOW = 10.0
MAKERS = {name: make for name, (_, make) in (containers.TYPED | containers.AS_TEXT).items()}
INTERESTING = (
    b"0", b"-1", b"1048576", b"1048577", b"4294967295", b"99999999999999999999", b"1E+308", b"", b"\0", b"\xff\xff",
    b"A1048576", b"XFD1048576", b"A1:XFD1048576", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<", b">", b"&", b"&#0;",
    b"&#x110000;", b"</row>", b"</c>", b"<c", b"<v>", b"<f>", b't="s"', b't="e"', b't="d"', b's="9999"',
    b"xml:space", b"../../", b"\\", b"%s%n", "—％".encode(), "数量".encode("gbk"), b"[h]:mm:ss", b'0.00%;"', b"=1+1",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"encoding='utf-16'", b"rowspan=65535", b"\x1a", b"\r\n", b"ss:Index='1048577'",
)  # fmt: skip


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A few byte-level changes: flips, cuts, copies, insertions of telling tokens, numbers replaced."""
    body = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        if not body:
            break
        at = rng.randrange(len(body))
        size = min(rng.choice((1, 1, 4, 16, 200)), len(body) - at)
        action = rng.randrange(7)
        if action == 0:
            body[at] ^= 1 << rng.randrange(8)
        elif action == 1:
            del body[at : at + size]
        elif action == 2:
            body[at:at] = body[at : at + size] * rng.choice((1, 2, 50))
        elif action == 3:
            body[at:at] = rng.choice(INTERESTING)
        elif action == 4:
            body[at : at + size] = rng.randbytes(size)
        elif action == 5:
            body[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"))
        else:
            _replace_number(body, at, rng)
    return bytes(body)


def _replace_number(body: bytearray, at: int, rng: random.Random) -> None:
    start = next((k for k in range(at, min(at + 300, len(body))) if 48 <= body[k] < 58), None)
    if start is None:
        return
    end = start
    while end < len(body) and 48 <= body[end] < 58:
        end += 1
    body[start:end] = rng.choice(INTERESTING[:8])


def mutated_parts(data: bytes, rng: random.Random) -> bytes:
    """A zip whose parts are changed before packing, so that sizes and checksums hold."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    for _ in range(rng.choice((1, 1, 2, 3))):
        if not parts:
            break
        at = rng.randrange(len(parts))
        name, body = parts[at]
        action = rng.randrange(10)
        if action == 0:
            del parts[at]
        elif action == 1:
            parts[at] = (name, rng.choice(parts)[1])
        elif action == 2:
            parts[at] = (mutated(name.encode(), rng).decode("utf-8", "replace") or "x", body)
        else:
            parts[at] = (name, mutated(body, rng))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts:
            archive.writestr(zipfile.ZipInfo(name[:1_000]), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def case(number: int) -> tuple[str, bytes]:
    """Fixture name and bytes of a case."""
    rng = random.Random(number)
    name = sorted(MAKERS)[number % len(MAKERS)]
    make: Callable[[], bytes] = MAKERS[name]
    data = make()
    inside = data.startswith(b"PK") and rng.random() < 0.8
    return name, mutated_parts(data, rng) if inside else mutated(data, rng)


def verdict(path: Path) -> str:
    """Empty when the outcome is one of the two allowed and was quick enough, else what came out."""
    before = time.perf_counter()
    try:
        book = read_book(path, name="变异.xlsx")
        if not isinstance(book, Book) or not any(grid.cells for grid in book.grids):
            return "neither cells nor a refusal"
    except RefusedFile as refusal:
        if not refusal.message.endswith("。"):
            return refusal.message
    except BaseException as error:
        return repr(error)[:300]
    spent = time.perf_counter() - before
    return f"{spent:.1f} s" if spent > SLOW else ""


def limit_memory() -> None:
    """Where the system has limits, a runaway allocation becomes a MemoryError of this process."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> int:
    """Run the cases named on the command line (or the kept ones given with --only)."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--first", type=int, default=0)
    arguments.add_argument("--count", type=int, default=500)
    arguments.add_argument("--only", type=int, nargs="*")
    given = arguments.parse_args()
    limit_memory()
    numbers = given.only if given.only is not None else range(given.first, given.first + given.count)
    failed = ran = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "变异.xlsx")
        for number in numbers:
            name, data = case(number)
            path.write_bytes(data)
            ran += 1
            if problem := verdict(path):
                failed += 1
                sys.stdout.write(f"{number} {name}: {problem!a}\n")
                sys.stdout.flush()
    sys.stdout.write(f"cases {ran}, failures {failed}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
