"""The share of throughflow that returns if every node mixes its inflows (Finn), computed from arcs.

Not here: the choice of inputs (``circulation.finn_cycling_index``, ``circulation.money_graph_finn``).
"""

import numpy as np

from assets.finance.money_graph import Floats, Whole, components

CLOSED_TOLERANCE = 1e-12
"""A component that loses a smaller share of its throughflow counts as closed: I - G is singular there."""


def cycled_share(donor: Whole, receiver: Whole, flow: Floats, throughflow: Floats) -> float:
    """Give the Finn cycling index from arcs; a node that is on no circle contributes 0."""
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
