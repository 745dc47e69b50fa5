"""Damage to one row that breaks one rule."""

from __future__ import annotations

from tests.ledgers.damage.harm import Damage, block, cells

HUMAIN = "l_amd_humain"

LEG = '(leg_id "l_amd_humain", known_from 2025-05-13, reading "preferred")'

SITE = '(leg_id "k_abilene", known_from …, reading "preferred")'

GRAIN = "…two rows of one key would be counted twice"

CERTAINTIES = "use one of: rumoured, letter_of_intent, announced, contracted, filed, paid, cancelled"

ID = "the value must match ^[a-z0-9][a-z0-9_]{0,99}$"

LOOKALIKE = "the look-alike letter U+0430 (CYRILLIC SMALL LETTER A)"


def leg(name: str, rule: str, remedy: str, found: str, **values: str) -> Damage:
    """A promise that breaks one rule."""
    return Damage(name, "commitments", cells(HUMAIN, **values), (block(f":{{0}}  {found}  {LEG}", rule, remedy),))


def unknown(name: str, column: str, value: str, remedy: str, seen: str = "") -> Damage:
    """A promise with a broken reference."""
    return leg(name, f"refers_to:{column}", remedy, f'{column} = "{seen or value}"', **{column: value})


def site(name: str, rule: str, remedy: str, found: str, **values: str) -> Damage:
    """A promise of power that breaks one rule."""
    return Damage(name, "capacity", cells("k_abilene", **values), (block(f":{{0}}  {found}  {SITE}", rule, remedy),))


def row(name: str, file: str, key: str, rule: str, remedy: str, found: str, **values: str) -> Damage:
    """A row that breaks one rule."""
    return Damage(name, file, cells(key, **values), (block(f":{{0}}  {found}", rule, remedy),))
