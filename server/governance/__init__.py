"""What changes the rules and looks at open cases before it does: publication."""
