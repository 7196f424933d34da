"""Rulesets (评分规则集): load, list and choose; see `perfbatch.rulesets.ruleset`."""

from perfbatch.rulesets.choice import choose, default, region_of_family
from perfbatch.rulesets.citing import fitting, plainly, unmarked
from perfbatch.rulesets.parameters import Parameter, parameters
from perfbatch.rulesets.ruleset import RANGE_SOURCE, STATUSES, Ruleset, Value, load, names, region_of
from perfbatch.rulesets.words import in_words

__all__ = [
    "RANGE_SOURCE",
    "STATUSES",
    "Parameter",
    "Ruleset",
    "Value",
    "choose",
    "default",
    "fitting",
    "in_words",
    "load",
    "names",
    "parameters",
    "plainly",
    "region_of",
    "region_of_family",
    "unmarked",
]
