"""The page is there, and holds the numbers of the stages."""

import pytest

from courtside import layout
from courtside.files import read_json

pytestmark = pytest.mark.pipeline


def test_the_page_shows_what_was_measured(pipeline):
    page = (pipeline / layout.PAGE).read_text(encoding="utf-8")
    metrics = read_json(pipeline / layout.report("evaluate", "yolo_n_40/metrics.json"))
    assert f"{metrics['mAP50']:.3f}" in page
    assert page.count("<h1") == 1
    assert "data:video/mp4" in page
    for name in ("yolo_n_20", "yolo_n_40", "harbor", "summit", "bytetrack"):
        assert name in page


def test_the_page_asks_nothing_of_the_network(pipeline):
    page = (pipeline / layout.PAGE).read_text(encoding="utf-8")
    assert 'src="http' not in page
    assert '<link rel="stylesheet" href="http' not in page
