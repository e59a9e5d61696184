"""Pixels for the views: frames and patches read ahead, and one budget for everything that is kept."""
