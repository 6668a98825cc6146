"""Generations of boundaries, their loading, and where a point lies."""
