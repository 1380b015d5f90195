"""Single objects followed from their first box, scored and drawn."""

import cv2
import pytest

from courtside import layout
from courtside.files import read_json

pytestmark = pytest.mark.pipeline


def test_every_tracker_is_scored_alone_and_checked(pipeline):
    found = read_json(pipeline / layout.report("single", "summit/metrics.json"))
    (followed,) = found["objects"]
    assert followed["label"] == "player"
    assert followed["frames"] > 1
    assert list(found["trackers"]) == ["kcf"]
    for way in ("alone", "checked"):
        entry = found["trackers"]["kcf"][way]
        assert 0 <= entry["auc"] <= 1
        assert 0 <= entry["precision_20px"] <= 1
        assert entry["fps"] > 0
        assert entry["failed"] + entry["held"] == followed["frames"] - 1
        assert entry["objects"]["player"]["auc"] == entry["auc"]


def test_plots_path_and_heat_are_drawn(pipeline):
    for name in ("success", "precision", "path", "heat"):
        assert cv2.imread(str(pipeline / layout.report("single", f"summit/plots/{name}.png"))) is not None
