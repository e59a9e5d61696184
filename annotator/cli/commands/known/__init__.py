"""`annotator models`: the models of a project."""
