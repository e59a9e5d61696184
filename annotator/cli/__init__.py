"""The command line: every job of Annotator that a script or a render farm wants, without a window."""
