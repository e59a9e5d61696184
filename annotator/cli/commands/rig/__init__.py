"""`annotator rig`: calibrated cameras of a project, one file a command."""
