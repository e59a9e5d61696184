"""Checks of landmarks against pixels, and faces without pictures."""
