"""How a case is reached, moved and written: access, lock, history, timers, messages."""
