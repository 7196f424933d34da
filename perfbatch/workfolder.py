"""`perfbatch init`: a folder in which a clerk can work by dropping files and double-clicking."""

from __future__ import annotations

import sys
from pathlib import Path

from perfbatch.config import CONFIG_NAME
from perfbatch.errors import UnpublishedOutput

_BATCH_FILE = "运行.bat"
_CONFIG = """\
# 本单位的设置。去掉行首的 # 后生效；不写的按默认处理。

# ruleset = "platform-default"     # 评分规则，perfbatch rulesets 查看全部
# year = 2023                      # 自评年度，默认从表中读取
# unit_name = "某某镇人民政府"       # 报告中的单位名称，默认从表中读取
# money_unit = "万元"               # 表上没有写金额单位时按此读取；不写则不猜
# sample = "15%"                   # 抽查比例或个数，默认按评分规则
# seed = 0                         # 抽查的随机种子
# selected = ["项目名称甲", "项目名称乙"]  # 人工选定的抽查项目
# report = "township"              # 报告格式：township、hubei、public
# notice = "某财政局《关于开展……绩效自评的通知》"  # 报告中引用的通知
# report_date = "2024-03-18"       # 报告落款日期
# off = ["TX09"]                   # 关闭的检查，perfbatch rules 查看全部

# [severity]                       # 调整级别：error、warning、info
# IN13 = "warning"

# [parameters]                     # 调整评分和检查参数，perfbatch rulesets 名称 查看全部
# tol_score = 0.05

# [synonyms.indicator]             # 本地表头用词
# target = ["计划值"]
"""
# chcp 65001: the window shows Chinese whatever its code page; pause keeps it open for reading.
_RUN = """\
@echo off
chcp 65001 >nul
cd /d "%~dp0"
"{python}" -m perfbatch run
echo.
echo 结果在 output 文件夹。
if exist output start "" output
pause
"""


def create(folder: Path) -> str:
    """Make the work folder (existing files are kept) and say in Chinese what to do next.

    Raises UnpublishedOutput when the folder cannot be written.
    """
    from perfbatch.samples import templates  # noqa: PLC0415 - XlsxWriter only here

    try:
        for name in ("input", "output", "空白模板"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        kept = [_write(folder / CONFIG_NAME, _CONFIG), _write(folder / _BATCH_FILE, _run_script())]
        templates.write_templates(folder / "空白模板")
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UnpublishedOutput(f"无法在“{folder}”建立工作文件夹（{why}），请换一个文件夹后重试。") from None
    lines = [
        f"已建立工作文件夹“{folder}”：",
        "  input/      把一体化系统导出的表格放在这里",
        "  output/     结果在这里",
    ]
    lines += ["  空白模板/   可打印填写的空白表", f"  {CONFIG_NAME}  本单位的设置（可不改）"]
    lines += [
        f"  {_BATCH_FILE}    Windows 双击运行",
        "",
        f"下一步：放入表格后双击 {_BATCH_FILE}，或在该文件夹中运行 perfbatch run。",
    ]
    return "\n".join([*lines, *(f"（已有的 {name} 没有改动）" for name in kept if name)])


def _write(path: Path, text: str) -> str:
    """Write a file unless it exists; the name of a kept one, else empty."""
    if path.exists():
        return path.name
    path.write_text(text, encoding="utf-8", newline="\r\n" if path.suffix == ".bat" else "\n")
    return ""


def _run_script() -> str:
    return _RUN.format(python=sys.executable.replace("%", "%%"))
