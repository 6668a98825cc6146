"""The responsibility list: versions, entries, lookup, suggestion (责任清单)."""
