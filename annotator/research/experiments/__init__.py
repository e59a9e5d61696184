"""The papers' tables on your own data: presets of systems, trained alike, measured on the same frames, in one table."""
