"""Boundaries and their faults as a page to look at."""
