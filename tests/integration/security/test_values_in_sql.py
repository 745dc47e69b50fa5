"""Any value that a user types is unchanged after writing it into SQL and reading it back."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.warehouse.identifiers import value

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**127), 2**127 - 1),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.dates(),
    st.datetimes(),
)


@given(VALUES)
def test_a_value_comes_back_as_it_was(given_value):
    with duckdb.connect() as connection:
        connection.execute("prepare question as select $given as found")
        (found,) = connection.execute(f"execute question(given := {value(given_value)})").fetchone()

    assert (found, type(found)) == (given_value, type(given_value))


@pytest.mark.parametrize("odd", [b"bytes", 0.5, ["a", "b"], object()])
def test_values_of_other_types_are_refused(odd):
    with pytest.raises(TypeError, match=f"{type(odd).__name__} is not written into SQL"):
        value(odd)
