"""`annotator bench mutations`: damaged inputs of every kind, each read in a process of its own under limits."""
