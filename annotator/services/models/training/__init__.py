"""Teaching a model by a project or by folders: runs, splits, sources, and the table of before and after."""
