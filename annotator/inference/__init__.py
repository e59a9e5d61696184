"""From a frame's pixels to a proposal: numpy in, `Proposal` out, on whatever device there is."""
