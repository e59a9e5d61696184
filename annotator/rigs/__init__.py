"""Calibrated cameras at work: projection, triangulation, refinement, calibration files."""
