"""Mutants that no test can notice, each with its reason: counted apart, never as killed.

A mutant is named by its function and by the line that it writes, so that the list survives a change elsewhere.
"""

from __future__ import annotations

EQUIVALENT: dict[tuple[str, str], str] = {}
"""Function and mutated line, without the blanks around it, to the reason."""
