"""What may stop the program or one file of it. Bad *data* is never here: it is a finding.

Every message is one Chinese sentence for the clerk, naming the file, the reason and the next step.
"""

import errno
import sys

_REASONS = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘是只读的",
    errno.ENOSPC: "磁盘已满",
    errno.ENOENT: "路径不存在",
    errno.ENOTDIR: "路径中有一段是文件而不是文件夹",
    errno.EISDIR: "是文件夹而不是文件",
    errno.EEXIST: "已有同名的文件",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EIO: "读写出错",
    errno.EBUSY: "正被占用",
    errno.EINVAL: "名称不合规定",
}


def why(error: OSError) -> str:
    """The reason of an operating system error in Chinese, or its name where there is no word for it."""
    return _REASONS.get(error.errno or 0) or type(error).__name__


def pip_install(package: str) -> str:
    """The command line that adds `package` to the interpreter this program runs in."""
    return f'"{sys.executable}" -m pip install "{package}"'


class PerfbatchError(Exception):
    """Base of all errors whose text is meant for the user."""


class UsageError(PerfbatchError):
    """Wrong command line or configuration (exit code 2)."""


class RefusedFile(PerfbatchError):
    """An input that cannot be read, with the reason and what to do (exit code 3, the batch goes on).

    `code` is a short stable word for tests and `run.json` (e.g. ``encrypted``, ``truncated``, ``no_form``).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


class UnpublishedOutput(PerfbatchError):
    """An output that could not be proven harmless or could not be written (exit code 3)."""


class OutputFolderFull(UnpublishedOutput):
    """The output folder takes nothing more (full, read-only, gone): the whole run stops (exit code 3)."""
