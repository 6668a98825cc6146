"""What lies in a photo's file, read without decoding it."""
