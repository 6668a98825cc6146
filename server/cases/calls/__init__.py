"""Calls: units asked to a place at a time."""
