"""Calibrated rigs of a project: import, what is checked before it, export; moments and what their views say together."""
