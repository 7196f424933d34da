"""Rulesets (评分规则集): load, list and choose; see `perfbatch.rulesets.ruleset`."""

from perfbatch.rulesets.choice import choose, default, region_of_family
from perfbatch.rulesets.parameters import Parameter, in_words, parameters
from perfbatch.rulesets.ruleset import RANGE_SOURCE, STATUSES, Ruleset, Value, fitting, load, names, plainly, unmarked

__all__ = [
    "RANGE_SOURCE", "STATUSES", "Parameter", "Ruleset", "Value", "choose", "default", "fitting", "in_words", "load",
    "names", "parameters", "plainly", "region_of_family", "unmarked",
]  # fmt: skip
