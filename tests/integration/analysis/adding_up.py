"""Checks that an explanation adds up: contributions to their term, terms to the published number."""

import math

from assets.analysis.explain import address, model

NOT_FROM_TERMS = {
    ("facts.revenue_coverage", "funding_gap_usd"),
    ("metrics.circularity", "finn_cycling_index"),
    ("metrics.supplier_round_trip", "round_trip_usd"),
    ("facts.commitment_schedule", "amount_usd"),
}
"""Numbers that are not a formula of their terms: cash carried from year to year, a proportion, a flow."""


def value(terms, name):
    return next(t.value for t in terms if t.name == name) or 0.0


def ratio(a, b):
    return a / b if b else None


def net_of_parts(terms):
    amount = value(terms, "amount" if any(t.name == "amount" for t in terms) else "power")
    return max(0.0, amount - value(terms, "parts"))


def with_imputed(t):
    return value(t, "net") + value(t, "imputed")


COMBINED = {
    "rumoured_share": lambda t: ratio(value(t, "rumoured"), value(t, "net")),
    "unverified_share": lambda t: ratio(value(t, "unverified"), value(t, "net")),
    "commitment_coverage_ratio": lambda t: ratio(value(t, "revenue"), value(t, "net")),
    "commitment_coverage_ratio_with_imputed": lambda t: ratio(value(t, "revenue"), with_imputed(t)),
    "years_of_revenue": lambda t: ratio(with_imputed(t), value(t, "revenue")),
    "coverage_ratio": lambda t: ratio(value(t, "revenue"), value(t, "obligations")),
    "circular_share": lambda t: ratio(value(t, "circulating"), value(t, "total")),
    "reciprocity": lambda t: ratio(value(t, "mutual"), value(t, "total")),
    "round_trip_share": lambda t: ratio(value(t, "round trip"), value(t, "purchases")),
    "net_amount_usd": net_of_parts,
    "net_amount_low_usd": net_of_parts,
    "net_amount_high_usd": net_of_parts,
    "net_capacity_gw": net_of_parts,
}

CLAIMS = {
    "announced_total": lambda t: value(t, "purchases"),
    "revenue_gap": lambda t: ratio(value(t, "revenue"), value(t, "purchases")),
    "cannot_fund_itself": lambda t: float(value(t, "funding") + value(t, "cash") < value(t, "purchases")),
    "amd_warrant_value": lambda t: value(t, "shares") * (value(t, "hurdle") - value(t, "strike")),
    "amd_warrant_share": lambda t: ratio(value(t, "shares"), value(t, "outstanding")),
    "amd_warrant_offset": lambda t: ratio(
        value(t, "shares") * (value(t, "hurdle") - value(t, "strike")), value(t, "purchases")
    ),
}


def expected(found):
    """The number that the terms of an explanation give."""
    if found.table == "metrics.claims":
        return CLAIMS.get(found.key["claim_id"], lambda t: t[0].value)(found.terms)
    if found.table != "facts.commitment_schedule" and found.column in COMBINED:
        return COMBINED[found.column](found.terms)
    return found.terms[0].value


def problems(book, table, column, row):
    """The errors in the explanation of one number of a row; empty if it adds up."""
    if row[column] is None:
        return []
    explainer, _ = address.EXPLAINED[table]
    formula, terms = explainer(book, row, column)
    about = f"{table}.{column} of { ({k: str(v) for k, v in row.items() if k.endswith('_id') or k in KEYS}) }"
    if not formula or not terms:
        return [f"{about}: not explained"]
    lines = [
        f"{about}: {t.name} is {t.value}, its rows add up to {math.fsum(c.value or 0 for c in t.contributions)}"
        for t in terms
        if not t.adds_up()
    ]
    lost = [c.name for t in terms for c in t.contributions if t.name != "mutual" and c.told and lacks_line(c)]
    lines += [f"{about}: {name} has no line" for name in lost]
    if (table, column) in NOT_FROM_TERMS:
        return lines
    found = model.Explanation(table, column, "", "", None, row, row[column], formula, terms, "")
    number = row[column] if isinstance(row[column], int | float) else None
    if number is None:
        return lines
    if not math.isclose(number, expected(found) or 0.0, rel_tol=1e-6, abs_tol=0.011):
        lines.append(f"{about}: {number} is not {expected(found)}")
    return lines


KEYS = ("as_of_date", "known_from", "year", "view", "basis", "amount_basis", "quarter_start", "flow", "certainty")


def lacks_line(contribution):
    return contribution.source_line is None and not contribution.name.startswith("loop_")


def rows(book, table, every=1):
    """Every n-th row of a table, and the last one."""
    schema, _, name = table.partition(".")
    found = book.rows(f'from "{schema}"."{name}"')
    return found[::every] + found[-1:]
