"""A face in time: takes, tracks, the motion between frames."""
