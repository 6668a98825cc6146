"""What departments, townships and the command centre may say."""
