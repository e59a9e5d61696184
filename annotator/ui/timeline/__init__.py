"""The timeline below the frame: keys, tracks, doubt and review over time."""
