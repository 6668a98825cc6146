"""What the rest stands on: datums, metres, faults."""
