"""Ratings by those who called (评价)."""
