"""Made-up ledgers of any size, valid in every seed, with the totals that a warehouse must find in them.

Nothing here reads a table or knows how a figure is computed: that is the point of the totals.
"""
