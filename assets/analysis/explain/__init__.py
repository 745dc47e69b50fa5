"""How a published figure comes about."""
