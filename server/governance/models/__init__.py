"""Tables of the governance slice, a file per noun."""
