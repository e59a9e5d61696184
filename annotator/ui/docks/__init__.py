"""Panels around the frame view: frames, heatmaps, inspector, jobs, training, history."""
