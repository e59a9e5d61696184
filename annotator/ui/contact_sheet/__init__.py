"""The contact sheet: one landmark over many frames."""
