"""Cameras and meshes: projection, subdivision, topology, tubes, noise."""
