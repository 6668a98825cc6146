"""How a case ends, is done again, is merged, and keeps a unit out."""
