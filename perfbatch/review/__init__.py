"""Spot check: what a workpaper asks, what reviewers wrote into it, and what that makes of the scores."""

from perfbatch.review.items import Item, items_of, quality_items

__all__ = ["Item", "items_of", "quality_items"]
