"""Who pays how much when not everyone can pay: clearing of mutual obligations (Eisenberg and Noe).

Every debtor pays its debts in full or pays everything it has; its creditors share in proportion to their claims, and
can use these receipts for their own payments. The result is the greatest solution: no party defaults that the payments
of others could have saved.

Not here: the debts of a year, and the choice of debtors (the stress tables decide).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]

ROUNDING = 1e-12
"""A shortfall below this fraction of the debt is a rounding error, not a default."""

FEW_NODES = 50
"""Up to this number of nodes, each case is solved separately, by elimination."""

MOST_STEPS = 200
"""A payment that has not converged after this number of iterations is solved by elimination."""


@dataclass(frozen=True, eq=False)
class Clearing:
    """Total payments and remaining equity of each node, and the round of contagion in which it defaulted (0: none).

    Nodes of round 1 default even if all others pay in full, nodes of round 2 because of round 1, and so on.
    """

    payments: Floats
    equity: Floats
    is_in_default: npt.NDArray[np.bool_]
    round_of_default: npt.NDArray[np.int64]


def clear(
    liabilities: npt.ArrayLike,
    external_assets: npt.ArrayLike,
    external_liabilities: npt.ArrayLike | None = None,
) -> Clearing:
    """Give the greatest clearing vector p = min(p̄, e + Πᵀp) by the fictitious default algorithm.

    Each round takes the defaulters so far, solves for their payments, and finds the next defaulters; there are at most
    as many rounds as nodes. The linear systems have a unique solution, because a set of defaulters always owes
    something to others: otherwise its members would together have all that they owe each other.

    Shapes: liabilities (n, n), owed by the row to the column; external_assets and external_liabilities (n,); all four
    results (n,). External creditors share pari passu: p̄ and payments include the debts to them.
    Units: any one unit of money.
    Errors: ValueError unless all are finite and not negative, the shapes fit, and the diagonal is zero.
    Source: Eisenberg & Noe 2001, Management Science 47(2). Check: two nodes owing each other 1 without any
    cash pay (1, 1), not (0, 0).
    """
    owed, cash, outside = _read(liabilities, external_assets, external_liabilities)
    due = owed.sum(axis=1) + outside
    shares = np.divide(owed, due[:, None], out=np.zeros_like(owed), where=due[:, None] > 0)
    payments, fallen_in = due.copy(), np.zeros(due.size, np.int64)
    for round_ in range(1, due.size + 1):
        falling = (fallen_in == 0) & (due - (cash + payments @ shares) > ROUNDING * due)
        if not falling.any():
            break
        fallen_in[falling] = round_
        payments = _pay(shares, cash, due, outside, fallen_in > 0)
    in_default = fallen_in > 0
    equity = np.where(in_default, 0.0, np.maximum(0.0, cash + payments @ shares - due))
    return Clearing(payments, equity, in_default, fallen_in)


def clear_each(
    liabilities: npt.ArrayLike, external_assets: npt.ArrayLike, external_liabilities: npt.ArrayLike | None = None
) -> list[Clearing]:
    """Give ``clear`` for the same liabilities and each of several sets of external assets.

    With many nodes, the payments of the defaulters are found for all cases at once, by iterating until they converge to
    the last bit; neighbouring cases differ in few nodes. Cases that do not converge (closed circles of money) are
    solved by elimination.

    Shapes: external_assets (cases, n); the others as for ``clear``.
    Units and errors: as for ``clear``.
    """
    cases = np.atleast_2d(np.asarray(external_assets, np.float64))
    owed, _, outside = _read(liabilities, cases[0], external_liabilities)
    if len(owed) <= FEW_NODES:
        return [clear(owed, assets, outside) for assets in cases]
    cash = _non_negative(cases, "external_assets").T
    due = (owed.sum(axis=1) + outside)[:, None]
    shares = np.divide(owed, due, out=np.zeros_like(owed), where=due > 0)
    passed_on = csr_array(shares.T)
    payments = np.repeat(due, cash.shape[1], axis=1)
    fallen_in = np.zeros(cash.shape, np.int64)
    for round_ in range(1, len(due) + 1):
        falling = (fallen_in == 0) & (due - (cash + passed_on @ payments) > ROUNDING * due)
        (hit,) = falling.any(axis=0).nonzero()
        if not hit.size:
            break
        fallen_in[falling] = round_
        has_fallen = fallen_in[:, hit] > 0
        payments[:, hit], settled = _settle(passed_on, cash[:, hit], due, payments[:, hit], has_fallen)
        for place in np.flatnonzero(~settled):
            case = hit[place]
            payments[:, case] = _pay(shares, cash[:, case], due[:, 0], outside, has_fallen[:, place])
    in_default = fallen_in > 0
    equity = np.where(in_default, 0.0, np.maximum(0.0, cash + passed_on @ payments - due))
    return [Clearing(*found) for found in zip(payments.T, equity.T, in_default.T, fallen_in.T, strict=True)]


def _settle(
    passed_on: csr_array, cash: Floats, due: Floats, payments: Floats, has_fallen: npt.NDArray[np.bool_]
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Give the payments if exactly these nodes default, iterating down from larger ones, and which cases converged."""
    moving = np.arange(cash.shape[1])
    paid = payments.copy()
    for _ in range(MOST_STEPS):
        before = paid[:, moving]
        after = np.where(has_fallen[:, moving], np.minimum(cash[:, moving] + passed_on @ before, due), due)
        paid[:, moving] = after
        moving = moving[(after != before).any(axis=0)]
        if not moving.size:
            break
    settled = np.ones(cash.shape[1], np.bool_)
    settled[moving] = False
    return paid, settled


def _pay(shares: Floats, cash: Floats, due: Floats, outside: Floats, in_default: npt.NDArray[np.bool_]) -> Floats:
    """Give all payments if exactly these nodes default and the others pay in full."""
    solvent = ~in_default
    own = cash[in_default] + due[solvent] @ shares[np.ix_(solvent, in_default)]
    among = shares[np.ix_(in_default, in_default)].T
    leaving = shares[np.ix_(in_default, solvent)].sum(axis=1) + outside[in_default] / due[in_default]
    payments = due.copy()
    payments[in_default] = np.minimum(_solve(among, leaving, own), due[in_default])
    return payments


def _solve(among: Floats, leaving: Floats, own: Floats) -> Floats:
    """Solve p = own + among · p, where column j of ``among`` and ``leaving[j]`` add up to 1.

    Gaussian elimination in which every pivot is a sum of non-negative terms, never a difference, so each payment is
    accurate to a few ulp even in a nearly closed circle of defaulters. The error of a general solver grows with the
    condition number: it would report a default of a node that can just pay its debts, and every closed circle without
    cash has one.

    Source: Grassmann, Taksar & Heyman 1985, Operations Research 33(5).
    """
    among, leaving, own = among.copy(), leaving.copy(), own.copy()
    size = own.size
    pivots = np.empty(size)
    for k in range(size):
        rest = slice(k + 1, size)
        pivots[k] = leaving[k] + among[rest, k].sum()
        passed_on = among[rest, k] / pivots[k]
        own[rest] += passed_on * own[k]
        among[rest, rest] += np.outer(passed_on, among[k, rest])
        leaving[rest] += among[k, rest] * (leaving[k] / pivots[k])
    for k in reversed(range(size)):
        own[k] = (own[k] + among[k, k + 1 :] @ own[k + 1 :]) / pivots[k]
    return own


def _read(
    liabilities: npt.ArrayLike, external_assets: npt.ArrayLike, external_liabilities: npt.ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Read and check the three arguments."""
    owed = _non_negative(liabilities, "liabilities")
    if owed.ndim != 2 or owed.shape[0] != owed.shape[1]:  # noqa: PLR2004
        raise ValueError(f"liabilities must be a square matrix, owed by row to column, got {owed.shape}")
    cash = _non_negative(external_assets, "external_assets")
    outside = (
        np.zeros(len(owed))
        if external_liabilities is None
        else _non_negative(external_liabilities, "external_liabilities")
    )
    for vector, name in ((cash, "external_assets"), (outside, "external_liabilities")):
        if vector.shape != (len(owed),):
            raise ValueError(f"{name} must be a vector of length {len(owed)}, got shape {vector.shape}")
    itself = np.flatnonzero(np.diagonal(owed))
    if itself.size:
        raise ValueError(f"liabilities must be zero on the diagonal, but node {itself[0]} owes itself")
    return owed, cash, outside


def _non_negative(values: npt.ArrayLike, argument: str) -> Floats:
    """Read an array of finite, non-negative figures."""
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{argument} must be an array of numbers") from error
    if not np.isfinite(array).all() or (array < 0).any():
        raise ValueError(f"{argument} must be finite and not negative")
    return array
