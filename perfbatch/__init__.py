"""perfbatch: check, recompute and summarise budget-project performance self-evaluations (预算项目绩效自评)."""

__version__ = "0.1.0"
