"""Contracts: every table of every stage as data, from which everything else is derived."""
