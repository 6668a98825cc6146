"""The command and the composition root: one process or many from the same parts."""
