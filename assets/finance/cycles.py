"""The simple cycles of a money graph, largest bottleneck first.

Not here: the table of loops (``circulation.loops``).
"""

from collections.abc import Iterator

import numpy as np

from assets.finance.money_graph import Arcs, components


def cycles_of(arcs: Arcs, max_length: int, limit: int | None) -> list[tuple[int, int, tuple[int, ...]]]:
    """List (-bottleneck, length, nodes from the smallest) in order, stopping once the limit is passed."""
    labels = components(arcs.payer, arcs.payee, len(arcs.names))
    inside = np.flatnonzero(labels[arcs.payer] == labels[arcs.payee])
    ranked = inside[np.argsort(-arcs.units[inside], kind="stable")]
    forward: dict[int, list[int]] = {}
    backward: dict[int, list[int]] = {}
    found: list[tuple[int, int, tuple[int, ...]]] = []
    weakest = 0
    for arc in ranked.tolist():
        payer, payee, units = int(arcs.payer[arc]), int(arcs.payee[arc]), int(arcs.units[arc])
        if limit is not None and len(found) > limit and units < weakest:
            break  # ties at the limit are all collected, so that the order of the output decides among them
        weakest = units
        forward.setdefault(payer, []).append(payee)
        backward.setdefault(payee, []).append(payer)
        for path in _simple_paths(payee, payer, max_length - 1, forward, backward):
            turn = path.index(min(path))
            found.append((-units, len(path), path[turn:] + path[:turn]))
    return sorted(found)


def _simple_paths(
    start: int, goal: int, most: int, forward: dict[int, list[int]], backward: dict[int, list[int]]
) -> Iterator[tuple[int, ...]]:
    """Yield every simple path with at most ``most`` edges, through nodes that can still reach the goal."""
    distance, ring = {goal: 0}, {goal}
    for steps in range(1, most + 1):
        ring = {back for node in ring for back in backward.get(node, ())} - distance.keys()
        if not ring:
            break
        distance.update(dict.fromkeys(ring, steps))
    if start not in distance:
        return
    path, pending = [start], [iter(forward.get(start, ()))]
    while pending:
        node = next(pending[-1], None)
        if node is None:
            pending.pop()
            path.pop()
        elif node == goal:
            yield (*path, goal)
        elif node not in path and node in distance and len(path) + distance[node] <= most:
            path.append(node)
            pending.append(iter(forward.get(node, ())))
