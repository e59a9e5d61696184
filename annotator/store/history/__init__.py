"""What was changed, by whom: edits to write, and the ledger."""
