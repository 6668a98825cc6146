"""Loads the plugins that every test may use."""

import signal

pytest_plugins = ("tests.not_collected", "tests.services", "tests.county")

# Whom a shell starts in the background ignores SIGINT, and so does what it starts in turn: the
# programs that tests start and stop by that signal would not hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
