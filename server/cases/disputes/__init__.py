"""Returns, rulings and conferences."""
