"""Commands of the window: the table, its keys, and what each does to landmarks."""
