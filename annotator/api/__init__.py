"""Projects for scripts: what `import annotator` gives. It holds no rules of its own, the services do."""
