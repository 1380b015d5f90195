"""Pictures that show the one before over again: known as such, waited out, and nobody is lost behind them."""

import numpy as np
import pytest

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.registry import create
from courtside.trackers.repeats import Repeats, repeats
from courtside.trackers.run import track_boxes
from moving_object import row, table

THREE = np.array([[0, 0, 60, 150], [100, 0, 160, 150], [200, 0, 260, 150]], dtype=np.float32)
PACKAGE = ("sort", "bytetrack", "ocsort", "botsort")


def moved(*steps_px):
    return np.array(steps_px, dtype=np.float32)[:, None]


@pytest.mark.parametrize(
    ("now", "same"),
    [
        (THREE, True),
        (THREE[::-1], True),  # in another order
        (THREE + 0.1, True),  # compressed anew
        (THREE + moved(0, 0, 9), True),  # a weak box jumps
        (THREE[:2], True),  # or is not found again
        (THREE[:1], False),
        (THREE + 1.0, False),  # a slow step
        (THREE + moved(0, 9, 9), False),  # one stands still
        (np.empty((0, 4), dtype=np.float32), False),
    ],
)
def test_half_the_boxes_stand_where_they_stood(now, same):
    assert repeats(THREE, now.astype(np.float32)) is same


def test_nothing_is_repeated_where_nothing_was():
    nothing = np.empty((0, 4), dtype=np.float32)
    assert not repeats(nothing, nothing)
    assert not repeats(nothing, THREE)


def test_identities_are_carried_to_the_same_places():
    tracked = table(row(0, 0, 0, track=7), row(0, 100, 0, track=8), row(0, 200, 0, label="player", track=9))
    now = table(
        row(1, 100, 0, track=None),
        row(1, 0, 0, track=None),
        row(1, 200, 0, track=None),  # the place of a player
        row(1, 300, 0, track=None),  # new
    )
    known = Repeats(2)
    assert known.carried(now) is None
    known.remember(now, tracked)
    for _ in range(2):
        assert known.carried(now).select("x1", "track").rows() == [(100.0, 8), (0.0, 7)]
    assert known.carried(now) is None  # the third in a row
    known.remember(now, tracked)
    known.forget()
    assert known.carried(now) is None
    known.remember(now, boxes_table.empty())
    assert known.carried(now).height == 0


def frozen_run(start=30, length=6, count=60):
    """Four players run one behind the other, 9 pixels a frame; the picture freezes and then shows where they are."""
    shown = [start if start <= frame < start + length else frame for frame in range(count)]
    places = [[(40.0 + 50 * player + 9 * now, 100.0) for player in range(4)] for now in shown]
    given = [row(frame, x, y, label="player", track=None, side=40) for frame, at in enumerate(places) for x, y in at]
    return table(*given)


def identities(found):
    """Return how many identities each of the four has, in the order that they run."""
    ordered = found.sort("frame", "x1")
    by_place = [ordered.filter(ordered["frame"] == frame)["track"].to_list() for frame in range(2, 60)]
    return [len({tracks[player] for tracks in by_place if len(tracks) == 4}) for player in range(4)]


@pytest.mark.parametrize("name", PACKAGE)
def test_who_runs_on_behind_a_frozen_picture_is_known(name):
    settings = {"frames_per_second": 25.0, "minimum_consecutive_frames": 1}
    boxes = frozen_run()
    assert identities(track_boxes(boxes, range(60), create(name, settings | {"longest_repeat": 12}))) == [1] * 4
    assert identities(track_boxes(boxes, range(60), create(name, settings))) != [1] * 4


def test_a_longer_repeat_is_looked_at_again_and_a_ball_at_rest_stays_itself(monkeypatch):
    tracker = create("botsort", {"longest_repeat": 4, "frames_per_second": 25.0, "minimum_consecutive_frames": 1})
    asked = []
    follow = tracker._trackers.update
    monkeypatch.setattr(tracker._trackers, "update", lambda boxes, scene: asked.append(1) or follow(boxes, scene))
    found = track_boxes(table(*(row(frame, 100, 100, track=None) for frame in range(101))), range(101), tracker)
    assert found["track"].to_list() == [1] * 101
    assert len(asked) == 21  # the first, and each fifth after it


def test_a_cut_is_no_repeat():
    boxes = table(*(row(frame, 100, 100, track=None) for frame in range(10)))
    tracker = create("botsort", {"longest_repeat": 12, "minimum_consecutive_frames": 1})
    found = track_boxes(boxes, range(10), tracker, [0] * 5 + [1] * 5)
    assert found["track"].to_list() == [1] * 5 + [2] * 5


def test_a_wrong_length_is_told():
    with pytest.raises(UserError, match=r"trackers.sort.longest_repeat: -1 is outside"):
        create("sort", {"longest_repeat": -1})
