"""Calibration files, one module a format: each reads rigs of the domain and, where it can, writes them."""
