"""What the project knows of takes: rates and ranges, tracks, the motion of pixels."""
