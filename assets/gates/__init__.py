"""gates: judges a frame by its contract before it becomes a table."""
