"""Pictures fitted into frames of another shape."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.video.fit import Fit


@pytest.mark.parametrize(
    ("picture", "whole", "place"),
    [
        ((1280, 720), (1280, 720), (0, 0, 1280, 720)),  # as it is
        ((656, 712), (1280, 720), (308, 0, 663, 720)),  # black at the sides
        ((1920, 800), (1280, 720), (0, 93, 1280, 533)),  # black above and below
        ((160, 90), (1280, 720), (0, 0, 1280, 720)),  # eight times as large
    ],
)
def test_where_a_picture_lies(picture, whole, place):
    fit = Fit.of(*picture, *whole)
    assert (fit.left, fit.top, fit.inner_width, fit.inner_height) == place


def test_the_picture_and_its_boxes_move_together():
    image = np.zeros((100, 60, 3), dtype=np.uint8)
    image[20:40, 10:30] = 255
    fit = Fit.of(60, 100, 400, 200)
    whole = fit.picture(image)
    x1, y1, x2, y2 = fit.corners(np.array([[10.0, 20.0, 30.0, 40.0]]))[0]
    assert whole.shape == (200, 400, 3)
    assert (whole[round(y1) + 3 : round(y2) - 3, round(x1) + 3 : round(x2) - 3] == 255).all()
    assert whole.astype(int).sum() == pytest.approx(3 * 255 * (x2 - x1) * (y2 - y1), rel=0.05)


@given(*[st.integers(16, 4000)] * 4)
def test_all_of_the_picture_is_shown_in_its_shape(width, height, whole_width, whole_height):
    fit = Fit.of(width, height, whole_width, whole_height)
    assert fit.left + fit.inner_width <= whole_width
    assert fit.top + fit.inner_height <= whole_height
    assert abs(fit.inner_width - width * fit.scale) <= 0.5 + 1e-6 or fit.inner_width == 1
    assert fit.inner_width >= whole_width - 1 or fit.inner_height >= whole_height - 1
