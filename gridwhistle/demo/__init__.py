"""The fictional county the demo and the tour play in: places, units, people and stories."""
