"""What `annotator bench` measures, without a window: every figure with the machine and the date beside it."""
