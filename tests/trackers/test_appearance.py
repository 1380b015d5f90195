"""Trackers that know how players look and how the camera moved: who keeps an identity where place alone does not."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.association import assign
from courtside.trackers.comparison import DETECTIONS, Contestant, Seen, compare
from courtside.trackers.memory import Gallery, Smoothed
from courtside.trackers.protocol import Scene
from courtside.trackers.registry import create
from courtside.trackers.run import track_boxes

NAMES = ("deepsort", "fairmot", "motion_appearance")
MOVING = ("botsort", *NAMES)
LOOKS = np.eye(3, dtype=np.float32)


def game(places, size=(40.0, 100.0), missing=()):
    """Return boxes and features of players whose places (frames, players, 2) are those of their upper left corners."""
    rows, looks = [], []
    for frame, players in enumerate(places):
        for player, (x, y) in enumerate(players):
            if (frame, player) in missing:
                continue
            rows.append(("game", frame, x, y, x + size[0], y + size[1], "player", 0.9, "test", player))
            looks.append(LOOKS[player])
    names = ["video", "frame", "x1", "y1", "x2", "y2", "label", "score", "source", "track"]
    return boxes_table.check(pl.DataFrame(rows, schema=names, orient="row")), np.array(looks)


def follow(name, truth, looks, parameters=None, cameras=None, frames=None):
    """Return, for each true player, the identities it was given, in the order they came."""
    number = frames or truth["frame"].max() + 1
    given = truth.with_columns(track=pl.lit(None, dtype=pl.Int32))
    found = track_boxes(given, range(number), create(name, parameters or {}), features=looks, cameras=cameras)
    both = found.join(truth.select("frame", "x1", "y1", player="track"), on=["frame", "x1", "y1"])
    return {
        player: rows.sort("frame")["track"].unique(maintain_order=True).to_list()
        for (player,), rows in both.partition_by("player", as_dict=True).items()
    }


def turned_back():
    """Two players run towards each other, meet, and each turns back: by place alone they pass through one another."""
    steps = [*range(10), *range(9, -1, -1)]
    return [[(100.0 + 7 * step, 100.0), (230.0 - 7 * step, 100.0)] for step in steps]


@pytest.mark.parametrize("name", NAMES)
def test_who_meets_and_turns_back_is_known_by_looks(name):
    truth, looks = game(turned_back(), missing={(frame, player) for frame in range(8, 12) for player in (0, 1)})
    by_looks = follow(name, truth, looks, {"maximum_mahalanobis": 1000.0, "overlap_weight": 0.2})
    by_place = follow(name, truth, None, {"maximum_mahalanobis": 1000.0, "overlap_weight": 1.0})
    assert by_looks[0] != by_looks[1]
    assert all(len(identities) == 1 for identities in by_looks.values())
    # Motion alone hands the identities over.
    assert by_place != by_looks
    assert set(by_place[0]) & set(by_place[1]) or any(len(identities) > 1 for identities in by_place.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_long_occlusion_is_bridged_by_looks(name):
    # Twenty frames behind others, then 60 px from where it would be had it gone on: nothing overlaps.
    places = [[(100.0 + 4 * frame if frame < 10 else 280.0 - 4 * (frame - 30), 100.0)] for frame in range(45)]
    truth, looks = game(places, missing={(frame, 0) for frame in range(10, 30)})
    free = {"maximum_mahalanobis": 1e6, "minimum_overlap": 0.3}
    assert len(follow(name, truth, looks, free | {"overlap_weight": 0.0})[0]) == 1
    assert len(follow(name, truth, None, free | {"overlap_weight": 1.0})[0]) == 2


@pytest.mark.parametrize("name", NAMES)
def test_another_player_does_not_take_the_identity_over(name):
    # One leaves, and another one comes where it was.
    truth, _ = game([[(100.0, 100.0)]] * 40, missing={(frame, 0) for frame in range(15, 20)})
    looks = np.where(np.array(truth["frame"].to_list())[:, None] < 15, LOOKS[0], LOOKS[1])
    assert len(follow(name, truth, looks, {"overlap_weight": 0.0})[0]) == 2
    assert len(follow(name, truth, None, {"overlap_weight": 1.0})[0]) == 1


def panned(jump):
    """Two players stand still while the camera jumps to the side every few frames: they do in the picture."""
    offset = np.cumsum([jump if frame % 4 == 3 else 0.0 for frame in range(24)])
    places = [[(400.0 + shift, 100.0), (460.0 + shift, 100.0)] for shift in offset]
    steps = np.diff(offset, prepend=offset[0])
    return places, {frame: np.array([[1.0, 0.0, step], [0.0, 1.0, 0.0]]) for frame, step in enumerate(steps)}


@pytest.mark.parametrize("name", MOVING)
def test_a_pan_is_taken_off(name):
    # A jump of as much as the players stand apart: without the camera each looks like its neighbour.
    places, cameras = panned(-60.0)
    truth, looks = game(places)
    own = {"overlap_weight": 1.0} if name in NAMES else {}
    told = follow(name, truth, looks, own, cameras)
    assert all(len(identities) == 1 for identities in told.values())
    for blind in (follow(name, truth, looks, own), follow(name, truth, looks, own | {"camera": False}, cameras)):
        assert any(len(identities) > 1 for identities in blind.values())


@pytest.mark.parametrize("name", NAMES)
def test_looks_that_are_needed_and_missing_are_a_clear_error(name):
    truth, looks = game([[(100.0, 100.0)]] * 3)
    with pytest.raises(UserError, match=rf"trackers.{name} needs to know how boxes look .*\.overlap_weight: 1"):
        follow(name, truth, None, {"overlap_weight": 0.5})
    # A frame without a box needs none, nor does a label that overlap decides for.
    assert create(name, {"overlap_weight": 0.5}).update(boxes_table.empty()).height == 0
    follow(name, truth, None, {"overlap_weight": 0.5, "labels": {"player": {"overlap_weight": 1.0}}})
    with pytest.raises(ValueError, match="2 features for 1 boxes"):
        create(name, {}).update(truth.filter(frame=0).with_columns(track=None), Scene(looks[:2]))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_look_too_far_away_is_somebody_else(name):
    # From frame 10 the same look is 300 px further on: impossible for who walks, unless the gate is wide open.
    truth, looks = game([[(100.0 if frame < 10 else 400.0, 100.0)] for frame in range(20)])
    own = {"overlap_weight": 0.0} | ({"looks_share": 1.0} if name == "fairmot" else {})
    assert len(follow(name, truth, looks, own)[0]) == 2
    assert len(follow(name, truth, looks, own | {"maximum_mahalanobis": 1e6})[0]) == 1


def test_fairmot_takes_the_nearer_of_two_that_look_alike():
    # Who is followed stands still; somebody with the same look comes up beside it.
    places = [[(100.0, 100.0), (112.0, 100.0)]] * 12
    truth, _ = game(places, missing={(frame, 1) for frame in range(8)})
    looks = np.repeat(LOOKS[:1], truth.height, axis=0)
    first = truth.sort("frame", pl.col("track") * -1)  # the newcomer stands first in the table
    assert len(follow("fairmot", first, looks)[0]) == 1


def test_weak_boxes_are_kept_by_overlap_and_say_nothing_about_looks():
    truth, looks = game([[(100.0, 100.0)]] * 20)
    weak = truth.with_columns(score=pl.when(pl.col("frame") >= 10).then(0.3).otherwise(0.9))
    # Blurred, the player looks like nobody.
    looks[10:] = LOOKS[2]
    found = follow("motion_appearance", weak, looks, {"overlap_weight": 0.0})
    assert len(found[0]) == 1
    given = weak.with_columns(track=pl.lit(None, dtype=pl.Int32))
    for lowest, kept in ((0.1, 19), (0.4, 9)):
        tracker = create("motion_appearance", {"overlap_weight": 0.0, "minimum_confidence": lowest})
        assert track_boxes(given, range(20), tracker, features=looks).height == kept


def test_deepsort_lets_those_choose_first_who_were_seen_lately():
    # One box, and two tracks that look like it: the one unseen for ten frames is nearer and looks more like it.
    near = np.array([[1.0, 0.0, 0.0]], dtype=np.float32)
    rows = [("game", frame, 100.0, 100.0, 140.0, 200.0, "player", 0.9, "test", 0) for frame in range(10)]
    rows += [("game", frame, 112.0, 100.0, 152.0, 200.0, "player", 0.9, "test", 1) for frame in range(20)]
    rows += [("game", 20, 106.0, 100.0, 146.0, 200.0, "player", 0.9, "test", 2)]
    names = ["video", "frame", "x1", "y1", "x2", "y2", "label", "score", "source", "track"]
    truth = boxes_table.check(pl.DataFrame(rows, schema=names, orient="row"))
    lately = np.array([[0.95, np.sqrt(1 - 0.95**2), 0.0]], dtype=np.float32)
    looks = np.vstack([{0: near, 1: lately, 2: near}[track] for track in truth["track"]])
    free = {"maximum_mahalanobis": 1e6}
    found = follow("deepsort", truth, looks, free)
    assert found[2] == found[1]
    # Without a cascade the older track wins by its looks.
    assert follow("motion_appearance", truth, looks, free | {"overlap_weight": 0.0})[2] == found[0]


def test_a_gallery_remembers_so_many_looks():
    gallery = Gallery(3)
    gallery.begin(LOOKS[:1])
    np.testing.assert_allclose(gallery.distances(LOOKS), [[0, 1, 1]])
    gallery.add(np.array([0]), LOOKS[1:2])
    np.testing.assert_allclose(gallery.distances(LOOKS), [[0, 0, 1]])
    for _ in range(2):
        gallery.add(np.array([0]), LOOKS[1:2])
    np.testing.assert_allclose(gallery.distances(LOOKS), [[1, 0, 1]])  # the first is forgotten
    # Places are used again, and the list stays in order.
    gallery.begin(LOOKS[1:])
    gallery.keep(np.array([False, True, True]))
    gallery.begin(LOOKS[:1])
    np.testing.assert_allclose(gallery.distances(LOOKS), [[1, 0, 1], [1, 1, 0], [0, 1, 1]])
    # What points the other way is two apart, whatever places are empty.
    np.testing.assert_allclose(gallery.distances(-LOOKS[:1]), [[1], [1], [2]])


def test_a_smoothed_look_follows_slowly_and_keeps_its_length():
    smoothed = Smoothed(0.9)
    smoothed.begin(LOOKS[:2])
    smoothed.add(np.array([1]), LOOKS[2:])
    length = np.hypot(0.9, 0.1)
    np.testing.assert_allclose(smoothed.distances(LOOKS)[1], [1, 1 - 0.9 / length, 1 - 0.1 / length], rtol=1e-5)
    smoothed.keep(np.array([False, True]))
    assert smoothed.distances(LOOKS).shape == (1, 3)


def test_pairs_cost_the_least_together_and_none_too_much():
    cost = np.array([[0.1, 0.2], [0.15, 0.9]])
    assert [part.tolist() for part in assign(cost, 0.5)] == [[0, 1], [1, 0]]
    assert [part.tolist() for part in assign(np.array([[np.inf, 0.4], [0.3, np.inf]]), 0.35)] == [[1], [0]]
    assert [part.tolist() for part in assign(np.empty((0, 3)), 1.0)] == [[], []]


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    alpha=st.sampled_from([0.0, 0.3, 1.0]),
    spots=st.lists(
        st.tuples(st.integers(0, 15), st.integers(0, 40), st.sampled_from([0.2, 0.45, 0.9]), st.integers(0, 2)),
        max_size=80,
    ),
    shift=st.floats(-30, 30),
)
def test_whatever_comes_identities_are_unique_and_numbers_finite(name, alpha, spots, shift):
    rows = [("game", f, 7.0 * x, 10.0, 7.0 * x + 20, 60.0, "player", score, "test") for f, x, score, _ in sorted(spots)]
    schema = ["video", "frame", "x1", "y1", "x2", "y2", "label", "score", "source"]
    boxes = boxes_table.check(pl.DataFrame(rows, schema=schema, orient="row")) if rows else boxes_table.empty()
    looks = np.array([LOOKS[look] for *_, look in sorted(spots)], dtype=np.float32).reshape(-1, 3)
    cameras = {frame: np.array([[1.02, 0.01, shift], [-0.01, 1.02, 0.0]]) for frame in range(0, 16, 3)}
    tracker = create(name, {"overlap_weight": alpha, "lost_track_buffer": 5})
    found = track_boxes(boxes, range(16), tracker, features=looks, cameras=cameras)
    assert not found.select(pl.struct("frame", "track").is_duplicated().any()).item()
    assert found["track"].null_count() == 0
    again = track_boxes(
        boxes,
        range(16),
        create(name, {"overlap_weight": alpha, "lost_track_buffer": 5}),
        features=looks,
        cameras=cameras,
    )
    assert again.equals(found)


def test_weights_of_overlap_are_compared():
    truth, looks = game(turned_back(), missing={(frame, player) for frame in range(8, 12) for player in (0, 1)})
    given = truth.with_columns(track=pl.lit(None, dtype=pl.Int32))
    seen = {"game": Seen(given, range(20), dict.fromkeys(range(20), 0), 25.0, {"colours": looks})}
    free = {"maximum_mahalanobis": 1000.0}
    tried = [Contestant(f"{alpha}", "deepsort", free | {"overlap_weight": alpha}, "colours") for alpha in (0.2, 1.0)]
    by_looks, by_place = compare(tried, seen, {"game": truth}, ["player"], DETECTIONS)
    assert [by_looks.contestant.name, by_place.contestant.name] == ["0.2", "1.0"]
    assert by_looks.combined["overall"]["IDF1"] > by_place.combined["overall"]["IDF1"] + 0.1
    wrong = [Contestant("sort", "sort", {"overlap_weight": 0.5})]
    with pytest.raises(UserError, match=r"trackers.sort.overlap_weight: no such parameter"):
        compare(wrong, seen, {"game": truth}, ["player"], DETECTIONS)
