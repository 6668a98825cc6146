"""Places on the ground as a plain library: datums, strict boundary import, exact look-up."""
