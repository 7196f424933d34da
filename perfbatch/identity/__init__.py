"""One project once: forms, list rows, resubmissions and the unit's names brought together."""
