"""What both fronts let people do: forms, and the handlers that they share."""
