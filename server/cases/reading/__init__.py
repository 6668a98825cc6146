"""Reading cases: lists, boards, one case whole, and what is like it."""
