"""Bodies and answers that both fronts share."""
