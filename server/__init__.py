"""The server: cases, the people who handle them, and everything below the two fronts."""
