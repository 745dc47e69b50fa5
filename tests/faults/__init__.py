"""Faults that are really injected: each room breaks something and finds the published file old or new, never between."""
