"""Coverage and funding gap of many entities under one scenario, by Monte Carlo.

One draw decides for every leg whether it happens (Bernoulli), how late (gamma, whole quarters) and at which multiple of
its point amount (beta-PERT); imputed legs share one cost per gigawatt and component (beta-PERT); revenue varies around
its path (lognormal). Draws are split into chunks of fixed size, each with its own seed. The numbers and counts of
chunks add up, so chunks may run anywhere.

Not here: schedules, probabilities, paths and bounds (from the tables), quantiles (``quantiles``).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from numbers import Integral
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from assets.finance.quantiles import (
    DELAY_LEVELS,
    ChunkResult,
    Collect,
    Counts,
    Floats,
    Kept,
    PertLevels,
    Simulation,
    delay_levels,
    summarise,
)

CHUNK_DRAWS = 4096

_BLOCK_DRAWS = 512  # fits into the cache of one core; the random stream depends on it, as on the chunk size
_WAVE_CHUNKS = 32  # the most results that an eager map may hold at once
_ROUNDING = 1e-9  # a gap below this share of the dues counts as zero
_MAX_DRAWS = 2**31 - 1

Small = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False, kw_only=True)
class Funding:
    """Money that the entities raise, one row per leg; the order is fixed, since each row has its own random numbers.

    Shapes: (legs,); yearly_usd (legs, years).
    Units: entity is a position in `entity_ids`; probability a fraction (1 for a sum that is already weighted);
    yearly_usd the point amount in USD; low, mode, high multiples of it (1, 1, 1 = exact).
    """

    entity: npt.ArrayLike = ()
    probability: npt.ArrayLike = 1.0
    yearly_usd: npt.ArrayLike = 0.0
    low: npt.ArrayLike = 1.0
    mode: npt.ArrayLike = 1.0
    high: npt.ArrayLike = 1.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Obligations:
    """Debts of the entities, one row per leg; the order is fixed, since each row has its own random numbers.

    Shapes: (legs,); quarterly_usd (legs, quarters_before + 4 x years).
    Units: entity, probability, low, mode, high as for `Funding`; quarterly_usd the point amount due, in USD, from
    quarters_before quarters before the first year on (amounts due then may come later); first_open_quarter the
    first column that can still be late, the number of columns = none; component -1 = a disclosed amount, else the
    row of `Case.cost_per_gw` for an imputed amount.
    """

    entity: npt.ArrayLike
    probability: npt.ArrayLike
    quarterly_usd: npt.ArrayLike
    low: npt.ArrayLike = 1.0
    mode: npt.ArrayLike = 1.0
    high: npt.ArrayLike = 1.0
    component: npt.ArrayLike = -1
    first_open_quarter: npt.ArrayLike = 0
    quarters_before: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """One scenario for a set of entities, as known on one day.

    Shapes: revenue_usd (entities, years); growth_sigma broadcasts to it, opening_cash_usd, other_cost_ratio to
    (entities,); cost_per_gw (components, 3): low, mode, high as multiples of the cost behind the point.
    Units: USD; growth_sigma the standard deviation of the logarithm of a year's growth, 0 where revenue is known (the
    mean of revenue stays the path); delay_* a gamma in quarters, scale 0 = no delay.
    Errors: ValueError that names the argument and the allowed values.
    """

    entity_ids: tuple[str, ...]
    first_year: int
    revenue_usd: npt.ArrayLike
    obligations: Obligations
    funding: Funding = Funding()
    growth_sigma: npt.ArrayLike = 0.0
    opening_cash_usd: npt.ArrayLike = 0.0
    other_cost_ratio: npt.ArrayLike = 0.0
    delay_shape: float = 1.0
    delay_scale_quarters: float = 0.0
    cost_per_gw: npt.ArrayLike = ()

    def __post_init__(self) -> None:
        if len(set(self.entity_ids)) != len(self.entity_ids):
            raise ValueError(f"entity_ids must differ from each other, got {self.entity_ids}")
        _ = self.prepared  # refuse a mistake here, not in the middle of a run

    @cached_property
    def years(self) -> range:
        """The calendar years."""
        match np.shape(self.revenue_usd):
            case (entities, years) if entities == len(self.entity_ids) and entities * years > 0:
                return range(self.first_year, self.first_year + years)
            case shape:
                raise ValueError(f"revenue_usd must have a row per entity and a column per year, got {shape}")

    @property
    def cells(self) -> int:
        """The number of pairs of entity and year."""
        return len(self.entity_ids) * len(self.years)

    @cached_property
    def prepared(self) -> "tuple[_Revenue, _Funded, _Owed]":
        """The checked inputs that are the same in every draw."""
        return _Revenue.of(self), _Funded.of(self), _Owed.of(self)


def simulate(
    case: Case,
    draws: int,
    seed: int,
    scenario: int = 0,
    map_chunks: Callable[..., Iterable[Any]] = map,
    collect: Collect = Kept,
) -> Simulation:
    """Simulate a case and give the quantiles of coverage and funding gap by entity and year.

    Shapes: draws, seed and scenario (the position of the scenario, part of the seed) are whole numbers; `map_chunks` is
    called like `map` with a picklable function and chunk numbers, and may run them anywhere; `collect` collects the
    drawn numbers.
    Units: ratios are fractions, gaps USD.
    Errors: ValueError for draws below 1, a seed or scenario below 0.
    Source: Metropolis & Ulam 1949, J. Am. Stat. Assoc. 44(247); seeds: O'Neill 2014, PCG, and `SeedSequence`.
    """
    _whole("draws", draws, 1, _MAX_DRAWS)
    result = ChunkResult(case.entity_ids, case.years, collect)
    one = partial(simulate_chunk, case, draws=draws, seed=seed, scenario=scenario, collect=collect)
    for chunks in pieces(draws):
        for part in map_chunks(one, chunks):
            result.merge(part)
    return summarise(result)


def pieces(draws: int) -> list[range]:
    """Split draws into runs of chunks; each run is a piece of work large enough to send to a worker.

    Errors: ValueError for draws below 1.
    """
    _whole("draws", draws, 1, _MAX_DRAWS)
    chunks = range(-(-draws // CHUNK_DRAWS))
    return [chunks[start : start + _WAVE_CHUNKS] for start in chunks[::_WAVE_CHUNKS]]


def simulate_chunks(
    case: Case, chunks: range, *, draws: int, seed: int, scenario: int = 0, collect: Collect = Kept
) -> ChunkResult:
    """Simulate a run of chunks; the results of all runs of `pieces` add up, in any order, to that of all draws.

    Shapes and errors: as for `simulate_chunk`.
    """
    result = ChunkResult(case.entity_ids, case.years, collect)
    for chunk in chunks:
        result.merge(simulate_chunk(case, chunk, draws=draws, seed=seed, scenario=scenario, collect=collect))
    return result


def simulate_chunk(
    case: Case, chunk: int, *, draws: int, seed: int, scenario: int = 0, collect: Collect = Kept
) -> ChunkResult:
    """Simulate the draws of one chunk out of `draws`; the result is always the same.

    Shapes: whole numbers; chunk c holds draws 4096 c to 4096 (c + 1) - 1, or to the last draw.
    Errors: ValueError for a chunk, seed or scenario below 0, or a chunk after the last draw.
    """
    _whole("draws", draws, 1, _MAX_DRAWS)
    _whole("chunk", chunk, 0, (draws - 1) // CHUNK_DRAWS)
    _whole("seed", seed, 0)
    _whole("scenario", scenario, 0)
    seeds = np.random.SeedSequence(seed, spawn_key=(scenario, chunk)).spawn(7)
    growth, *streams = (np.random.default_rng(child) for child in seeds)
    revenue, funding, obligations = case.prepared
    result = ChunkResult(case.entity_ids, case.years, collect)
    left = min(CHUNK_DRAWS, draws - chunk * CHUNK_DRAWS)
    while left > 0:
        block = min(_BLOCK_DRAWS, left)
        earned, raised = revenue.draw(growth, block), funding.draw(streams[:2], block)
        due = obligations.draw(streams[2:], block)
        result.add(earned, due, _gap(revenue, earned, raised, due))
        left -= block
    return result


@dataclass(frozen=True, eq=False)
class _Revenue:
    """Revenue paths, the share left after other costs, and the cash at the start."""

    path: Floats  # (entities, years, 1)
    sigma: Small  # (entities, years, 1)
    kept: Floats  # (entities, 1)
    cash: Floats  # (entities, 1)

    @classmethod
    def of(cls, case: Case) -> Self:
        shape = (len(case.entity_ids), len(case.years))
        path = _array("revenue_usd", case.revenue_usd, shape)
        sigma = _array("growth_sigma", case.growth_sigma, shape, 0, 10)
        other = _array("other_cost_ratio", case.other_cost_ratio, shape[:1])
        cash = _array("opening_cash_usd", case.opening_cash_usd, shape[:1])
        return cls(path[:, :, None], sigma[:, :, None].astype(np.float32), 1 - other[:, None], cash[:, None])

    def draw(self, growth: np.random.Generator, draws: int) -> Floats:
        """Revenue by (entity, year, draw); its mean is the path."""
        walk = growth.standard_normal((*self.path.shape[:2], draws), dtype=np.float32)
        walk *= self.sigma
        walk -= self.sigma**2 / 2
        for year in range(1, walk.shape[1]):
            walk[:, year] += walk[:, year - 1]
        return np.exp(walk, out=walk) * self.path


@dataclass(frozen=True, eq=False)
class _Legs:
    """Legs sorted by entity: draws which happen and at which multiple of their point amount, and sums them."""

    order: Counts
    per_entity: Counts  # number of legs per entity
    probability: Small
    multiple: PertLevels

    @classmethod
    def of(cls, name: str, given: Funding | Obligations, entities: int) -> Self:
        legs = np.size(given.entity)
        entity = _positions(f"{name}.entity", given.entity, legs, 0, entities - 1)
        order = np.argsort(entity, kind="stable")
        chance = _array(f"{name}.probability", given.probability, (legs,), 0, 1)[order].astype(np.float32)
        low, mode, high = (
            _array(f"{name}.{bound}", value, (legs,))[order]
            for bound, value in (("low", given.low), ("mode", given.mode), ("high", given.high))
        )
        per_entity = np.bincount(entity, minlength=entities)
        return cls(order, per_entity, chance, PertLevels.of(name, low, mode, high))

    def weight(self, happens: np.random.Generator, multiple: np.random.Generator, draws: int) -> Floats:
        """Amount as a multiple of the point, 0 if the leg does not happen; shape (draws, legs)."""
        weight = self.multiple.draw(multiple, draws)
        weight *= (happens.random(weight.shape, dtype=np.float32) < self.probability).view(np.int8)
        return weight

    def total(self, weight: Floats, row: Rows, usd: Floats) -> Floats:
        """Sum of weight x usd[row] over the legs of each entity, by (entity, year, draw)."""
        draws, entities = len(weight), self.per_entity.size
        ends = np.concatenate([[0], np.cumsum(np.tile(self.per_entity, draws))]).astype(np.int32)
        chosen = csr_array((weight.reshape(-1), row.reshape(-1), ends), shape=(draws * entities, len(usd)))
        total = (chosen @ usd).reshape(draws, -1)
        return np.ascontiguousarray(total.T).reshape(entities, -1, draws)


@dataclass(frozen=True, eq=False)
class _Funded:
    """The funding legs and their amounts per year."""

    legs: _Legs
    yearly: Floats

    @classmethod
    def of(cls, case: Case) -> Self:
        legs = _Legs.of("funding", case.funding, len(case.entity_ids))
        yearly = _array("funding.yearly_usd", case.funding.yearly_usd, (legs.order.size, len(case.years)))
        return cls(legs, yearly[legs.order])

    def draw(self, streams: Sequence[np.random.Generator], draws: int) -> Floats:
        """Funding by (entity, year, draw)."""
        weight = self.legs.weight(streams[0], streams[1], draws)
        row = np.broadcast_to(np.arange(weight.shape[1], dtype=np.int32), weight.shape)
        return self.legs.total(weight, row, self.yearly)


@dataclass(frozen=True, eq=False)
class _Owed:
    """The purchase legs and their amounts per year, by delay."""

    legs: _Legs
    cost: PertLevels
    imputed: Counts  # the legs with an imputed cost per gigawatt ...
    component: Rows  # ... and its row
    delays: npt.NDArray[np.uint16]
    on_time: Rows  # row of `paid` for each leg without delay; the next rows are for one, two, ... quarters
    paid: Floats  # (legs x (quarters + 1), years)

    @classmethod
    def of(cls, case: Case) -> Self:
        given, years = case.obligations, len(case.years)
        legs = _Legs.of("obligations", given, len(case.entity_ids))
        order, count = legs.order, legs.order.size
        _whole("obligations.quarters_before", given.quarters_before, 0)
        quarters = given.quarters_before + 4 * years
        due = _array("obligations.quarterly_usd", given.quarterly_usd, (count, quarters))[order]
        is_open = _positions("obligations.first_open_quarter", given.first_open_quarter, count, 0, quarters)
        known = case.cost_per_gw if np.size(case.cost_per_gw) else np.empty((0, 3))
        cost = _array("cost_per_gw", known, (len(np.atleast_1d(known)), 3))
        component = _positions("obligations.component", given.component, count, -1, len(cost) - 1)[order]
        imputed = np.flatnonzero(component >= 0)
        delays = delay_levels(case.delay_shape, case.delay_scale_quarters, quarters - 1)
        on_time = np.arange(count, dtype=np.int32) * (quarters + 1)
        paid = _paid_by_delay(due, is_open[order], years)
        return cls(legs, PertLevels.of("cost_per_gw", *cost.T), imputed, component[imputed], delays, on_time, paid)

    def draw(self, streams: Sequence[np.random.Generator], draws: int) -> Floats:
        """Obligations by (entity, year, draw)."""
        happens, multiple, late, cost = streams
        weight = self.legs.weight(happens, multiple, draws)
        if self.imputed.size:
            weight[:, self.imputed] *= self.cost.draw(cost, draws)[:, self.component]
        delay = self.delays.take(late.integers(0, DELAY_LEVELS, weight.shape, dtype=np.uint16))
        return self.legs.total(weight, delay + self.on_time, self.paid)


def _gap(start: _Revenue, earned: Floats, raised: Floats, due: Floats) -> Floats:
    """The shortfall, by (entity, year, draw); a surplus is cash of the next year."""
    gap = due - raised
    cash = start.cash
    for year in range(gap.shape[1]):
        missing = gap[:, year]
        missing -= earned[:, year] * start.kept
        missing -= cash
        cash = np.maximum(-missing, 0.0)
    gap *= (gap > _ROUNDING * due).view(np.int8)
    return gap


def _paid_by_delay(due: Floats, first_open: Rows, years: int) -> Floats:
    """USD by year if open amounts come 0, 1, ... quarters late: rows by leg, then by delay."""
    legs, quarters = due.shape
    is_open = np.arange(quarters) >= first_open[:, None]
    late = np.repeat(np.where(is_open, 0.0, due)[:, None, :], quarters + 1, axis=1)
    for delay in range(quarters):
        late[:, delay, delay:] += np.where(is_open, due, 0.0)[:, : quarters - delay]
    by_year: Floats = late[:, :, -4 * years :].reshape(legs * (quarters + 1), years, 4).sum(axis=2)
    return by_year


def _array(
    name: str, value: npt.ArrayLike, shape: tuple[int, ...], lowest: float = 0.0, highest: float = math.inf
) -> Floats:
    try:
        array = np.broadcast_to(np.asarray(value, dtype=np.float64), shape)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers of shape {shape}, got {np.shape(value)}") from error
    wrong = np.argwhere(~((array >= lowest) & (array <= highest) & np.isfinite(array)))
    if wrong.size:
        place = tuple(wrong[0].tolist())
        most = "" if highest == math.inf else f" and at most {highest:g}"
        raise ValueError(f"{name} must be finite, at least {lowest:g}{most}, got {array[place]} at {place}")
    return array


def _positions(name: str, value: npt.ArrayLike, legs: int, lowest: int, highest: int) -> Rows:
    array = _array(name, value, (legs,), lowest, highest)
    if (array % 1 != 0).any():
        raise ValueError(f"{name} must be whole numbers, got {array[array % 1 != 0][0]}")
    return array.astype(np.int32)


def _whole(name: str, value: int, lowest: int, highest: int | None = None) -> None:
    if not isinstance(value, Integral) or value < lowest or (highest is not None and value > highest):
        upper = "" if highest is None else f" and at most {highest}"
        raise ValueError(f"{name} must be a whole number of at least {lowest}{upper}, got {value!r}")
