"""`make bench`: every performance statement as a ratio to a named alternative. The product does not use it."""
