"""The marks over a frame: points, curves, boxes and labels as one item of the scene."""
