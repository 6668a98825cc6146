"""The desk in a real Chromium: working days by keyboard, at three sizes."""
