"""One capture ready to be drawn: subject, light, surfaces, and what a camera sees of it."""
