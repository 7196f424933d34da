"""What the commands besides `run` do, and the manuals."""
