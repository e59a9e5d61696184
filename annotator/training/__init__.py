"""Training: samples and their augmentation, recipes, the one loop for every network, and what it writes."""
