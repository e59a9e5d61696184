"""The models that a project knows: told apart, measured side by side, deleted, exported and imported."""
