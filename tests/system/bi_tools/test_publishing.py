"""Readers during the replacement of the file by a build."""

import threading

import pytest

from tests.system.bi_tools import dashboard_files

HEADLINE = dashboard_files.CHARTS["headline"]["slice_name"]

NET = "select entity, net_commitment_usd / 1e9 from bi.headline where is_current and net_commitment_usd > 0"


def shown(superset):
    return {r["entity"]: r["net_bn"] for r in superset.chart(HEADLINE)}


@pytest.fixture
def back(published, publications):
    """Restores the real publication."""
    yield
    published.publish(publications.real)


def test_the_next_query_shows_the_new_publication(superset, published, publications, back):
    before = shown(superset)
    assert before == pytest.approx(dict(published.ask(NET)))
    published.publish(publications.small)
    after = shown(superset)
    assert after == pytest.approx(dict(published.ask(NET)))
    assert after != pytest.approx(before)


def test_many_readers_meet_only_whole_publications_while_it_is_replaced(superset, published, publications, back):
    """Overlapping queries share an open file in DuckDB; each still shows one publication or the other."""
    known = []
    for publication in (publications.small, publications.real):
        published.publish(publication)
        known.append(dict(published.ask(NET)))
    met, errors, ended = [], [], threading.Event()

    def read():
        while not ended.is_set():
            try:
                met.append(shown(superset))
            except AssertionError as error:
                errors.append(str(error))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for publication in [publications.small, publications.real] * 4:
        published.publish(publication)
        ended.wait(0.5)
    published.publish(publications.small)
    ended.wait(0.5)
    ended.set()
    for reader in readers:
        reader.join(60)
    assert not errors
    assert all(any(m == pytest.approx(k) for k in known) for m in met)
    assert len(met) > 10
    assert shown(superset) == pytest.approx(known[0])


def test_a_missing_file_is_named_and_forgotten_when_it_is_there(superset, published):
    with published.missing():
        found = superset.chart_data(HEADLINE)
        assert found.status != 200
        assert "Cannot open database" in str(found)
        assert "database does not exist" in str(found)
    assert shown(superset)
