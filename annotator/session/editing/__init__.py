"""Annotations as they are shown and edited: undo, edits on their way to disk, conflicts with other programs."""
