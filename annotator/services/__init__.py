"""What Annotator does for a user: each file is one job that joins the rooms below; none knows of a window."""
