"""Pictures of a project: path patterns, import and its preview, sizes, relinking."""
