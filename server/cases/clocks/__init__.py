"""What happens by itself when a timer runs out."""
