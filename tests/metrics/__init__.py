"""Tests of the metrics that are one SELECT each, and of the claims."""
