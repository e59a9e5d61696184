"""What faces look like: their frame, their usual shapes, and how corrections carry on."""
