"""What sending the simulation to workers on the same machine costs: `python -m tests.fleet.bench`. Prints ratios."""

import datetime as dt
import statistics
import sys
import tempfile
import time
from pathlib import Path

from polars.testing import assert_frame_equal

from assets import fleet
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.metrics.simulation import simulate_days
from assets.metrics.simulation_cases import Ledger
from tests.fleet.cluster import Cluster
from tests.metrics_simulation.ledger import real_ledger

DAY = dt.date(2026, 10, 8)
DRAWS = (20_000, 200_000, 1_000_000)
ROUNDS = 3
MOST = 1.7


def main() -> int:
    """Measure local against two workers, in turn; gives 1 if a million draws cost more than they may."""
    inputs = real_ledger()
    frames = [inputs.read(f"facts.{t}") for t in ("commitments", "commitment_schedule", "revenue_coverage")]
    terms = (scenarios_wide(inputs.read("staging.scenarios")), as_dict(inputs.read("staging.assumptions")))
    ledger = Ledger(*frames, inputs.read("facts.cost_per_gw"), *terms)
    ratio = 0.0
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder))
        try:
            cluster.worker()
            cluster.worker()
            for draws in DRAWS:
                seconds = {}
                found = {}
                for _ in range(ROUNDS):
                    for chosen in (fleet.Here(2), fleet.Cluster(cluster.address)):
                        simulate_days.cache_clear()
                        start = time.perf_counter()
                        found[chosen] = simulate_days(ledger, ((DAY, draws),), chosen)
                        seconds.setdefault(chosen, []).append(time.perf_counter() - start)
                here, there = found
                assert_frame_equal(found[here][0], found[there][0], check_exact=True)
                ratio = statistics.median(t / h for h, t in zip(seconds[here], seconds[there], strict=True))
                print(f"{draws:>9,} draws x 5 scenarios: two Dask workers take {ratio:.2f} x two threads here")
        finally:
            cluster.close()
    return int(ratio > MOST)


if __name__ == "__main__":
    sys.exit(main())
