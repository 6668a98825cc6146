"""What the oldest phones and the longest words do to the page."""
