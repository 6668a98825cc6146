"""From a draft to a published version."""
