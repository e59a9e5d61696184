"""The frame view: tiled picture, landmarks, suggestions, loupe, comparison, and the mouse."""
