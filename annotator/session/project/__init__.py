"""The project that is open: its file and lock, what other programs write, and what was told when it was opened."""
