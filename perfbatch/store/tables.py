"""The frames as Arrow tables and back: the one place where Decimals meet Parquet.

Decimals are ``decimal128(38, 18)``: quotients are rounded half up to 18 decimals, a figure of more than 20
integer digits becomes null (`unstorable` names it; the text columns keep what the form says).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from decimal import Decimal
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa

from perfbatch import schema
from perfbatch.decimals import half_up, plain
from perfbatch.model import Finding, Frames

if TYPE_CHECKING:
    from collections.abc import Mapping

FRAMES = tuple(field.name for field in fields(Frames))
_OTHERS = ("evidence", "cycle", "targets", "monitoring", "overall")
ROWS = 10_000  # of many workbooks, that are in memory at a time
PRECISION, PLACES = 38, 18  # the widest decimal type that pandas, DuckDB and Spark share
COLUMNS: Mapping[str, dict[str, str]] = {
    **{name: getattr(schema, name.upper()) for name in (*FRAMES, *_OTHERS)},
    "findings": dict.fromkeys(Finding._fields, "str"),
}
_BEYOND, _UNIT = Decimal(10) ** (PRECISION - PLACES), Decimal(1)
_TYPES = {"decimal": pa.decimal128(PRECISION, PLACES), "str": pa.string(), "int": pa.int64(), "bool": pa.bool_()}


def arrow_schema(table: str, columns: Sequence[str] | None = None) -> pa.Schema:
    """The schema of one of `COLUMNS`, or of some of its columns."""
    return pa.schema([(name, _TYPES[COLUMNS[table][name]]) for name in columns or COLUMNS[table]])


def of_frame(frame: pd.DataFrame, table: str) -> pa.Table:
    """One frame as an Arrow table with exactly the columns of `COLUMNS`."""
    values = dict(zip(frame.columns, frame.to_numpy(dtype=object).T.tolist(), strict=True))
    arrays = [array(values[name], kind) for name, kind in COLUMNS[table].items()]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table))


def coded(table: pa.Table) -> pa.Table:
    """A table that holds each distinct value of a column once; flags stay as they are."""
    columns = [one if pa.types.is_boolean(one.type) else one.dictionary_encode() for one in table.columns]
    return pa.Table.from_arrays(columns, names=table.column_names)


def empty(table: str, columns: Sequence[str] | None = None) -> pa.Table:
    """One of `COLUMNS` (or some of its columns) without rows, `coded` as those that are stored."""
    return coded(arrow_schema(table, columns).empty_table())


def joined(parts: Iterable[pa.Table], table: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """The rows of many tables that are `coded`, some thousand at a time, decoded."""
    schema, waiting = arrow_schema(table, columns), [empty(table, columns)]
    for part in parts:
        waiting.append(part)
        if sum(one.num_rows for one in waiting) >= ROWS:
            yield pa.concat_tables(waiting).unify_dictionaries().cast(schema)
            del waiting[1:]
    yield pa.concat_tables(waiting).unify_dictionaries().cast(schema)


def to_bytes(table: pa.Table) -> bytes:
    """A table as bytes, compressed in one piece: column by column it takes ten times as long."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "lz4") as stream, pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def of_bytes(data: bytes) -> pa.Table:
    """The table of `to_bytes`."""
    with pa.CompressedInputStream(pa.BufferReader(data), "lz4") as stream:
        return pa.ipc.open_stream(stream).read_all()


def of_findings(findings: Sequence[Finding]) -> pa.Table:
    """Findings as a table of text columns."""
    columns: Iterable[Sequence[str]] = zip(*findings, strict=True) if findings else [()] * len(Finding._fields)
    return pa.Table.from_arrays([array(values, "str") for values in columns], schema=arrow_schema("findings"))


def packed(findings: Sequence[Finding]) -> bytes:
    """Findings as compressed bytes, a tenth of what they take as tuples; nothing for none."""
    return to_bytes(coded(of_findings(findings))) if findings else b""


def unpacked(data: bytes) -> list[Finding]:
    """The findings of `packed`."""
    return to_findings(of_bytes(data)) if data else []


def to_findings(table: pa.Table) -> list[Finding]:
    """The findings of a table made by `of_findings`."""
    columns = (_values(table.column(name)).tolist() for name in Finding._fields)
    return list(map(Finding._make, zip(*columns, strict=True)))


def to_frame(table: pa.Table) -> pd.DataFrame:
    """The frame of a table (any of its columns) as `perfbatch.schema` describes it; equal values are shared."""
    return schema.of_columns(to_columns(table), table.num_rows)


def to_columns(table: pa.Table) -> Any:
    """Such columns by name, for whoever asks a frame for nothing else: making one takes longer than to read it."""
    return {name: _values(column) for name, column in zip(table.column_names, table.columns, strict=True)}


def write_columns(path: Path, parts: Iterable[pa.Table], table: str, columns: Sequence[str]) -> None:
    """Some columns of many tables that are `coded`, as they are."""
    with path.open("wb") as sink, pa.ipc.new_stream(sink, empty(table, columns).schema) as writer:
        for part in parts:
            writer.write_table(part)


class Columns:
    """As much of a data frame as checks across files ask of it, from a file (`write_columns`) that stays on the disk:
    its length, and a column at a time; a context manager."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as source:
            self._table = pa.ipc.open_stream(mmap(source.fileno(), 0, access=ACCESS_READ)).read_all()

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __getitem__(self, column: str) -> pd.Series[Any]:
        values = _values(self._table.column(column))
        return pd.Series(values, dtype=values.dtype, copy=False)  # without the type pandas makes texts of its own kind

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        del self._table


def _values(column: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[Any]]:
    """A column as an array of flags or of objects; each distinct value is made once."""
    if pa.types.is_boolean(column.type):
        return np.asarray(column.to_numpy())
    if not len(column):  # which pyarrow cannot combine
        return np.empty(0, dtype=object)
    coded = column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    values = coded.dictionary.to_numpy(zero_copy_only=False)
    if pa.types.is_decimal(coded.dictionary.type):
        values = [_trimmed(value) for value in values]
    objects = np.empty(len(values) + 1, dtype=object)
    objects[:-1], objects[-1] = values, None
    indices = coded.indices.fill_null(len(values)) if coded.null_count else coded.indices
    found: np.ndarray[Any, np.dtype[Any]] = objects[indices.to_numpy(zero_copy_only=False)]
    return found


def _trimmed(value: Decimal) -> Decimal:
    """A decimal without the zeros that its type added."""
    short = value.normalize()
    return short if short % 10 else short.quantize(_UNIT)  # 1E+1 is 10


def array(values: Sequence[Any], kind: str) -> pa.Array:
    """Values of one kind of `perfbatch.schema` as Arrow holds them."""
    try:
        return pa.array(values, _TYPES[kind])
    except (UnicodeEncodeError, pa.ArrowException):
        fit = schema.storable if kind == "str" else _fitting
        return pa.array([None if value is None else fit(value) for value in values], _TYPES[kind])


def _fitting(value: Decimal) -> Decimal | None:
    if abs(value) >= _BEYOND:
        return None
    exponent = value.as_tuple().exponent
    return half_up(value, PLACES) if isinstance(exponent, int) and -exponent > PLACES else value


def unstorable(frames: Frames) -> list[str]:
    """One Chinese sentence for each figure that Parquet cannot hold."""
    told = []
    for table in FRAMES:
        frame = getattr(frames, table)
        for column in (name for name, kind in COLUMNS[table].items() if kind == "decimal"):
            for at, value in enumerate(frame[column].tolist()):
                if value is not None and abs(value) >= _BEYOND:
                    where = f"“{frame['file'].iat[at]}”工作表“{frame['sheet'].iat[at]}”"
                    told.append(f"{where}的数值 {plain(value)} 超过20位整数，data/{table}.parquet 的 {column} 列留空。")
    return told
