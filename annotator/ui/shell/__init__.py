"""The main window: panels, menus, tool bar and the handlers of commands round one session."""
