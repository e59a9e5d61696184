"""Long work: jobs, the board that lists them, what happens when one ends."""
