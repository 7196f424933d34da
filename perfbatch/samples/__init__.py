"""Sample exports and blank templates, generated: the reference case of 安肃镇 2023 and forms to fill in."""

from __future__ import annotations

from pathlib import Path

from perfbatch.samples.facts import head
from perfbatch.samples.national import write_forms
from perfbatch.samples.synthetic import all_projects

NATIONAL = "安肃镇2023年度绩效自评表（示例）.xlsx"


def write_samples(folder: Path) -> list[Path]:
    """Write the reference case to `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write_forms(folder / NATIONAL, head(), all_projects())]


def write_all(folder: Path) -> list[Path]:
    """Write the reference case and the blank templates to `folder`; the paths written."""
    return write_samples(folder)
