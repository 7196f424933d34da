"""Packs the parts beside this file into the template of the report: ``python -m tools.report_template``."""
