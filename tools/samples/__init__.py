"""Sample exports and blank templates, generated: the reference case of 安肃镇 2023 and forms to fill in."""

from __future__ import annotations

from pathlib import Path

from tools.samples import hebei, listing, national, templates
from tools.samples.facts import head
from tools.samples.synthetic import all_projects

LISTS = "安肃镇2023年度一体化导出列表（示例）.xlsx"
HEBEI = "安肃镇2023年度河北预算项目绩效自评表（示例）.xlsx"
NATIONAL = "安肃镇2023年度绩效自评表（示例）.xlsx"
_ROOT = Path(__file__).parents[2]
SHOWN, BLANKS = _ROOT / "input_templates", _ROOT / "perfbatch" / "blanks"  # where they are committed


def write_samples(folder: Path) -> list[Path]:
    """Write the reference case to `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    unit, projects = head(), all_projects()
    return [
        national.write_forms(folder / NATIONAL, unit, projects),
        listing.write_lists(folder / LISTS, unit, projects),
        hebei.write_forms(folder / HEBEI, unit, projects),
    ]


def write_shipped(folder: Path) -> list[Path]:
    """Write what `perfbatch init` hands out: the blank templates and one filled sample."""
    return [*templates.write_templates(folder), national.write_forms(folder / NATIONAL, head(), all_projects())]


def write_all(folder: Path) -> list[Path]:
    """Write the reference case and the blank templates to `folder`; the paths written."""
    return [*write_samples(folder), *templates.write_templates(folder)]
