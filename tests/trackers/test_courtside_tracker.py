"""Our tracker of many objects: crossings, gaps, weak and double boxes, labels, cameras, looks, what always holds."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.courtside import CourtsideTracker
from courtside.trackers.protocol import OfflineTracker, Scene
from courtside.trackers.registry import create
from courtside.trackers.run import track_boxes

# Boxes that stand exactly where they stood would be a repeated picture; of those test_repeats.py tells.
EACH_IS_NEW = {"longest_repeat": 0}


def box(frame, x, label="player", score=0.9, *, y=100.0, width=40.0, height=100.0):
    return {
        "video": "game",
        "frame": frame,
        "x1": x,
        "y1": y,
        "x2": x + width,
        "y2": y + height,
        "label": label,
        "score": score,
        "source": "test",
    }


def table(*rows):
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA)) if rows else boxes_table.empty()


def follow(rows, frames, *, tracker=None, **parameters):
    return track_boxes(table(*rows), range(frames), tracker or create("courtside", EACH_IS_NEW | parameters))


def identities(tracked, frame=None):
    rows = tracked if frame is None else tracked.filter(pl.col("frame") == frame)
    return rows.sort("x1")["track"].to_list()


def test_it_is_an_offline_tracker_with_the_name_in_the_configuration():
    tracker = create("courtside")
    assert isinstance(tracker, OfflineTracker)
    assert tracker.name == "courtside"


def test_two_players_cross_and_keep_their_identities():
    rows = [box(frame, 100.0 + 8 * frame, y=100.0) for frame in range(40)]
    rows += [box(frame, 420.0 - 8 * frame, y=108.0) for frame in range(40)]
    tracked = follow(rows, 40)
    assert tracked["track"].n_unique() == 2
    assert identities(tracked, 0) == identities(tracked, 39)[::-1]


@pytest.mark.parametrize(("gap", "same"), [(1, True), (12, True), (30, True), (31, False)])
def test_who_is_hidden_for_some_frames_comes_back(gap, same):
    seen = [frame for frame in range(80) if not 20 <= frame < 20 + gap]
    tracked = follow([box(frame, 100.0 + frame) for frame in seen], 80, lost_track_buffer=30)
    assert (tracked["track"].n_unique() == 1) is same


def test_a_buffer_is_in_frames_of_thirty_a_second():
    seen = [frame for frame in range(60) if not 20 <= frame < 32]
    rows = [box(frame, 100.0) for frame in seen]
    assert follow(rows, 60, lost_track_buffer=30, frames_per_second=30)["track"].n_unique() == 1
    assert follow(rows, 60, lost_track_buffer=30, frames_per_second=10)["track"].n_unique() == 2


def test_weak_boxes_keep_a_track_and_begin_none():
    rows = [box(frame, 100.0 + 3 * frame, score=0.9 if frame < 5 or frame > 25 else 0.2) for frame in range(35)]
    rows += [box(frame, 500.0, score=0.2) for frame in range(35)]
    tracked = follow(rows, 35, weak_boxes_for=3)
    assert tracked["track"].to_list() == [1] * 35


def test_a_box_below_the_low_threshold_is_not_looked_at():
    rows = [box(frame, 100.0, score=0.9 if frame < 5 else 0.05) for frame in range(9)]
    assert follow(rows, 9)["frame"].to_list() == [0, 1, 2, 3, 4]


def test_an_object_has_no_identity_before_there_is_enough_evidence():
    rows = [box(frame, 100.0) for frame in range(10)] + [box(frame, 400.0, score=0.7) for frame in range(4, 10)]
    late = follow(rows, 10, minimum_evidence=2.0).filter(pl.col("x1") > 300)
    assert late["frame"].to_list() == [6, 7, 8, 9]
    # A flicker has none at all, and one that is surer has it sooner.
    assert follow([*rows[:10], box(5, 400.0, score=0.7)], 10)["track"].n_unique() == 1
    sure = follow([*rows[:10], *(box(frame, 400.0, score=0.97) for frame in range(4, 10))], 10, minimum_evidence=1.9)
    assert sure.filter(pl.col("x1") > 300)["frame"].to_list() == [5, 6, 7, 8, 9]


def test_a_second_box_of_the_same_object_begins_no_track():
    rows = [box(frame, 100.0) for frame in range(20)]
    doubles = [box(frame, 104.0, score=0.7, y=102.0) for frame in range(5, 20)]
    assert follow([*rows, *doubles], 20, duplicate_overlap=0.6)["track"].n_unique() == 1
    assert follow([*rows, *doubles], 20, duplicate_overlap=1.0)["track"].n_unique() == 2


def test_labels_never_mix():
    # A referee goes where a player went, and the other way round.
    rows = [box(frame, 100.0 + 5 * frame, "player" if frame < 15 else "referee") for frame in range(30)]
    rows += [box(frame, 400.0 + 5 * frame, "referee" if frame < 15 else "player") for frame in range(30)]
    tracked = follow(rows, 30)
    assert tracked["track"].n_unique() == 4
    assert tracked.group_by("track").agg(pl.col("label").n_unique())["label"].to_list() == [1] * 4


def test_a_label_may_have_values_of_its_own_and_identities_are_shared_out():
    rows = [box(frame, 100.0, score=0.3) for frame in range(5)] + [
        box(frame, 300.0, "referee", 0.3) for frame in range(5)
    ]
    own = {"referee": {"track_activation_threshold": 0.2, "high_confidence_threshold": 0.2}}
    tracked = follow(rows, 5, labels=own)
    assert tracked["label"].unique().to_list() == ["referee"]
    both = follow(rows, 5, labels=own, track_activation_threshold=0.2, high_confidence_threshold=0.2)
    assert sorted(both["track"].unique()) == [1, 2]


def test_only_the_labels_asked_for_are_followed():
    rows = [box(frame, x, label) for frame in range(5) for x, label in ((100.0, "player"), (300.0, "referee"))]
    assert follow(rows, 5, only=["referee"])["label"].unique().to_list() == ["referee"]
    with pytest.raises(UserError, match="only"):
        create("courtside", {"only": "referee"})


def test_a_reset_begins_anew_with_other_identities():
    rows = [box(frame, 100.0) for frame in range(20)]
    shots = [0] * 10 + [1] * 10
    tracked = track_boxes(table(*rows), range(20), create("courtside"), shots)
    assert tracked["track"].to_list() == [1] * 10 + [2] * 10


def test_a_camera_that_pans_is_followed_where_it_was_measured():
    # The picture jumps by twice a player's width each third frame.
    shift = np.cumsum([120.0 * (frame % 3 == 2) for frame in range(24)])
    rows = [box(frame, 100.0 + shift[frame]) for frame in range(24)]
    cameras = {
        frame: np.array([[1.0, 0.0, shift[frame] - shift[frame - 1]], [0.0, 1.0, 0.0]]) for frame in range(1, 24)
    }
    found = track_boxes(table(*rows), range(24), create("courtside", EACH_IS_NEW), cameras=cameras)
    assert found["track"].to_list() == [1] * 24
    assert follow(rows, 24)["track"].n_unique() > 1


@pytest.mark.parametrize(("unseen_cost", "last"), [(0.0, 1), (6.0, 2)])
def test_who_is_hidden_does_not_take_the_box_of_who_stands_before_him(unseen_cost, last):
    # One walks behind another and stays there; the other then moves a little towards where the first may be.
    rows = [box(frame, 100.0 + 4 * frame) for frame in range(15)]
    rows += [box(frame, 190.0 if frame < 20 else 188.0) for frame in range(30)]
    tracked = follow(rows, 30, unseen_cost=unseen_cost)
    assert identities(tracked, 0) == [1, 2]
    assert identities(tracked, 29) == [last]


@pytest.mark.parametrize(("parameters", "count"), [({}, 6), ({"adaptation": 0.0}, 23), ({"surprise": 1e6}, 23)])
def test_a_camera_that_swings_is_followed_as_soon_as_boxes_surprise(parameters, count):
    # Six stand still; the picture swings by a third of a height and back within a second, and nobody says so.
    swing = 20.0 * np.cumsum(np.sin(np.arange(60) / 4))
    rows = [box(frame, 110.0 * player + swing[frame]) for frame in range(60) for player in range(6)]
    assert follow(rows, 60, **parameters)["track"].n_unique() == count


def test_the_acceleration_stays_within_its_bounds_and_begins_anew_with_a_shot():
    swing = 20.0 * np.cumsum(np.sin(np.arange(60) / 4))
    rows = [box(frame, 110.0 * player + swing[frame]) for frame in range(60) for player in range(6)]
    # No room to grow is no adaptation.
    still = follow(rows, 60, adaptation=0.0)
    assert follow(rows, 60, maximum_acceleration=0.006).equals(still)
    # Two shots: what the first taught is forgotten, so the second fares as it would alone.
    tracker = create("courtside")
    both = track_boxes(table(*rows), range(60), tracker, [0] * 30 + [1] * 30)
    alone = track_boxes(table(*(row for row in rows if row["frame"] >= 30)), range(30, 60), create("courtside"))
    second = both.filter(pl.col("frame") >= 30)
    assert second.drop("track").equals(alone.drop("track"))
    assert len(set(zip(second["track"], alone["track"], strict=True))) == alone["track"].n_unique()


def test_looks_tell_apart_who_comes_out_of_a_scrum():
    # Two stand in one place for a while unseen and come out on the wrong side.
    looks = np.eye(2, dtype=np.float32)
    rows, features = [], []
    for frame in range(30):
        for player in range(2):
            if 10 <= frame < 14:
                continue
            place = player if frame < 10 else 1 - player
            rows.append(box(frame, 200.0 + 20 * place))
            features.append(looks[player])
    order = np.argsort([row["frame"] for row in rows], kind="stable")
    boxes = table(*(rows[row] for row in order))
    given = np.array(features)[order]
    by_looks = track_boxes(boxes, range(30), create("courtside", EACH_IS_NEW | {"alpha": 0.3}), features=given)
    by_place = track_boxes(boxes, range(30), create("courtside", EACH_IS_NEW | {"alpha": 1.0}), features=given)
    assert identities(by_looks, 0) == identities(by_looks, 29)[::-1]
    assert identities(by_place, 0) == identities(by_place, 29)


def test_gaps_are_filled_where_asked_for():
    rows = [box(frame, 100.0 + 4 * frame, score=0.8 if frame < 10 else 0.6) for frame in range(25) if frame // 4 != 3]
    plain = follow(rows, 25)
    assert sorted(plain["frame"]) == [frame for frame in range(25) if frame // 4 != 3]
    filled = follow(rows, 25, fill_gaps_up_to=4)
    added = filled.filter(pl.col("source") == "interpolated")
    assert added["frame"].to_list() == [12, 13, 14, 15]
    assert added["track"].unique().to_list() == plain["track"].unique().to_list()
    np.testing.assert_allclose(added["x1"], [148, 152, 156, 160], atol=1.0)
    assert added["score"].to_list() == pytest.approx([0.6] * 4)
    assert follow(rows, 25, fill_gaps_up_to=3).equals(plain)
    assert follow(rows, 25, fill_gaps_up_to=3, labels={"player": {"fill_gaps_up_to": 4}}).equals(filled)


def test_frames_that_were_not_looked_at_are_no_gap():
    boxes = table(*(box(frame, 100.0) for frame in range(0, 40, 4)))
    tracked = track_boxes(boxes, range(0, 40, 4), create("courtside", {"fill_gaps_up_to": 10}))
    assert tracked["frame"].to_list() == list(range(0, 40, 4))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"gate": 0.0}, "gate"),
        ({"alpha": 1.5}, "alpha"),
        ({"minimum_similarity": 0.0}, "minimum_similarity"),
        ({"unseen_cost": -1.0}, "unseen_cost"),
        ({"acceleration": 0.1}, "maximum_acceleration: 0.05 is below acceleration, 0.1"),
        ({"labels": {"ball": {"gate": "wide"}}}, "labels.ball.gate"),
        ({"labels": {"ball": {"colour": 1}}}, "colour"),
        ({"sped": 1}, "sped"),
    ],
)
def test_wrong_values_are_told(parameters, message):
    with pytest.raises(UserError, match=message):
        create("courtside", parameters)


def test_boxes_of_two_frames_are_refused():
    with pytest.raises(ValueError, match="one frame"):
        CourtsideTracker().update(table(box(0, 1.0), box(1, 1.0)))


frames_of_boxes = st.lists(
    st.lists(
        st.tuples(
            st.floats(0, 300, width=32),
            st.floats(0, 200, width=32),
            st.floats(5, 80, width=32),
            st.floats(0, 1, width=32),
            st.sampled_from(["player", "referee"]),
        ),
        max_size=8,
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(frames_of_boxes, st.booleans())
def test_what_always_holds(frames, with_scene):
    rows = [
        box(number, x, label, score, y=y, width=size, height=2 * size)
        for number, found in enumerate(frames)
        for x, y, size, score, label in found
    ]
    results = []
    for _ in range(2):
        tracker, seen = CourtsideTracker(alpha=0.5), []
        for number in range(len(frames)):
            now = table(*(row for row in rows if row["frame"] == number))
            random = np.random.default_rng(number)
            looks = random.normal(size=(now.height, 3)).astype(np.float32)
            scene = Scene(looks, np.array([[1.0, 0.01, 3.0], [-0.01, 1.0, -2.0]])) if with_scene else Scene()
            tracked = tracker.update(now, scene)
            # Identities are unique in a frame, and from 1 upwards.
            assert tracked["track"].n_unique() == tracked.height
            assert not tracked.height or tracked["track"].min() >= 1
            # The rows are some of those given, in their order, and but for the identity as they were.
            places = tracked.drop("track").rows()
            given = iter(now.drop("track").rows())
            assert all(place in given for place in places)
            seen.append(tracked)
        results.append(pl.concat(seen))
    # The same in, the same out; and an identity has one label for good.
    assert results[0].equals(results[1])
    labels = results[0].group_by("track").agg(pl.col("label").n_unique())["label"]
    assert (labels == 1).all()
