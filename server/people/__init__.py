"""Units, accounts, grants, sign-in, and the actor behind a request."""
