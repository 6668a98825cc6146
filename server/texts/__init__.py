"""Every word a person reads, in one file, and the way to it."""
