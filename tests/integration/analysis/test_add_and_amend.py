"""Adding a deal and amending a leg, by prompts and by script: previewed, judged, written atomically."""

import csv
import datetime as dt
import shutil
import sys

import pytest
from click.testing import CliRunner

from assets.analysis.edit import preview
from assets.cli.main import cli
from assets.gates import check_seeds
from tests.integration.bad_input import remembered
from tests.ledgers import memory, seed_files, small

SOURCE = 'publisher="Example News" title="Lab and cloud sign, at last" kind=news_report'

DEAL = 'name="Example cloud contract" description="OpenAI rents, from Oracle"'

LEG = "payer_id=openai payee_id=amd flow=compute_purchase amount_usd=$6.5bn certainty=contracted"

DAY = "2026-10-20"


@pytest.fixture(autouse=True)
def _equal_frames_are_judged_once(monkeypatch):
    """Cache verdicts: every preview judges the same ledger again, and one with an additional row."""
    for module in (check_seeds, preview):
        monkeypatch.setattr(module, "evaluate", remembered.judge)


@pytest.fixture
def seeds(tmp_path):
    return small.write(tmp_path / "seeds")


def contents(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def call(*arguments, answers=None):
    """The command with typed answers; without answers there are no prompts."""
    return CliRunner().invoke(cli, [str(a) for a in arguments], input=answers)


def add(seeds, *more, answers=None, leg=LEG):
    return call(
        "add", "deal", "--seeds", seeds, "--source", SOURCE, "--deal", DEAL, "--leg", leg, "--known-from", DAY, *more,
        answers=answers,
    )  # fmt: skip


def new_rows(seeds, before, name):
    """The rows appended to a file; asserts that the old bytes are unchanged."""
    now = (seeds / f"{name}.csv").read_bytes()
    assert now.startswith(before[f"{name}.csv"])
    added = now[len(before[f"{name}.csv"]) :].decode()
    header = next(csv.reader([before[f"{name}.csv"].decode().splitlines()[0]]))
    return [dict(zip(header, line, strict=True)) for line in csv.reader(added.splitlines())]


def test_a_script_adds_a_deal_in_one_call(seeds):
    before = contents(seeds)

    done = add(seeds, "--yes")

    assert done.exit_code == 0, done.output
    (source,) = new_rows(seeds, before, "sources")
    (deal,) = new_rows(seeds, before, "deals")
    (leg,) = new_rows(seeds, before, "commitments")
    assert source["title"] == "Lab and cloud sign, at last"
    assert (deal["source_id"], deal["announced_on"]) == (source["source_id"], DAY)
    assert leg["amount_usd"] == "6500000000"
    assert {k: leg[k] for k in ("qualifier", "certainty", "known_from", "is_statement", "reading", "evidence")} == {
        "qualifier": "exact", "certainty": "contracted", "known_from": DAY, "is_statement": "false",
        "reading": "preferred", "evidence": "seen",
    }  # fmt: skip
    assert (leg["deal_id"], leg["source_id"]) == (deal["deal_id"], source["source_id"])
    untouched = {n: c for n, c in contents(seeds).items() if n not in {"sources.csv", "deals.csv", "commitments.csv"}}
    assert untouched == {n: before[n] for n in untouched}
    assert call("check", "--seeds", seeds).exit_code == 0


def test_the_preview_shows_the_changes_of_a_real_build(seeds, tmp_path, monkeypatch):
    """The figures of the preview are those that a build of the seeds with the rows would give."""
    old, found, asked = tmp_path / "old", [], []
    shutil.copytree(seeds, old)

    def seen(*arguments):
        asked.append(arguments)
        found.append(look(*arguments))
        return found[-1]

    look = preview.preview
    monkeypatch.setattr(preview, "preview", seen)
    done = add(seeds, "--yes")
    ((_, _, entities, days),) = asked
    moved = found[0].moves[dt.date.fromisoformat(DAY)]
    built = [memory.build(folder, "metrics.headline", "metrics.circularity") for folder in (old, seeds)]

    for move in moved:
        for value, whole in ((move.before, built[0]), (move.after, built[1])):
            if move.entity_id:
                row = whole.query("from headline_as_of($day)", {"day": dt.date.fromisoformat(DAY)}).to_dicts()
                (own,) = [r for r in row if r["entity_id"] == move.entity_id]
                assert value == own[move.figure]
            else:
                share = whole.query(
                    "select circular_share from metrics.circularity where basis = 'disclosed' "
                    "and amount_basis = 'point' order by as_of_date desc limit 1"
                ).item()
                assert value == pytest.approx(share)
    gross = next(m for m in moved if (m.entity_id, m.figure) == ("openai", "gross_commitment_usd"))
    assert gross.after - gross.before == pytest.approx(6.5e9)
    assert f"What moves, as known on {DAY}" in done.output
    assert "(+$6.5bn)" in done.output
    assert (entities, days) == (["amd", "openai"], [dt.date.fromisoformat(DAY)])
    assert found[0].refusals == []


def test_answering_no_writes_nothing(seeds):
    before = contents(seeds)

    done = add(seeds, answers="n\n")

    assert done.exit_code == 0, done.output
    assert "Nothing was written." in done.output
    assert "+ l_example_cloud_contract" in done.output
    assert contents(seeds) == before


def test_a_preview_does_not_prompt_for_given_values_and_writes_nothing(seeds):
    before = contents(seeds)

    done = add(seeds, "--preview")

    assert done.exit_code == 0, done.output
    assert "What moves, as known on" in done.output
    assert "Nothing was written: this is a preview." in done.output
    assert contents(seeds) == before


def test_answers_to_all_prompts_become_the_rows(seeds):
    before = contents(seeds)
    answers = {
        "source": ["", "-", "Example News", "A title", "", "https://example.com/1", "news_report"],
        "deal": ["", "Example deal", "2026-10-19", "OpenAI buys"],
        "power": ["n"],
        "leg": [
            "y", "", "opnai", "n", "openai", "example_lab", "y", "Example Lab", "ai_lab", "", "", "US",
            "compute_purchase", "", "$6.5bn", "", "", "2027-01-01", "", "", "2026-10-19", "", "", "", "", "a note",
        ],
        "end": ["n", "y"],
    }  # fmt: skip
    typed = [a for part in answers.values() for a in part]

    done = call("add", "deal", "--seeds", seeds, answers="\n".join(typed) + "\n")

    assert done.exit_code == 0, done.output
    (leg,) = new_rows(seeds, before, "commitments")
    (party,) = new_rows(seeds, before, "entities")
    assert (leg["payer_id"], leg["payee_id"], leg["amount_usd"]) == ("openai", "example_lab", "6500000000")
    assert (party["entity_id"], party["name"], party["country"]) == ("example_lab", "Example Lab", "US")
    assert (leg["note"], leg["known_from"], leg["qualifier"]) == ("a note", "2026-10-19", "exact")


def test_prompts_show_words_and_defaults(seeds):
    before = contents(seeds)
    answers = [
        "", "", "Example News", "A title", "", "", "news_report",  # source: new; generated id; day; no address
    ]  # fmt: skip
    done = call("add", "deal", "--seeds", seeds, answers="\n".join(answers) + "\n")

    assert done.exit_code != 0, "the answers end in the middle"
    assert "press_release" in done.output
    assert "release of a party" in done.output
    assert dt.datetime.now(tz=dt.UTC).date().isoformat() in done.output
    assert contents(seeds) == before


def test_a_gate_that_refuses_is_shown_and_nothing_is_written(seeds):
    before = contents(seeds)

    done = add(seeds, "--yes", leg=f"{LEG} starts_on=2027-01-01 ends_on=2026-01-01")

    assert done.exit_code == 1
    assert "Refused: nothing was written." in done.output
    assert "seeds/commitments.csv:" in done.output
    assert "remedy" in done.output
    assert contents(seeds) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--yes"], "with --yes nothing is asked: give --source, --deal and at least one --leg or --power"),
        (["--yes", "--source", "nowhere", "--deal", DEAL, "--leg", LEG], "nowhere is not in seeds/sources.csv"),
        (
            ["--yes", "--source", SOURCE, "--deal", DEAL, "--leg", LEG.replace("openai", "opnai")],
            "did you mean openai?",
        ),
        (["--yes", "--source", SOURCE, "--deal", DEAL, "--leg", LEG.replace("flow", "flo")], "did you mean flow"),
        (
            ["--yes", "--source", SOURCE, "--deal", DEAL, "--leg", LEG.replace("contracted", "contracte")],
            "did you mean contracted?",
        ),
        (["--yes", "--source", SOURCE, "--deal", DEAL, "--leg", LEG.replace("$6.5bn", "much")], "write digits"),
        (["--yes", "--source", SOURCE, "--deal", "name=x", "--leg", LEG], "description must be known"),
        (
            ["--yes", "--source", SOURCE, "--deal", DEAL, "--leg", LEG, "--known-from", "2026-13-01"],
            "if day and month are exchanged",
        ),
        (["--yes", "--source", "publisher='x", "--deal", DEAL, "--leg", LEG], "No closing quotation"),
    ],
)
def test_an_invalid_value_is_wrong_usage(seeds, arguments, said, monkeypatch, capsys):
    from assets.cli import main as command

    before = contents(seeds)
    monkeypatch.setattr(sys, "argv", ["closedloop", "add", "deal", "--seeds", str(seeds), *arguments])
    with pytest.raises(SystemExit) as ended:
        command.main()
    output = capsys.readouterr().err

    assert ended.value.code == 2
    assert said in output
    assert "Traceback" not in output
    assert contents(seeds) == before


def test_a_missing_day_defaults_to_today_and_is_shown(seeds):
    before = contents(seeds)
    done = call("add", "deal", "--seeds", seeds, "--source", SOURCE, "--deal", DEAL, "--leg", LEG, "--yes")

    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    assert f"known_from is today, {today}" in done.output
    assert new_rows(seeds, before, "commitments")[0]["known_from"] == today


def test_an_amendment_carries_over_values_that_are_not_given(seeds):
    before = contents(seeds)

    done = call("amend", "l_aws_38b", "--seeds", seeds, "--set", "certainty=filed", "--set", "amount_usd=40bn",
                "--known-from", DAY, "--yes")  # fmt: skip

    assert done.exit_code == 0, done.output
    (row,) = new_rows(seeds, before, "commitments")
    versions = [r for r in seed_files.read(seeds / "commitments.csv") if r["leg_id"] == "l_aws_38b"]
    old = max((r for r in versions if r["known_from"] < DAY), key=lambda r: r["known_from"])
    assert row == old | {"certainty": "filed", "amount_usd": "40000000000", "known_from": DAY}


def test_a_cancelled_leg_counts_for_nothing_in_the_preview(seeds):
    before = contents(seeds)

    done = call("amend", "l_aws_100b", "--seeds", seeds, "--cancel", "--known-from", DAY, "--yes")

    assert done.exit_code == 0, done.output
    (row,) = new_rows(seeds, before, "commitments")
    assert row["certainty"] == "cancelled"
    assert "(−$100.0bn)" in done.output


def test_power_is_amended_too(seeds):
    before = contents(seeds)
    leg = seed_files.read(seeds / "capacity.csv")[0]

    done = call(
        "amend",
        leg["leg_id"],
        "--seeds",
        seeds,
        "--set",
        "gw=7",
        "--set",
        "qualifier=about",
        "--known-from",
        DAY,
        "--yes",
    )

    assert done.exit_code == 0, done.output
    (row,) = new_rows(seeds, before, "capacity")
    assert (row["gw"], row["qualifier"], row["leg_id"]) == ("7", "about", leg["leg_id"])


def test_an_earlier_day_is_allowed_with_a_remark(seeds):
    rows = [r for r in seed_files.read(seeds / "commitments.csv") if r["leg_id"] == "l_aws_38b"]
    latest = max(r["known_from"] for r in rows)
    earlier = (dt.date.fromisoformat(latest) - dt.timedelta(days=1)).isoformat()

    done = call("amend", "l_aws_38b", "--seeds", seeds, "--set", "evidence=relayed", "--set", "qualifier=about",
                "--known-from", earlier, "--yes")  # fmt: skip

    assert done.exit_code == 0, done.output
    assert "out of order" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["l_aws_38"], "no such leg in seeds/commitments.csv or seeds/capacity.csv: did you mean l_aws_38b?"),
        (["l_aws_38b"], "nothing is changed"),
        (["l_broadcom_10b_order", "--cancel"], "it is cancelled already since 2025-10-13: seeds/commitments.csv:"),
        (["l_aws_38b", "--set", "payer_id=amd"], "payer_id cannot be amended: another payer makes another promise"),
        (["l_aws_38b", "--set", "flow=debt"], "flow cannot be amended"),
        (["l_aws_38b", "--set", "certanty=filed"], "did you mean certainty"),
        (["l_aws_38b", "--set", "amount_usd"], "write column=value"),
    ],
)
def test_a_column_that_cannot_be_amended_gives_the_reason(seeds, arguments, said):
    before = contents(seeds)

    done = call("amend", *arguments, "--seeds", seeds, "--known-from", DAY, "--yes")

    assert done.exit_code == 2, done.output
    assert said in done.output + done.stderr
    assert contents(seeds) == before


def test_a_day_that_has_a_version_is_refused_with_its_line(seeds):
    row = next(r for r in seed_files.read(seeds / "commitments.csv") if r["leg_id"] == "l_aws_38b")

    done = call("amend", "l_aws_38b", "--seeds", seeds, "--cancel", "--known-from", row["known_from"], "--yes")

    assert done.exit_code == 2
    assert "has a version of" in done.output + done.stderr
    assert "seeds/commitments.csv:" in done.output + done.stderr


# --- the same command again -----------------------------------------------------------------------------------------


def test_the_same_deal_again_writes_nothing_and_says_where_it_is(seeds):
    add(seeds, "--power", "provider_id=oracle user_id=openai view=site gw=1", "--yes")
    written = contents(seeds)

    again = add(seeds, "--power", "provider_id=oracle user_id=openai view=site gw=1", "--yes")

    assert again.exit_code == 0, again.output
    assert contents(seeds) == written
    assert "Already in the seeds: seeds/sources.csv:" in again.output
    assert "seeds/commitments.csv:" in again.output


def test_another_promise_of_the_same_deal_is_written_with_the_source_that_is_there(seeds):
    add(seeds, "--yes")
    before = contents(seeds)

    done = add(seeds, "--yes", leg=LEG.replace("$6.5bn", "$1bn"))

    assert done.exit_code == 0, done.output
    (leg,) = new_rows(seeds, before, "commitments")
    assert leg["amount_usd"] == "1000000000"
    assert {n for n in before if contents(seeds)[n] != before[n]} == {"commitments.csv"}


def test_two_equal_promises_in_one_command_are_two_rows(seeds):
    before = contents(seeds)

    done = add(seeds, "--leg", LEG, "--yes")

    assert len(new_rows(seeds, before, "commitments")) == 2, done.output


def test_the_same_amendment_again_writes_nothing_and_another_of_that_day_is_refused(seeds):
    asked = ("amend", "l_aws_100b", "--seeds", seeds, "--known-from", DAY, "--yes")
    first = call(*asked, "--set", "amount_usd=$90bn")
    written = contents(seeds)

    again = call(*asked, "--set", "amount_usd=90000000000")
    other = call(*asked, "--set", "amount_usd=$91bn")

    assert first.exit_code == 0, first.output
    assert again.exit_code == 0, again.output
    assert "Already in the seeds: seeds/commitments.csv:" in again.output
    assert other.exit_code == 2
    assert f"l_aws_100b has a version of {DAY} already" in other.output
    assert contents(seeds) == written
