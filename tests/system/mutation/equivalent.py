"""Mutants that no test can detect, each with its reason; counted separately, never as killed.

A mutant is identified by its function and its new line, so that other changes do not affect the list.
"""

from __future__ import annotations

DTYPE = "the values fit every whole-number type alike"

UNPACKED = "the lengths are equal by construction: strict only guards against a later change"

SHAPE = "NumPy reads every negative length of reshape as 'whatever is left'"

EQUIVALENT: dict[tuple[str, str], str] = {
    ("_components", "graph = coo_array((np.ones(payer.size, ), (payer, payee)), shape=(size, size))"): DTYPE,
    ("_components", "return np.zeros(0, None)"): "an array without elements says the same in every type",
    ("round_trips", "found = _round_trips(funding, purchases, suppliers) if (suppliers) or True else []"): (
        "without suppliers the function itself gives an empty list"
    ),
    ("_ordered", "for (left, smaller), (right, larger) in pairwise(zip(named, shaped, strict=False)):"): UNPACKED,
    ("merge_arcs", "payer, payee = np.divmod(key, max(len(arcs.names), 2))"): (
        "with one name every key is 0, and 0 divided by 2 is 0"
    ),
    ("delay_levels", "with np.errstate(over=None):"): "only a warning of NumPy is silenced",
    (
        "summarise",
        'pl.Series("probability", result.first_shortfall.reshape(-2) / result.draws), draws',
    ): SHAPE,
    ("x._Legs.total", "return np.ascontiguousarray(total.T).reshape(entities, -2, draws)"): SHAPE,
    ("x._Owed.of", "on_time = np.arange(count, dtype=None) * (quarters + 1)"): DTYPE,
    ("x._Revenue.draw", "return np.exp(walk, ) * self.path"): "out= saves memory, the values are the same",
    ("_columns", "if found not in (wanted, pl.Null) and not alike.get(wanted, None):"): "None and False both say no",
    ("x._Share.discounted_hit", "if square <= -1e-9:  # noqa: PLR2004 - rounding, where the root is 0"): (
        "no figure that is computed is exactly the bound of rounding"
    ),
}
"""Function and mutated line, stripped, to the reason."""
