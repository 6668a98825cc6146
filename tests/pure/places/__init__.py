"""Boundary files on their way in, without a database."""
