"""What the champion sees on a tracked video is kept once, weak boxes and looks included."""

import numpy as np
import pytest

from courtside import boxes, embeddings, frames, layout
from courtside.files import read_json
from courtside.trackers.observed_files import ObservedFiles

pytestmark = pytest.mark.pipeline


def test_boxes_of_the_whole_video_and_how_they_look(pipeline):
    found = boxes.read(ObservedFiles(pipeline / layout.observed("summit")).boxes)
    table = frames.read(pipeline / layout.extract_frames("summit"))
    assert set(found["frame"]) <= set(table["frame"])
    looks = embeddings.read(ObservedFiles(pipeline / layout.observed("summit")).features("detector"), found)
    assert len(looks) == found.height > 0
    np.testing.assert_allclose(np.linalg.norm(looks.astype(np.float32), axis=1), 1, atol=0.01)


def test_metrics_say_how_much_was_seen(pipeline):
    metrics = read_json(pipeline / layout.report("observe", "summit.json"))
    assert metrics["boxes"] == boxes.read(ObservedFiles(pipeline / layout.observed("summit")).boxes).height
    assert metrics["frames"] == frames.read(pipeline / layout.extract_frames("summit")).height
