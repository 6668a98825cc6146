"""The lists as they are kept: types, versions, entries, precedents."""
