"""What part of a throughflow comes back if every node mixes what it receives (Finn), from arcs.

Not here: which figures enter (``circulation.finn_cycling_index``, ``circulation.money_graph_finn``).
"""

import numpy as np

from assets.finance.money_graph import Floats, Whole, components

CLOSED_TOLERANCE = 1e-12
"""A component that loses less of its throughflow than this lets nothing out: I - G is singular there."""


def cycled_share(donor: Whole, receiver: Whole, flow: Floats, throughflow: Floats) -> float:
    """Give the Finn cycling index from arcs; a node outside every circle returns nothing to itself."""
    total = float(throughflow.sum())
    if total == 0:
        return 0.0
    labels = components(donor, receiver, throughflow.size)
    inside = labels[donor] == labels[receiver]
    donor, receiver, flow = donor[inside], receiver[inside], flow[inside]
    cycled = 0.0
    for label in np.unique(labels[donor]):
        members = np.flatnonzero(labels == label)
        arcs = labels[donor] == label
        remaining = np.eye(members.size)
        ends = np.searchsorted(members, donor[arcs]), np.searchsorted(members, receiver[arcs])
        np.subtract.at(remaining, ends, flow[arcs] / throughflow[donor[arcs]])
        if remaining.sum(axis=1).max() <= CLOSED_TOLERANCE:
            cycled += float(throughflow[members].sum())
        else:
            visits = np.diagonal(np.linalg.inv(remaining))
            cycled += float((throughflow[members] * (1 - 1 / visits)).sum())
    return cycled / total
