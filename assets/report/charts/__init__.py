"""One module per picture: its questions, and a pure function from the answers to charts, tables and text."""
