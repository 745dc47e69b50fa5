"""Three squares, made by the workers of a scheduler: `python -m tests.integration.scale.squares ADDRESS`."""

import sys

from assets.scale.executors import Dask
from tests.integration.scale import work

if __name__ == "__main__":
    print(list(Dask(sys.argv[1]).map(work.square, [1, 2, 3])))
