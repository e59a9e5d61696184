"""What people who share a project keep in it beside landmarks: notes, who does what, conflicts of copies."""
