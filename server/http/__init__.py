"""How any handler here speaks HTTP; shared by both fronts."""
