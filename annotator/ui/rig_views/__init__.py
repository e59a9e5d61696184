"""The other views of a moment: beside the frame, on the frame, and in space."""
