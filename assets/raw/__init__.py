"""raw: the seed files as they are, every cell as text."""
