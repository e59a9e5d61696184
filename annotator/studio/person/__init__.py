"""One made-up person: head, shape of the face, expression, eyes, mouth, looks beyond the shape."""
