"""Where points are looked up, for geo.py: made places, other ways to do it, what is drawn."""
