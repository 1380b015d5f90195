"""DeepSORT beside deep-sort-realtime, where that is installed: the same boxes get the same identities."""

import numpy as np
import polars as pl
import pytest

from courtside import boxes as boxes_table
from courtside.trackers.registry import create
from courtside.trackers.run import track_boxes

REASON = "deep-sort-realtime is not installed (`uv pip install deep-sort-realtime`)"
FRAMES = 80


def crowd(seed):
    """Players who walk about, are hidden now and then, and look nearly alike."""
    random = np.random.default_rng(seed)
    places, speeds = random.uniform(100, 800, (12, 2)), random.normal(0, 4, (12, 2))
    faces = random.normal(0, 1, (12, 16)) + 2
    rows, looks = [], []
    for frame in range(FRAMES):
        speeds += random.normal(0, 0.6, speeds.shape)
        places += speeds
        for player in range(12):
            if random.random() < 0.12 or (frame // 15 + player) % 6 == 0:
                continue
            x, y = places[player] + random.normal(0, 1.5, 2)
            rows.append(("game", frame, x, y, x + 40 + random.normal(0, 1), y + 100, "player", 0.9, "test"))
            look = faces[player] + random.normal(0, 0.5, 16)
            looks.append(look / np.linalg.norm(look))
    names = ["video", "frame", "x1", "y1", "x2", "y2", "label", "score", "source"]
    return boxes_table.check(pl.DataFrame(rows, schema=names, orient="row")), np.array(looks, dtype=np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_boxes_get_the_same_identities(seed):
    peer = pytest.importorskip("deep_sort_realtime.deepsort_tracker", reason=REASON)
    boxes, looks = crowd(seed)
    ours = create(
        "deepsort",
        {
            "minimum_consecutive_frames": 3,
            "minimum_confidence": 0.0,
            "track_activation_threshold": 0.0,
            "maximum_feature_distance": 0.1,
        },
    )
    found = track_boxes(boxes, range(FRAMES), ours, features=looks)
    theirs = peer.DeepSort(
        max_age=30, n_init=3, nms_max_overlap=1.0, max_cosine_distance=0.1, nn_budget=100, embedder=None
    )
    numbered, said = boxes.with_row_index("row"), []
    for frame in range(FRAMES):
        rows = numbered.filter(frame=frame)
        given = [
            ([row["x1"], row["y1"], row["x2"] - row["x1"], row["y2"] - row["y1"]], 1.0, row["row"])
            for row in rows.iter_rows(named=True)
        ]
        for track in theirs.update_tracks(given, embeds=looks[rows["row"].to_numpy()]):
            if track.is_confirmed() and track.time_since_update == 0:
                said.append((track.get_det_class(), int(track.track_id)))
    key = ["frame", "x1", "y1"]
    mine = dict(found.join(numbered.select("row", *key), on=key).select("row", "track").iter_rows())
    other = dict(said)
    assert mine.keys() == other.keys()
    pairs = {(mine[row], other[row]) for row in mine}
    assert len(pairs) == len(set(mine.values())) == len(set(other.values())) >= 12
