"""Giving a case to units: the first time, a second time, and by a process."""
