"""What may stop the program or one file of it. Bad *data* is never here: it is a finding.

Every message is one Chinese sentence for the clerk, naming the file, the reason and the next step.
"""

from __future__ import annotations


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
