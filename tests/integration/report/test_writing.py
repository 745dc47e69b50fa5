"""Writing the report: by which command or asset, when, and with which error if it fails."""

from assets.report import page
from assets.report.drawing import svg
from tests.integration.report.reading import read

NAME = "closedloop.report.html"


def test_the_command_writes_it_next_to_the_published_file_and_prints_its_path(command, pipeline, blank_report):
    (pipeline.folder / NAME).unlink()

    done = command("report", "--warehouse", pipeline.published)

    assert (done.code, done.err) == (0, "")
    assert done.out == f"{pipeline.folder / NAME}\n"
    assert (pipeline.folder / NAME).read_text(encoding="utf-8") == blank_report


def test_without_a_published_file_it_is_exit_code_3_with_the_remedy(command, tmp_path):
    done = command("report", "--warehouse", tmp_path / "x.duckdb")

    assert done.code == 3
    assert done.err == f"{tmp_path / 'x.duckdb'} does not exist yet: run `closedloop build` first\n"
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_is_exit_code_3_and_the_old_report_stays(command, pipeline, blank_report):
    report = pipeline.folder / NAME
    report.unlink()
    report.mkdir()

    done = command("report", "--warehouse", pipeline.published)

    assert done.code == 3
    assert str(report) in done.err
    assert "Traceback" not in done.err
    assert not [p for p in pipeline.folder.iterdir() if ".tmp" in p.name]


def test_the_same_file_gives_the_same_report(pipeline):
    """The first report is that of the build."""
    first = (pipeline.folder / NAME).read_bytes()

    assert page.write(pipeline.published).path.read_bytes() == first


def test_a_report_that_cannot_be_written_never_harms_the_publication(pipeline, blank_report):
    report = pipeline.folder / NAME
    report.unlink()
    report.mkdir()
    before = pipeline.mark()

    run = pipeline.run("published.warehouse", "published.report")

    assert run.is_success
    assert "published.warehouse" in run.materialised
    assert "published.report" not in run.materialised
    assert pipeline.mark() != before


def test_a_build_reports_a_failed_report_and_still_succeeds(command, small_built, tmp_path, blank_report):
    (tmp_path / NAME).mkdir()

    done = command("build", "--seeds", small_built.seeds, "--warehouse", tmp_path / "closedloop.duckdb")

    assert done.code == 0, done.err
    assert "Published, but the report was not written: " in done.err
    assert str(tmp_path / NAME) in done.err
    assert (tmp_path / "closedloop.duckdb").exists()


def test_the_asset_records_path_size_days_and_that_it_is_self_contained(pipeline):
    assert pipeline.run("published.warehouse", "published.report").is_success
    (result,) = pipeline.runs
    (event,) = [
        e
        for e in result.all_events
        if e.event_type_value == "ASSET_MATERIALIZATION" and e.asset_key.path == ["published", "report"]
    ]
    metadata = event.materialization.metadata
    path = pipeline.folder / NAME

    assert metadata["path"].value == str(path)
    assert metadata["size_bytes"].value == path.stat().st_size
    assert metadata["days"].value.split(", ")[-1] == read(path).all("input", name="day")[0].attributes["value"]
    assert [c.passed for c in result.get_asset_check_evaluations() if c.check_name == "self_contained"] == [True]


def test_temporary_files_of_a_dead_process_are_removed_by_the_next_build(pipeline, blank_report):
    left = pipeline.folder / "closedloop.report.html.tmp-4194300"
    left.write_text("half")

    assert pipeline.run("published.warehouse", "published.report").is_success
    assert not left.exists()


def test_a_viewer_never_sees_half_a_report(pipeline, blank_report):
    report = pipeline.folder / NAME
    before = report.read_text(encoding="utf-8")
    with report.open(encoding="utf-8") as held:
        page.write(pipeline.published)
        text = held.read()

    assert text == before
    assert text.rstrip().endswith("</html>")
    assert report.read_text(encoding="utf-8") == blank_report


def test_a_chart_that_is_not_shown_is_not_drawn(pipeline, monkeypatch):
    drawn = []
    monkeypatch.setattr(page, "svg", lambda drawing: drawn.append(drawing) or svg(drawing))

    document = read(page.write(pipeline.published).path)

    assert len(document.all("input", name="day")) > 1
    assert len(drawn) == len(document.all("svg")) > 0


def test_every_chart_is_valid_vega_lite(small_built):
    """The report itself does not check its charts."""
    import altair as alt

    from assets.report import data, theme

    checked = 0
    with data.reading(small_built.published) as connection:
        ask = data.asker(connection)
        day = data.as_of_days(ask)[-1]
        names = data.short_names(ask(data.ENTITIES, day))
        context = data.Context(day, tuple(ask(data.SUBJECTS, day)["entity_id"]), names)
        for picture in page.PICTURES:
            answers = {n: ask(q, day) for n, q in picture.questions.items()}
            for figure in picture.build(answers, context).figures:
                for drawing in (figure.chart, figure.narrow):
                    if drawing is not None:
                        chart = theme.finished(drawing.make(), drawing.width, drawing.height)
                        alt.Chart.from_dict(chart, validate=True)
                        checked += 1
    assert checked >= 8
