"""TOML files that people write: what is wrong with one is told in Chinese, with the place and the remedy."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from perfbatch.errors import UsageError, why

_MISTAKES = (  # what the parser says of mistakes that are no missing quotes, and how to mend them
    (r"Cannot (overwrite|declare|mutate|redefine)|Duplicate", "同一个键写了两次，请只保留一处"),
    (r"Unescaped|Invalid hex|escaped", "路径中的“\\”请写成“/”"),
)
_QUOTES = "文字要加英文双引号"


def read(path: Path, name: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The content of `path`, which messages call `name`. Raises UsageError if it cannot be read or is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=parse_float)
    except OSError as error:
        raise UsageError(f"{name} 打不开（{why(error)}），请检查后重新运行。") from None
    except UnicodeDecodeError:
        how = "请用记事本打开，另存为时把编码选为 UTF-8"
        raise UsageError(f"{name} 不是 UTF-8 编码，{how}，再重新运行。") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} 不是有效的 TOML：{_place(str(error))}。") from None


def _place(error: str) -> str:
    """Where the first mistake is and how to mend it; the parser's own words are English."""
    found = re.search(r"at line (\d+), column (\d+)", error)
    how = next((chinese for english, chinese in _MISTAKES if re.search(english, error)), _QUOTES)
    return f"第{found[1]}行第{found[2]}个字符附近有误；{how}" if found else f"文件末尾不完整；{how}"
