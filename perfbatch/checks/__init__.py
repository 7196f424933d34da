"""All checks, one module a family; `perfbatch.checks.register` runs them."""

FAMILIES = ("ST", "FU", "WT", "IN", "SC", "RE", "TX", "XP", "HB", "RP")
