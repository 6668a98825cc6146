"""What cases obey, without a database: flow, deadlines, filing policy, numbers."""
