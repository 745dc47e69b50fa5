"""Faults that are really injected: each room breaks something, then finds the published file old or new, not mixed."""
