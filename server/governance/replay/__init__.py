"""What a list or boundaries not yet in force would have said of the cases that were settled."""
