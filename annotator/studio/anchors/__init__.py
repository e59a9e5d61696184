"""Where landmarks lie on the head, and the drawn borders that they follow."""
