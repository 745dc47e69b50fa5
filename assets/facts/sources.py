"""facts.sources: the publications in which facts were read, without file and line."""

from __future__ import annotations

from assets.facts.dimensions import dimension, dimension_step
from assets.staging import sources

SOURCES = dimension(sources.SOURCES, "sources")
STEP = dimension_step(SOURCES)
