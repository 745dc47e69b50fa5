"""schema: the shape of the published file that outside queries rely on, its version, and its old names."""
