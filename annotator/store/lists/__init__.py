"""Frames as lists: filters, columns, tokens that occur."""
