"""Receivers: turning events into messages, and live sockets."""
