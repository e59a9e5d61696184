"""Many landmarks moved as one: boxes that move, turn and stretch them, soft selection, curves pulled and evened out."""
