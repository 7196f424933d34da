"""Rulesets (评分规则集): load, list and choose; see `perfbatch.rulesets.ruleset`."""

from perfbatch.rulesets.choice import choose, default
from perfbatch.rulesets.parameters import Parameter, parameters
from perfbatch.rulesets.ruleset import RANGE_SOURCE, STATUSES, Ruleset, Value, load, names
from perfbatch.rulesets.words import in_words

__all__ = [
    "RANGE_SOURCE",
    "STATUSES",
    "Parameter",
    "Ruleset",
    "Value",
    "choose",
    "default",
    "in_words",
    "load",
    "names",
    "parameters",
]
