"""charts: one module per picture: its queries, and a pure function from their results to charts, tables and text."""
