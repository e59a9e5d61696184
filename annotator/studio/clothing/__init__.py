"""What is worn: clothes, hats, glasses, jewellery, tracking markers."""
