"""A project's takes: their sequences, image evidence, tracking. Free of any window, with progress and stop."""
