"""Tables of other shapes, turned into rows of matters: cards, and columns of units with marks."""
