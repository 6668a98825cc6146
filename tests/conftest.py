"""Loads the plugins that every test may use."""

pytest_plugins = ("tests.not_collected", "tests.services", "tests.county")
