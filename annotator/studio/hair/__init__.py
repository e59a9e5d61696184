"""Hair on head and face: growth, styles, strands, brows, shadows of hair."""
