"""Intake: what is this file, is it safe to open, and its cells with their coordinates."""

from perfbatch.intake.guard import Limits
from perfbatch.intake.reader import read_book
from perfbatch.intake.sniff import sniff

__all__ = ["Limits", "read_book", "sniff"]
