"""Several people on one project: who does what, who approves, and how far they agree."""
