"""gates: a frame is judged by its contract before it becomes a table."""
