"""Cost of sending the simulation to workers on the same machine: `make bench ARGS=fleet`."""

import datetime as dt
import os
import tempfile
from functools import partial
from pathlib import Path

from polars.testing import assert_frame_equal

from assets.core.size import Executor, Local
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.metrics.simulated import simulate_days
from assets.metrics.simulation_inputs import Ledger
from assets.scale.executors import TRUST_VARIABLE, Dask
from tests.integration.scale.cluster import Cluster
from tests.ledgers.real import real_ledger
from tests.performance.rows import Row, ratio, taken, times, turns

DAY = dt.date(2026, 10, 8)

DRAWS = (20_000, 200_000, 1_000_000)

ROUNDS = 3


def rows(folder: Path, sizes: tuple[int, ...] = DRAWS) -> list[Row]:
    """Two workers against two threads here, in turn; both must give the same rows."""
    inputs = real_ledger()
    frames = [inputs.read(f"facts.{t}") for t in ("commitments", "commitment_schedule", "revenue_coverage")]
    terms = (scenarios_wide(inputs.read("staging.scenarios")), as_dict(inputs.read("staging.assumptions")))
    ledger = Ledger(*frames, inputs.read("facts.cost_per_gw"), *terms)
    found = {}

    def simulate(place: Executor, draws: int) -> None:
        simulate_days.cache_clear()
        found[place] = simulate_days(ledger, ((DAY, draws),), place)

    lines = []
    with tempfile.TemporaryDirectory(dir=folder) as made:
        cluster = Cluster(Path(made))
        os.environ[TRUST_VARIABLE] = "1"
        try:
            cluster.worker()
            cluster.worker()
            here, there = Local(2), Dask(cluster.address)
            for draws in sizes:
                acts = {place: partial(taken, partial(simulate, place, draws)) for place in (here, there)}
                spent = turns(acts, ROUNDS)
                assert_frame_equal(found[here][0], found[there][0], check_exact=True)
                what = f"simulation, {draws:,} draws × 5 scenarios, on two Dask workers"
                aim = "≤ 1.7" if draws == sizes[-1] else ""
                lines.append(Row(what, "two threads here", times(ratio(spent[there], spent[here])), aim))
                print(f"fleet: {draws:,} draws: {lines[-1].ratio}", flush=True)
        finally:
            cluster.close()
    return lines
