"""Cases counted: by place, by township, on the map, as they stand today."""
