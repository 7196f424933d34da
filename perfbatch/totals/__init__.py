"""Every figure that outputs print and nobody else computes: lines, sums, lists, the spot check."""
