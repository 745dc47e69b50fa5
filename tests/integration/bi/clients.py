"""Each kind of client opens the published file, queries, and closes it as the README recommends."""

import contextlib

ABOUT = "select publication_id from quality.publications order by publication_number desc limit 1"


@contextlib.contextmanager
def by_duckdb(path):
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


@contextlib.contextmanager
def by_sqlalchemy(path):
    import sqlalchemy as sa

    engine = sa.create_engine(f"duckdb:///{path}", connect_args={"read_only": True}, poolclass=sa.pool.NullPool)
    try:
        with engine.connect() as connection:
            yield lambda sql: [tuple(row) for row in connection.execute(sa.text(sql))]
    finally:
        engine.dispose()


@contextlib.contextmanager
def by_adbc(path):
    import adbc_driver_duckdb
    from adbc_driver_manager import dbapi

    options = {"path": str(path), "access_mode": "READ_ONLY"}
    driver = {"driver": adbc_driver_duckdb.driver_path(), "entrypoint": "duckdb_adbc_init"}
    with (
        dbapi.connect(**driver, db_kwargs=options, autocommit=True) as connection,
        connection.cursor() as cursor,
    ):

        def ask(sql):
            cursor.execute(sql)
            return cursor.fetchall()

        yield ask


@contextlib.contextmanager
def by_polars(path):
    import duckdb
    import polars as pl

    with duckdb.connect(str(path), read_only=True) as connection:
        yield lambda sql: pl.read_database(sql, connection).rows()


@contextlib.contextmanager
def by_pandas(path):
    import pandas as pd
    import sqlalchemy as sa

    engine = sa.create_engine(f"duckdb:///{path}", connect_args={"read_only": True}, poolclass=sa.pool.NullPool)
    try:
        with engine.connect() as connection:
            yield lambda sql: list(pd.read_sql(sql, connection).itertuples(index=False, name=None))
    finally:
        engine.dispose()


CLIENTS = {
    "duckdb": by_duckdb,
    "sqlalchemy": by_sqlalchemy,
    "adbc": by_adbc,
    "polars": by_polars,
    "pandas": by_pandas,
}
