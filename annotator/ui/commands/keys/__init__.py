"""Which keys do what: the keymap, its dialog, the table of shortcuts."""
