"""One project, many machines: each writes side files of its own, and one merges them."""
