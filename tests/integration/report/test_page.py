"""The page of a ledger of any size stays small: long tables and lists of sources are cut, with a note."""

import polars as pl

from assets.report import page
from assets.report.model import Cells, Column


def test_of_very_many_rows_and_sources_the_first_are_shown_and_the_others_counted():
    known = pl.DataFrame({"source_id": [f"s{n:04}" for n in range(500)]})
    columns = (Column("what", is_number=False),)
    many = Cells("All of it", columns, [(str(n),) for n in range(1_234)], [known["source_id"].to_list()] * 1_234)
    few = Cells("Some of it", columns, [("a",)], [["s0001", "unheard of"]])

    cut, whole = (page._cells(cells, page.Documents(known)) for cells in (many, few))

    assert cut["caption"] == "All of it, the first 200 of 1,234: the query has all"
    assert (len(cut["rows"]), len(cut["sources"])) == (200, 200)
    assert (len(cut["sources"][0].numbers), cut["sources"][0].more) == (100, 400)
    assert (whole["caption"], whole["rows"]) == ("Some of it", [("a",)])
    assert (whole["sources"][0].numbers, whole["sources"][0].more) == ([1], 0)
