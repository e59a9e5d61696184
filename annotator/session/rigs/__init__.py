"""The moment that is looked at: its views, what they say together, what is taken from them."""
