"""Frames as pixels: reading files in native depth, proxies, viewer pyramids and resampling."""
