"""Times of the real window, driven by mouse events; `annotator bench ui` starts it in a child process."""
