"""Light: set-ups, baked light, backgrounds."""
