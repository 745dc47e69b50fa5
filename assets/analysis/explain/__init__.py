"""explain: the derivation of a published figure."""
