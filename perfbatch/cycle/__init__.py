"""The year around the self-evaluation: approved targets and their adjustments held against what was evaluated."""
