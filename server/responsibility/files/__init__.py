"""Files that offices keep tables in, read as sheets of text within limits."""
