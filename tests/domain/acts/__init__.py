"""Acts for tests, room by room: what people do to cases, and what came of it."""
