"""Photos: rows, storage keys, what becomes of them."""
