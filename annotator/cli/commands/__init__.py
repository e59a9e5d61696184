"""One file a command; each states its options, calls one service and prints what came of it."""
