"""Passwords, sessions, and slowing down guesses."""
