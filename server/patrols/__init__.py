"""Grid workers on their rounds: begun, walked with a consented track, ended."""
