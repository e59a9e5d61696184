"""The state of the window: project, frames, selection, undo, jobs, and the processes beside it; no widgets."""
