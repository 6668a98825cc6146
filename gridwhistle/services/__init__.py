"""The private PostgreSQL and Valkey servers that an installation or a test run starts itself."""
