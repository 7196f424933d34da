"""Supporting documents (佐证资料): whose they are, what they say about the figures of a project, what is missing.

Nothing here judges: it says where to look.
"""
