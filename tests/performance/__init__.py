"""`make bench`: every performance statement as a ratio against a named alternative. Nothing here is a run-time need."""
