"""The published protocols: sets of frames, normalisers and limits as the field has them."""
