"""The window: views over a session, built from Qt widgets; no torch, SQL or OpenCV here."""
