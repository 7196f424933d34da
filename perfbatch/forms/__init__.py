"""Layouts: forms and lists recognised by the words of their headers, and the frames made of them."""
