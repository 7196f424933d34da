"""Intake: what is this file, is it safe to open, and its cells with their coordinates."""
