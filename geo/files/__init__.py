"""Boundary files read, checked, compared with their neighbours."""
