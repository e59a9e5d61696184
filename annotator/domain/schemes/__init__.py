"""Landmark schemes as files: reading, writing, and the way from one version to the next."""
