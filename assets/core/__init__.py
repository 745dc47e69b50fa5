"""core: the terms that every room shares. It imports only Polars and the standard library."""
