"""Tests of the report: what it says, that it needs nothing from outside, and how a real browser shows it."""
