"""Decryption of password-protected workbooks, through msoffcrypto-tool where it is installed.

The password is used and forgotten: it stands in no message, and no cause is chained to the refusals.
"""

from __future__ import annotations

import io

from perfbatch.errors import pip_install
from perfbatch.intake.guard import refuse

# Workbooks with a protected structure are encrypted with this password by Excel and open without asking
# ([MS-OFFCRYPTO] §2.3.4.15 and [MS-XLS] §2.2.10).
_DEFAULT = "VelvetSweatshop"
_ADVICE = "请在 WPS 或 Excel 中取消打开密码并另存后再放入"


def decrypted(data: bytes, name: str, password: str | None) -> tuple[bytes, bool]:
    """The plain workbook, and whether the default password opened it. Raises RefusedFile (``encrypted``)."""
    try:
        import msoffcrypto  # noqa: PLC0415  (extra perfbatch[legacy])
    except ImportError:
        if password is None:
            raise refuse("encrypted", name, "设有打开密码", _ADVICE) from None
        advice = f"请运行 {pip_install('msoffcrypto-tool')} 后重试，或{_ADVICE.removeprefix('请')}"
        raise refuse("encrypted", name, "设有打开密码，且未安装解密组件", advice) from None
    for attempt in (_DEFAULT, password):
        if attempt is None:
            continue
        plain = _attempt(msoffcrypto, data, attempt)
        if plain is not None:
            return plain, attempt == _DEFAULT
    if password is None:
        raise refuse("encrypted", name, "设有打开密码", f"{_ADVICE}，或用 --password-file 提供密码文件")
    raise refuse("encrypted", name, "设有打开密码，所给密码不对或加密方式不支持", _ADVICE)


def _attempt(msoffcrypto: object, data: bytes, password: str) -> bytes | None:
    """The decrypted bytes, or None when this password does not open the file."""
    out = io.BytesIO()
    try:
        office = msoffcrypto.OfficeFile(io.BytesIO(data))  # type: ignore[attr-defined]
        office.load_key(password=password)
        office.decrypt(out)
    except MemoryError:
        raise
    except Exception:  # a wrong password and a broken file raise many kinds
        return None
    return out.getvalue() or None
