"""What units and grid workers do on a case, and what they ask for."""
