"""core: the language that every room shares. It imports Polars, the standard library and the contract model."""
