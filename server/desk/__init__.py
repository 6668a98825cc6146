"""What people at desks keep and share among themselves: views of lists, and who is looking."""
