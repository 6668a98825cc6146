"""Tables of other shapes, turned into rows of matters: cards, columns of marks or of helpers."""
