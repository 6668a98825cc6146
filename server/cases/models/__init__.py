"""Tables of the cases slice, a file per noun."""
