"""Finding matters and entries by the words that people use."""
