"""The stories and detours of the tour, played through screens alone, desk and phone together."""
