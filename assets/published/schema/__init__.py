"""schema: the shape of the published file that outside queries rely on, its version, and the names it had before."""
