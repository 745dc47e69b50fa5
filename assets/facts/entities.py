"""facts.entities: the parties, without file and line."""

from __future__ import annotations

from assets.facts.dimensions import dimension, dimension_step
from assets.staging import entities

ENTITIES = dimension(entities.ENTITIES, "entities")
STEP = dimension_step(ENTITIES)
