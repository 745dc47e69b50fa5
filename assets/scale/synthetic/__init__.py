"""Synthetic ledgers of any size, with valid seeds and the totals that a warehouse must compute from them.

Nothing here reads a table or uses code of the warehouse, so that the totals are an independent check.
"""
