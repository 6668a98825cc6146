"""Looking up who answers for a matter at a place and a moment."""
