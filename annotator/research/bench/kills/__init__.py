"""Processes that are killed at every one of their writes: what is left is old or new, and nothing between."""
