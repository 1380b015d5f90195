"""Tracks for the tests of tracking scores: exact ones by hand, random ones by hypothesis, and MOT text."""

import numpy as np
import polars as pl
from hypothesis import strategies as st

from courtside import boxes as boxes_table


def box(frame, x, track, label="player", *, visibility=None, video="game", width=10.0):
    return {
        "video": video,
        "frame": frame,
        "x1": x,
        "y1": 0.0,
        "x2": x + width,
        "y2": 10.0,
        "label": label,
        "score": 1.0,
        "source": "test",
        "track": track,
        "visibility": visibility,
    }


def table(*rows):
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA)) if rows else boxes_table.empty()


def walk(track, frames, x=0.0, **kwargs):
    return [box(frame, x, track, **kwargs) for frame in frames]


def read_mot(path):
    rows = np.loadtxt(path, delimiter=",", ndmin=2)
    return table(
        *(
            box(int(row[0]) - 1, row[2], int(row[1])) | {"x2": row[2] + row[4], "y1": row[3], "y2": row[3] + row[5]}
            for row in rows
        )
    )


FRAMES = 8


@st.composite
def tracks(draw):
    """Boxes on a few frames, so near together that many could match many; on whole pixels, so that overlaps tie."""
    rows = []
    for frame in range(FRAMES):
        identities = draw(st.lists(st.integers(1, 6), max_size=5, unique=True))
        rows += [box(frame, float(draw(st.integers(0, 24))), identity) for identity in identities]
    return table(*rows)


def random_tracks(random, labels):
    """The same with several labels and without ties; every label has a box."""
    rows = []
    for frame in range(FRAMES):
        for label in labels:
            identities = random.permutation(np.arange(1, 7))[: random.integers(1, 5)]
            rows += [box(frame, random.uniform(0, 24), int(identity), label) for identity in identities]
    return table(*rows)


def by_frame(truth, predictions, frames):
    """True and predicted identities and overlaps of every frame, as the libraries take them."""
    for frame in range(frames):
        one, other = (source.filter(pl.col("frame") == frame) for source in (truth, predictions))
        overlap = boxes_table.iou(boxes_table.corners(one), boxes_table.corners(other))
        overlap[one["label"].to_numpy()[:, None] != other["label"].to_numpy()[None, :]] = 0.0
        # A ball and a player of one number are two identities.
        identity = pl.col("track") + 100 * pl.when(pl.col("label") == "ball").then(1).otherwise(0)
        names = [rows.select(identity).to_series().to_numpy().astype(np.int64) for rows in (one, other)]
        yield *names, overlap
