"""Child processes beside the window: inference, decoding, training."""
