"""What all views share: theme, widgets, thumbnails, display and view options."""
