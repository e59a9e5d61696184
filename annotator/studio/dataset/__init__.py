"""Sets of captures on disk: options, presets, jobs, workers, annotation files, contact sheets."""
