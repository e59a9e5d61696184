"""Nouns and rules of the product: schemes, frames, annotations, proposals, edits. Plain numpy, no I/O but small TOML files."""
