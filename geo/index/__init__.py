"""Which place a point lies in, and how certain that is."""
