"""Migrations that move data, tried on planted rows."""
