"""Annotator: facial landmark proposals, review and retraining for very high resolution captures."""
