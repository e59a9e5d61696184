"""Calibrated cameras, and what their views say together."""
