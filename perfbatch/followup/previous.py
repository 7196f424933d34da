"""Last year's output folder (``--previous DIR``): its figures to compare with, its ledger to carry over."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from perfbatch import schema
from perfbatch.errors import UsageError
from perfbatch.followup.ledger_reader import LedgerSheet, read_ledger
from perfbatch.model import Frames
from perfbatch.store import tables

_HINT = "请指向上一年度 perfbatch run 的输出文件夹（里面有 data 文件夹和绩效自评汇总表）"
# what comparisons read of last year's rows
_COLUMNS = {
    "projects": (
        "project_id", "project_name", "project_code", "unit", "year", "ruleset", "file", "sheet", "cell",
        "budget_adjusted", "executed", "total_declared",
    ),
    "indicators": (
        "project_id", "level1", "level2", "level3", "role", "unit", "target_text", "target_value", "actual_text",
        "actual_value", "direction", "operator", "sheet", "row",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Previous:
    """Last year: frames of the columns that comparisons need, the ledger sheet as humans left it, the year."""

    frames: Frames
    ledger: LedgerSheet
    year: int | None


def load(folder: str | Path) -> Previous:
    """Read last year's output folder. Raises UsageError, in Chinese, when there is nothing to read."""
    root = Path(folder)
    if not root.is_dir():
        what = "不是文件夹" if root.exists() else "不存在"
        raise UsageError(f"--previous 指定的“{folder}”{what}；{_HINT}。")
    projects, indicators = (_frame(root, name) for name in _COLUMNS)
    frames = Frames(projects, schema.frame([], schema.FUNDS), indicators)
    years = {year for year in projects["year"].tolist() if year is not None}
    return Previous(frames, read_ledger(root), years.pop() if len(years) == 1 else None)


def _frame(root: Path, name: str) -> pd.DataFrame:
    path = root / "data" / f"{name}.parquet"
    if not path.is_file():
        raise UsageError(f"--previous 指定的文件夹“{root}”里没有 data/{name}.parquet；{_HINT}。")
    try:
        with path.open("rb") as stream, pq.ParquetFile(stream) as file:  # a path would have to be UTF-8
            there, known = file.schema_arrow.names, tables.arrow_schema(name, _COLUMNS[name])
            wanted = pa.schema([column for column in known if column.name in there])
            table = file.read(columns=wanted.names).select(wanted.names).cast(wanted)
            # those that an older version did not write are empty
            empty = schema.blank({column: tables.COLUMNS[name][column] for column in _COLUMNS[name]})
            return schema.of_columns(empty | tables.to_columns(table), file.metadata.num_rows)
    except (OSError, pa.ArrowException, ValueError) as error:
        raise UsageError(f"上年数据“{path}”无法读取（文件损坏或不是本程序生成的）；{_HINT}。") from error
