"""All checks, one module and one TOML a family; `perfbatch.checks.register` runs them."""

# two letters of the codes → the file with the metadata, in the order of the manuals
FAMILIES = {
    "ST": "structure",
    "FU": "funds",
    "WT": "weights",
    "IN": "indicators",
    "SC": "scores",
    "RE": "reasons",
    "TX": "text",
    "XP": "crosscheck",
    "TG": "targets",
    "MN": "monitoring",
    "OV": "overall",
    "TS": "planned",
    "HB": "hebei",
    "RP": "report",
    "EV": "evidence",
}
