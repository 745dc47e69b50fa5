"""published: what the file for readers holds besides the gated tables: verdicts, dictionary, macros, schema `bi`."""
