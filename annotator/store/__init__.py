"""The project file: frames, annotations, the correction ledger, proposals and models in one SQLite file."""
