"""`annotator doctor`: what is installed and usable, and for every problem what to do about it."""
