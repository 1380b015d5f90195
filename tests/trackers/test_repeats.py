"""Pictures that show the one before over again: known as such, waited out, and nobody is lost behind them."""

import numpy as np
import pytest

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.registry import create
from courtside.trackers.repeats import Repeats
from courtside.trackers.run import track_boxes
from courtside.trackers.still import standing
from moving_object import row, table

THREE = np.array([[0, 0, 60, 150], [100, 0, 160, 150], [200, 0, 260, 150]], dtype=np.float64)
PACKAGE = ("sort", "bytetrack", "ocsort", "botsort")
AT_ONCE = {
    **{name: {"minimum_consecutive_frames": 1} for name in PACKAGE},
    "courtside": {"minimum_evidence": 0.0},
}


def moved(*steps_px):
    return np.array(steps_px, dtype=np.float64)[:, None]


@pytest.mark.parametrize(
    ("now", "partners"),
    [
        (THREE, [0, 1, 2]),
        (THREE[::-1], [2, 1, 0]),  # in another order
        (THREE + 0.1, [0, 1, 2]),  # compressed anew
        (THREE + moved(0, 0, 40), [0, 1, -1]),  # the last one, a weak box, jumps
        (THREE[:2], [0, 1]),  # or is not found again
        (THREE[:1], []),
        (THREE + 1.0, []),  # a slow step
        (THREE + moved(0, 9, 9), []),  # one stands still
        (THREE + moved(9, 0, 0), []),  # two do, and one runs
        (THREE + moved(0, 0, 1.5), [0, 1, 2]),  # of a sway nobody is lost
        (np.concatenate([THREE, THREE[2:] + 2]), [0, 1, 2, -1]),  # one of two boxes of one object
        (np.concatenate([THREE[2:] + 2, THREE]), [-1, 0, 1, 2]),
        (np.empty((0, 4)), []),
    ],
)
def test_where_most_stand_and_nobody_sure_moves_a_picture_is_a_repeat(now, partners):
    sure = np.arange(len(now)) != 2
    none = np.zeros(3, np.int64)
    found = standing(THREE, none, now.astype(np.float64), np.zeros(len(now), np.int64), sure)
    assert found.tolist() == partners


def test_boxes_of_two_classes_are_two_things():
    classes = np.array([0, 1, 1])
    assert standing(THREE, np.zeros(3, np.int64), THREE, classes, np.zeros(3, np.bool_)).tolist() == []
    assert standing(THREE, np.array([0, 1, 0]), THREE, classes, np.zeros(3, np.bool_)).tolist() == [0, 1, -1]


def test_nothing_is_repeated_where_nothing_was():
    nothing, none, sure = np.empty((0, 4)), np.zeros(0, np.int64), np.zeros(3, np.bool_)
    assert not standing(nothing, none, nothing, none, sure[:0]).size
    assert not standing(nothing, none, THREE, np.zeros(3, np.int64), sure).size


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


@pytest.mark.parametrize("name", AT_ONCE)
def test_who_runs_on_behind_a_frozen_picture_is_known(name):
    settings = {"frames_per_second": 25.0, "longest_repeat": 0} | AT_ONCE[name]
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


@pytest.mark.parametrize("name", ["botsort", "courtside"])
def test_who_runs_where_all_others_stand_is_not_lost(name):
    def places(frame):
        return [(200.0 * player, 100.0) for player in range(6)] + [(20.0 + 6 * frame, 300.0)]

    boxes = table(*(row(frame, *at, label="player", track=None) for frame in range(40) for at in places(frame)))
    tracker = create(name, {"frames_per_second": 25.0, "longest_repeat": 12} | AT_ONCE[name])
    found = track_boxes(boxes, range(40), tracker)
    assert found.height == boxes.height
    assert found["track"].n_unique() == 7


@pytest.mark.parametrize("name", ["botsort", "courtside"])
def test_a_cut_is_no_repeat(name):
    boxes = table(*(row(frame, 100, 100, track=None) for frame in range(10)))
    tracker = create(name, {"longest_repeat": 12} | AT_ONCE[name])
    found = track_boxes(boxes, range(10), tracker, [0] * 5 + [1] * 5)
    assert found["track"].to_list() == [1] * 5 + [2] * 5


def test_a_wrong_length_is_told():
    with pytest.raises(UserError, match=r"trackers.sort.longest_repeat: -1 is outside"):
        create("sort", {"longest_repeat": -1})
