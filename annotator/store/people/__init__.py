"""Who is to do what, and what was decided between two copies."""
