"""What goes out as it lies there: packed, or built beforehand."""
