"""New boundaries looked at together with open cases."""
