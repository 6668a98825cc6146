"""The county's base map: one vector file from an OpenStreetMap extract or its own survey."""
