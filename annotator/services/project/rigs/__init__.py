"""Calibrated rigs of a project: a file's cameras matched and checked, then imported; and exported again."""
