"""Fixtures for tests of the published file: publishing without a run."""

from contextlib import closing

import pytest

from assets import catalog
from assets.published import publication
from assets.warehouse.build_file import BuildFile


@pytest.fixture
def publish():
    """Publish the build file of a pipeline; returns the row of the publication."""

    def published(pipeline):
        macros = catalog.STATEMENTS
        with closing(BuildFile(pipeline.paths, pipeline.seeds, macros)) as build:
            gates, record = publication.publish(build, "by hand")
        assert all(g.is_passed for g in gates), gates
        return record

    return published
