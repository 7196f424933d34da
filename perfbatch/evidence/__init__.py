"""Supporting documents (佐证资料): whose they are, what they say of figures, what lacks: where to look, no verdict."""
