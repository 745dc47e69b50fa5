"""metrics.backlog_reconciliation: outstanding purchases compared with figures that companies report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from assets.core import fields
from assets.core.columns import day, ratio, text, usd
from assets.core.rule import Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Latest, Table
from assets.core.vocabulary import EVIDENCE_RANK
from assets.facts.revenue_path import REPORTED
from assets.metrics.metric_rules import CENT, LANDMARKS, NOT_OUR_DATA, RESULT, TOLERANCE, difference_off
from assets.metrics.outstanding_by_pair import OUTSTANDING, READS, pairs_of
from assets.metrics.pairwise_dues import days_asked


def _ratio_off(frame: pl.DataFrame, _read: Read) -> pl.Series:
    ratio, reported, ledger = pl.col("ledger_over_reported"), pl.col("reported_usd"), pl.col("ledger_outstanding_usd")
    wrong = (ratio * reported - ledger).abs() > CENT + TOLERANCE * ledger
    return frame.select(
        ((reported > 0).fill_null(value=False) != ratio.is_not_null()) | wrong.fill_null(value=False)
    ).to_series()


def _reported_later(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return (frame["reported_known_from"] > frame["as_of_date"]).fill_null(value=False)


def _half_reported(frame: pl.DataFrame, _read: Read) -> pl.Series:
    parts = ("reported_usd", "reported_on", "reported_known_from", "source_id")
    unknown = pl.sum_horizontal(pl.col(c).is_null() for c in parts)
    return frame.select(unknown.is_between(1, len(parts) - 1)).to_series()


BACKLOG_RECONCILIATION = Table(
    stage="metrics",
    name="backlog_reconciliation",
    summary="Outstanding commitments in the ledger compared with company reports: backlog sold, commitments to buy.",
    grain="one row per day, entity (listed, or with a reported figure) and measure",
    key=("as_of_date", "entity_id", "measure"),
    latest=Latest(),
    columns=(
        *fields.of("as_of_date", "entity_id"),
        fields.here(
            "measure",
            "rpo: what it has sold and not delivered; purchase_commitments: what it has promised to buy",
            pattern="^(?:rpo|purchase_commitments)$",
        ),
        usd("ledger_outstanding_usd", "disclosed own shares due on or after the day", required=True),
        usd("ledger_imputed_usd", "imputed own shares due on or after the day", required=True),
        usd("reported_usd", "latest figure of the company known on the day, empty if there is none"),
        day("reported_on", "balance-sheet day of the figure"),
        day("reported_known_from", "day on which the figure became known"),
        fields.here("definition"),
        text("other_figures", "figures of the same day by another definition, in billion US dollars"),
        fields.here("difference_usd", "ledger_outstanding_usd - reported_usd"),
        ratio("ledger_over_reported", "ledger_outstanding_usd / reported_usd"),
        fields.here("source_id", required=False),
    ),
    rules=(
        difference_off("ledger_outstanding_usd", "reported_usd", "difference_usd"),
        Rule("ratio_consistent", ("ledger_over_reported", "ledger_outstanding_usd", "reported_usd"),
             "the ratio is ledger over reported, and unknown where nothing is reported", NOT_OUR_DATA,
             offends=_ratio_off),
        Rule("reported_known_then", ("reported_known_from", "as_of_date"),
             "a figure that became known later must not reach an earlier day", NOT_OUR_DATA, offends=_reported_later),
        Rule("reported_whole", ("reported_usd", "reported_on", "reported_known_from", "source_id"),
             "a reported figure has a day, a day of knowledge and a source", NOT_OUR_DATA, offends=_half_reported),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may know neither listed companies nor reported figures",
    hazards=(
        LANDMARKS,
        RESULT,
        "one promise appears twice: as backlog of the seller and as commitment of the buyer",
        "the reported figure is that of its balance-sheet day, the ledger that of the as-of day",
    ),
)  # fmt: skip

SIDES = {"rpo": "payee_id", "purchase_commitments": "payer_id"}

USD_PER_BILLION = 1e9


def reported_figures(financials: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """The latest figure of each company and measure as known on each day.

    Grain: as_of_date, entity_id, measure. Rules: latest balance-sheet day, then latest day of knowledge; if a day has
    several figures, the company's usual total (no definition) before its parts, then evidence, then the larger
    figure.
    """
    figures = financials.filter(
        pl.col("metric").is_in(list(SIDES)) & pl.col("basis").is_in(REPORTED) & pl.col("value").is_not_null()
    ).with_columns(evidence_rank=pl.col("evidence").replace_strict(EVIDENCE_RANK, return_dtype=pl.Int64))
    asked = pl.DataFrame({"as_of_date": list(days)}, schema={"as_of_date": pl.Date})
    known = asked.join_where(figures, pl.col("known_from") <= pl.col("as_of_date"))
    key = ["as_of_date", "entity_id", "measure"]
    order = ["period_end", "known_from", "is_total", "evidence_rank", "value", "source_id"]
    ordered = known.with_columns(measure="metric", is_total=pl.col("definition").is_null()).sort(
        *key, *order, descending=[*(False for _ in key), *(True for _ in order)]
    )
    same_day = pl.col("period_end") == pl.col("period_end").first()
    other = pl.format(
        "{} {}", pl.col("definition").fill_null("total"), (pl.col("value") / USD_PER_BILLION).round(1).cast(pl.String)
    )
    return ordered.group_by(key, maintain_order=True).agg(
        pl.col("definition", "source_id").first(),
        reported_usd=pl.col("value").first(),
        reported_on=pl.col("period_end").first(),
        reported_known_from=pl.col("known_from").first(),
        other_figures=other.filter(same_day).slice(1).str.join("; "),
    )


def backlog(pairs: pl.DataFrame, reported: pl.DataFrame, entities: pl.DataFrame) -> pl.DataFrame:
    """Compare the ledger's outstanding purchases with the reported figures.

    Grain: as_of_date, entity_id, measure. Rules: listed entities with an outstanding amount, and entities with a
    reported figure.
    """
    listed = entities.filter(pl.col("ticker").is_not_null() & (pl.col("kind") != "aggregate"))["entity_id"]
    key = ["as_of_date", "entity_id", "measure"]
    ledger = pl.concat(
        pairs.group_by("as_of_date", entity_id=side)
        .agg(pl.col(OUTSTANDING).sum())
        .with_columns(measure=pl.lit(measure))
        for measure, side in SIDES.items()
    )
    joined = ledger.join(reported, on=key, how="full", coalesce=True).filter(
        pl.col("entity_id").is_in(listed.implode()) | pl.col("reported_usd").is_not_null()
    )
    compared = joined.with_columns(
        ledger_outstanding_usd=pl.col("outstanding_usd").fill_null(0.0).round(2),
        ledger_imputed_usd=pl.col("outstanding_imputed_usd").fill_null(0.0).round(2),
        other_figures=pl.when(pl.col("other_figures") != "").then("other_figures"),
    ).with_columns(
        difference_usd=pl.col("ledger_outstanding_usd") - pl.col("reported_usd"),
        ledger_over_reported=pl.when(pl.col("reported_usd") > 0).then(
            pl.col("ledger_outstanding_usd") / pl.col("reported_usd")
        ),
    )
    return BACKLOG_RECONCILIATION.conform(compared.sort(key))


def _build(inputs: Inputs) -> Built:
    reported = reported_figures(inputs.read("facts.financials"), days_asked(inputs))
    return Built(backlog(pairs_of(inputs), reported, inputs.read("facts.entities")))


STEP = Step(BACKLOG_RECONCILIATION, READS, _build)
