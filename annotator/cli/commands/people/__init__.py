"""Several people on one project."""
