"""What the window knows and does of time."""
