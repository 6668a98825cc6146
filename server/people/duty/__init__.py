"""Who sits in a command room, and which units make up its team."""
