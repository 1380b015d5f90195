"""Ours for a whole game: ball and people by trackers of their own, identities that no two things share."""

import polars as pl
import pytest

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.protocol import OfflineTracker
from courtside.trackers.registry import create
from courtside.trackers.run import track_boxes


def row(frame, x, y, label, size, score=0.9):
    corners = {"x1": x, "y1": y, "x2": x + size, "y2": y + size}
    return {"video": "game", "frame": frame, **corners, "label": label, "score": score, "source": "test"}


def scene(frames=30, missing=()):
    """Return two players who stand, and a ball that flies 25 px a frame between them, twice its size."""
    rows = [row(frame, x, 100.0, "player", 60.0) for frame in range(frames) for x in (0.0, 800.0)]
    rows += [row(frame, 30.0 + 25 * frame, 60.0, "ball", 12.0) for frame in range(frames) if frame not in missing]
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA))


def test_a_fast_ball_and_two_players_have_an_identity_each():
    tracked = track_boxes(scene(), range(30), create("game"))
    by_label = tracked.group_by("label").agg(pl.col("track").unique().sort()).sort("label")
    assert [len(tracks) for tracks in by_label["track"]] == [1, 2]
    assert tracked["track"].n_unique() == 3


def test_the_flight_is_filled_where_the_ball_was_missed():
    tracked = track_boxes(scene(missing=(12, 13)), range(30), create("game"))
    filled = tracked.filter((pl.col("label") == "ball") & pl.col("frame").is_in([12, 13]))
    assert filled["source"].to_list() == ["interpolated"] * 2
    assert filled["x1"].to_list() == pytest.approx([330.0, 355.0], abs=3)
    assert tracked.filter(pl.col("label") == "player").height >= 56


def test_identities_do_not_come_again_after_a_cut():
    tracked = track_boxes(scene(), range(30), create("game"), [0] * 15 + [1] * 15)
    first, second = (set(tracked.filter(part)["track"]) for part in (pl.col("frame") < 15, pl.col("frame") >= 15))
    assert first
    assert second
    assert not first & second


def test_what_either_is_given_is_its_own():
    tracker = create(
        "game", {"frames_per_second": 25.0, "ball": {"offline": False}, "people": {"lost_track_buffer": 5}}
    )
    assert isinstance(tracker, OfflineTracker)
    assert track_boxes(scene(), range(30), tracker)["track"].n_unique() == 3


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"people": {"reach": 3.0}}, "trackers.game: .*reach"),
        ({"ball": {"gate": -1.0}}, "trackers.ball.gate: -1 is outside"),
        (
            {"lost_track_buffer": 3},
            "trackers.game.lost_track_buffer: no such parameter; allowed: ",
        ),
    ],
)
def test_wrong_parameters(parameters, message):
    with pytest.raises(UserError, match=message):
        create("game", parameters)
