"""Scoring (得分复算): fills the computed columns of the three frames by dated and cited rulesets."""

from perfbatch.scoring.projects import band_names, score

__all__ = ["band_names", "score"]
