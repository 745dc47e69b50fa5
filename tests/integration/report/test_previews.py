"""Charts of the report as self-contained pictures, which Dagster shows with the asset."""

import base64
import re
import xml.etree.ElementTree as ET

import pytest

from assets.orchestration import report_previews

CHART = re.compile(r"^!\[(.+)\]\(data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)$")


@pytest.fixture(scope="module")
def charts(real_built):
    return report_previews.markdown(real_built.published.with_name("lédger.report.html").read_text(encoding="utf-8"))


def test_the_loop_and_its_growth_are_shown(charts):
    assert list(charts) == ["Purchases and funding", "Share of the promised money that could be passed in circles"]


def test_each_picture_is_self_contained_in_the_colours_of_the_light_page(charts):
    for title, text in charts.items():
        said, encoded = CHART.match(text).groups()
        assert said == title
        svg = base64.b64decode(encoded).decode()
        root = ET.fromstring(svg)  # noqa: S314 - our own file
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(list(root.iter())) > 20
        assert "var(" not in svg
        assert "#fffefb" in svg


def test_a_page_without_charts_has_none():
    assert report_previews.markdown("<h1>nothing</h1>") == {}
