"""Boxes tables for the tests of label formats."""

import numpy as np
import polars as pl
from hypothesis import strategies as st

from courtside import boxes

LABELS = ("ball", "player", "referee & <coach>")


def table(*rows):
    """Rows of frame, x1, y1, x2, y2, label, track, visibility as a boxes table of what a person drew."""
    names = ("frame", "x1", "y1", "x2", "y2", "label", "track", "visibility")
    found = pl.DataFrame(list(rows), schema={name: boxes.SCHEMA[name] for name in names}, orient="row")
    return boxes.check(found.with_columns(video=pl.lit("game"), score=1.0, source=pl.lit("human")))


def by_content(found):
    """Rows in an order that does not depend on the format."""
    return found.sort("frame", "track", "label", "x1", "y1", "x2", "y2", "visibility").rows()


def assert_same(found, expected):
    """The same rows in the same order, the corners within 1e-9 px: above 0.01 px the very same float32."""
    edges = ("x1", "y1", "x2", "y2")
    assert found.drop(edges).rows() == expected.drop(edges).rows()
    np.testing.assert_allclose(boxes.corners(found), boxes.corners(expected), rtol=0, atol=1e-9)


def _up(value):
    """The next float32 above."""
    return float(np.nextafter(np.float32(value), np.float32(np.inf)))


TRACKS = st.none() | st.integers(0, 2**31 - 1)


@st.composite
def box_tables(draw, *, lowest=-500.0, highest=4000.0, tracked=TRACKS, frames=40):
    """Any boxes table, down to boxes one float32 step wide; a track has one box of a label on a frame."""
    coordinate = st.floats(lowest, highest, width=32)
    rows, seen = [], set()
    for _ in range(draw(st.integers(0, 8))):
        frame, label, track = draw(st.integers(0, frames - 1)), draw(st.sampled_from(LABELS)), draw(tracked)
        if track is not None and (frame, label, track) in seen:
            continue
        seen.add((frame, label, track))
        x1, y1 = draw(coordinate), draw(coordinate)
        x2 = draw(st.just(_up(x1)) | st.floats(_up(x1), highest + 1000, width=32))
        y2 = draw(st.just(_up(y1)) | st.floats(_up(y1), highest + 1000, width=32))
        rows.append((frame, x1, y1, x2, y2, label, track, draw(st.none() | st.floats(0, 1, width=32))))
    return table(*rows)
