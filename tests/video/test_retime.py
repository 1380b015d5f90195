"""Frames at another rate: which are shown, how often, and that time does not drift."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.video.reader import Frame
from courtside.video.retime import at_own_rate, at_rate

PICTURE = np.zeros((2, 2, 3), dtype=np.uint8)


def frames(*times_s):
    return [Frame(index, time, PICTURE) for index, time in enumerate(times_s)]


@pytest.mark.parametrize(
    ("times_s", "rate", "last_s", "shown"),
    [
        ((0.0, 0.04, 0.08), 25, 0.04, [1, 1, 1]),  # as it is
        ((0.0, 0.02, 0.04, 0.06), 25, 0.02, [1, 0, 1, 0]),  # 50 a second
        ((0.0, 0.1, 0.2), 20, 0.1, [1, 2, 3]),  # 10 a second: the last is shown to its end
        ((5.0, 5.04, 5.08), 25, 0.04, [1, 1, 1]),  # a part from the middle
        ((0.0, 0.04, 0.4), 25, 0.04, [1, 5, 5]),  # rate varies, as telephones record
        ((0.0,), 25, 0.001, [1]),  # a single frame is never lost
    ],
)
def test_how_often_each_frame_is_shown(times_s, rate, last_s, shown):
    assert [times for _, times in at_rate(frames(*times_s), rate, last_s)] == shown


@given(st.integers(1, 120), st.integers(2, 240), st.integers(1, 60))
def test_no_picture_is_far_from_its_time(source, count, rate):
    stream = at_rate(frames(*(float(Fraction(at, source)) for at in range(count))), rate, 1 / source)
    pictures = [frame.time_s for frame, times in stream for _ in range(times)]
    # Half a source frame to the nearest, and at the end as much as the last one lasts.
    assert all(abs(shown - at / rate) <= 1 / source + 1e-9 for at, shown in enumerate(pictures))
    assert abs(len(pictures) - max(1, count * rate / source)) <= 1


def test_a_damaged_frame_is_stood_for_by_the_next():
    stream = [frame for frame in frames(*(0.04 * at for at in range(6))) if frame.index not in (2, 3)]
    assert [(frame.index, times) for frame, times in at_own_rate(stream[1:], 1)] == [(1, 1), (4, 3), (5, 1)]
