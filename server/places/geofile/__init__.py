"""What the files of geographic software hold, read in a process that may be killed."""
