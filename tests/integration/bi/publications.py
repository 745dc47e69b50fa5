"""A second publication, made from the first without a build; it differs in its id and in a mark in every row."""

import shutil
import uuid

import duckdb

from tests.integration.bi.clients import ABOUT


def another(first, second):
    """A copy with another publication id in two tables."""
    shutil.copy(first, second)
    with duckdb.connect(str(second)) as connection:
        connection.execute(
            "update quality.publications set publication_id = ? where publication_number = "
            "(select max(publication_number) from quality.publications)",
            [str(uuid.uuid4())],
        )
        connection.execute("update quality.dictionary set description = 'changed'")
        connection.execute("checkpoint")
    return second


def publication_of(path):
    """The publication id in a file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(ABOUT).fetchall()[0][0]
