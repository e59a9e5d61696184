"""What is drawn round a selection to move, turn and scale it, and the reach of a soft one."""
