"""Landmarks over time for programs that track and animate: written, never read."""
