"""published: the parts of the published file other than gated tables: verdicts, dictionary, macros, version."""
