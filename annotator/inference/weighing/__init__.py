"""From the networks answers to what is claimed: what whole faces look like, regions that left the face, and doubt."""
