"""Dialogs: import, export, train, model chooser, shortcuts, about."""
