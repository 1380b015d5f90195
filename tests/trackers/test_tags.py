"""Tags at boxes: what they say, and that none hides another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.trackers.tags import draw_tags, tag_of


@pytest.mark.parametrize(
    ("label", "track", "text"),
    [
        ("player", 12, "12"),
        ("referee", 3, "ref 3"),
        ("ball", 7, "ball"),
        ("player", None, "player"),
        ("hoop", 1, "hoop 1"),
    ],
)
def test_a_tag_is_short(label, track, text):
    assert tag_of(label, track) == text


def painted(tags, shape=(300, 400, 3)):
    image = np.zeros(shape, dtype=np.uint8)
    draw_tags(image, tags)
    return image


def test_two_tags_at_one_place_are_both_seen():
    red, blue = (0, 0, 200), (200, 0, 0)
    corners = (100.0, 100.0, 150.0, 200.0)
    alone = [(painted([("12", corners, color)]) == color).all(axis=2).sum() for color in (red, blue)]
    both = painted([("12", corners, red), ("12", corners, blue)])
    assert [(both == color).all(axis=2).sum() for color in (red, blue)] == alone


@given(st.floats(-300, 700), st.floats(-300, 600), st.floats(1, 300), st.floats(1, 300))
def test_a_tag_lies_in_the_picture_wherever_its_box_is(x, y, width, height):
    tag = ("ref 12", (x, y, x + width, y + height), (0, 200, 0))
    count = (painted([tag]) == (0, 200, 0)).all(axis=2).sum()
    assert count == (painted([("ref 12", (100.0, 100.0, 150.0, 200.0), (0, 200, 0))]) == (0, 200, 0)).all(axis=2).sum()
