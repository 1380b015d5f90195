"""The ball tracker: flights, bounces, crossings, occlusions, false boxes, cuts; and what holds for any input."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.formats.labels import read_labels
from courtside.metrics.tracking import evaluate_tracks
from courtside.trackers.registry import create
from courtside.trackers.run import track_boxes

SHARED = Path(__file__).parents[3] / "shared" / "data"
SIDE = 16.0
BOTH = pytest.mark.parametrize("offline", [False, True], ids=["online", "offline"])


def box(frame, centre, label="ball", score=0.8, *, side=SIDE, height=None):
    x, y = centre
    tall = side if height is None else height
    return {
        "video": "game",
        "frame": frame,
        "x1": x - side / 2,
        "y1": y - tall / 2,
        "x2": x + side / 2,
        "y2": y + tall / 2,
        "label": label,
        "score": score,
        "source": "test",
    }


def table(rows):
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA)) if rows else boxes_table.empty()


def follow(rows, frames, *, shots=None, cameras=None, **parameters):
    return track_boxes(table(rows), range(frames), create("ball", parameters), shots, cameras=cameras)


def throw(frame, start=(100.0, 400.0), velocity=(14.0, -16.0), gravity=0.8):
    """Where a ball is that was thrown: 18 px a frame, more than its own size."""
    return start[0] + velocity[0] * frame, start[1] + velocity[1] * frame + gravity * frame**2 / 2


def centres(tracked):
    corners = boxes_table.corners(tracked).astype(np.float64)
    return (corners[:, :2] + corners[:, 2:]) / 2


def expected(tracked, path=throw):
    return np.array([path(frame) for frame in tracked["frame"].to_list()])


@BOTH
def test_a_throw_keeps_one_identity(offline):
    tracked = follow([box(frame, throw(frame)) for frame in range(30)], 30, offline=offline)
    assert tracked["track"].n_unique() == 1
    assert tracked["frame"].to_list() == list(range(30))


def test_a_gap_in_flight_is_filled_on_the_parabola():
    seen = [frame for frame in range(30) if not 12 <= frame < 18]
    tracked = follow([box(frame, throw(frame)) for frame in seen], 30, jerk=0.05)
    filled = tracked.filter(source="interpolated")
    assert filled["frame"].to_list() == list(range(12, 18))
    assert np.abs(centres(filled) - expected(filled)).max() < SIDE / 4
    assert tracked["track"].n_unique() == 1
    # The farther from what was seen, the less it says.
    assert (filled["score"] < 0.8).all()
    assert filled["score"].to_list() == sorted(filled["score"][:3].to_list(), reverse=True) + sorted(
        filled["score"][3:]
    )


@pytest.mark.parametrize(("limit", "filled"), [(0, 0), (5, 0), (6, 6)])
def test_a_gap_is_filled_up_to_the_limit(limit, filled):
    seen = [frame for frame in range(30) if not 12 <= frame < 18]
    tracked = follow([box(frame, throw(frame)) for frame in seen], 30, fill_gaps_up_to=limit, jerk=0.05)
    assert tracked.filter(source="interpolated").height == filled
    assert tracked.height == len(seen) + filled


def test_a_gap_is_not_filled_where_the_path_is_not_known():
    seen = [frame for frame in range(30) if not 12 <= frame < 18]
    rows = [box(frame, throw(frame)) for frame in seen]
    assert follow(rows, 30, maximum_uncertainty=0.05).filter(source="interpolated").height == 0


@BOTH
def test_a_bounce_is_the_same_ball(offline):
    def falls(frame):
        return 200.0 + 3 * frame, 400.0 - abs(24.0 * (frame - 10)) * (1.0 if frame <= 10 else 0.75)

    # Weak boxes: only where they are expected do they count.
    rows = [box(frame, falls(frame), score=0.8 if frame < 5 else 0.3) for frame in range(20)]
    tracked = follow(rows, 20, offline=offline)
    assert tracked["track"].n_unique() == 1
    assert tracked.height >= 19


@BOTH
def test_two_balls_that_cross_keep_their_identities(offline):
    rows = []
    for frame in range(30):
        rows.append(box(frame, (100.0 + 14 * frame, 200.0 + 3 * frame)))
        rows.append(box(frame, (506.0 - 14 * frame, 200.0 + 3 * (29 - frame) + 6)))
    tracked = follow(rows, 30, offline=offline, maximum_count=2)
    first = {number: tracked.filter(pl.col("x1") == rows[number]["x1"], frame=0)["track"][0] for number in (0, 1)}
    last = {
        number: tracked.filter((pl.col("x1") - rows[58 + number]["x1"]).abs() < 1, frame=29)["track"][0]
        for number in (0, 1)
    }
    assert first == last
    assert first[0] != first[1]
    assert tracked.height >= 58


@BOTH
def test_behind_a_player_and_back(offline):
    rows = [box(frame, (300.0, 300.0), "player", 0.9, side=60, height=140) for frame in range(40)]
    rows += [box(frame, (200.0 + 6 * frame, 320.0)) for frame in range(40) if not 12 <= frame < 26]
    tracked = follow(rows, 40, offline=offline)
    assert tracked["track"].n_unique() == 1
    assert tracked["label"].unique().to_list() == ["ball"]
    assert {0, 11, 27, 39} <= set(tracked["frame"])


@BOTH
def test_a_false_box_far_away_does_not_steal_the_ball(offline):
    rows = [box(frame, throw(frame), score=0.4) for frame in range(30) if frame != 15]
    rows += [box(0, throw(0), score=0.9), box(14, (1200.0, 40.0), score=0.95), box(15, (1200.0, 700.0), score=0.95)]
    rows = [row for number, row in enumerate(rows) if number]
    tracked = follow(rows, 30, offline=offline)
    assert (centres(tracked)[:, 0] < 1000).all()
    assert tracked["track"].n_unique() == 1
    assert tracked.height >= 28


def test_a_run_of_weak_boxes_is_worth_more_than_a_lone_sure_one():
    rows = [box(frame, throw(frame), score=0.45) for frame in range(20)]
    rows += [box(10, (1000.0, 100.0), score=0.9)]
    tracked = follow(rows, 20, sure_score=0.4)
    assert tracked.filter(frame=10)["score"].to_list() == pytest.approx([0.45])
    assert tracked.height == 20


@BOTH
def test_weak_boxes_alone_are_no_ball(offline):
    rows = [box(frame, (300.0, 300.0), score=0.1) for frame in range(20)]
    assert follow(rows, 20, offline=offline, sure_score=0.5, sure_boxes=1).height == 0


@BOTH
def test_a_detector_with_low_scores_has_sure_boxes_too(offline):
    rows = [box(frame, throw(frame), score=0.3) for frame in range(20)]
    # Online the first alone is worth too little to be believed.
    assert follow(rows, 20, offline=offline).height == (20 if offline else 19)
    assert follow(rows, 20, offline=offline, least_sure_score=0.5).height == 0


@BOTH
def test_how_high_scores_are_is_remembered_beyond_a_cut(offline):
    # A box that is sure where nothing better was seen, and is not where it was.
    rows = [box(frame, throw(frame), score=0.3) for frame in range(20, 40)]
    before = [box(frame, (300.0, 300.0), score=0.9) for frame in range(20)]
    shots = [0] * 20 + [1] * 20
    assert follow(rows, 40, offline=offline, shots=shots).height >= 19
    assert follow([*before, *rows], 40, offline=offline, shots=shots).filter(pl.col("frame") >= 20).height == 0


@BOTH
def test_nothing_comes_of_nothing(offline):
    assert follow([], 10, offline=offline).height == 0
    players = [box(frame, (300.0, 300.0), "player") for frame in range(10)]
    assert follow(players, 10, offline=offline).height == 0


@BOTH
def test_a_cut_ends_the_identity_and_none_comes_twice(offline):
    rows = [box(frame, (300.0, 300.0)) for frame in range(20)]
    tracked = follow(rows, 20, offline=offline, shots=[0] * 10 + [1] * 10)
    halves = [set(tracked.filter(pl.col("frame") // 10 == half)["track"]) for half in (0, 1)]
    assert [len(half) for half in halves] == [1, 1]
    assert not halves[0] & halves[1]


@BOTH
@pytest.mark.parametrize("maximum_count", [1, 2])
def test_there_are_no_more_balls_than_there_may_be(offline, maximum_count):
    rows = [box(frame, (100.0 + 200 * ball, 300.0), score=0.9 - ball / 10) for frame in range(20) for ball in range(3)]
    tracked = follow(rows, 20, offline=offline, maximum_count=maximum_count)
    assert tracked.group_by("frame").len()["len"].max() == maximum_count
    assert tracked["track"].n_unique() == maximum_count


@BOTH
def test_a_camera_that_swings_is_not_a_ball_that_flies(offline):
    # The ball lies still and is not seen for a while; meanwhile the picture moves on by 300 px.
    swing = np.array([[1.0, 0.0, 30.0], [0.0, 1.0, 0.0]])
    rows = [box(frame, (100.0 + 30 * frame, 300.0)) for frame in range(30) if not 10 <= frame < 20]
    cameras = dict.fromkeys(range(1, 30), swing)
    tracked = follow(rows, 30, offline=offline, cameras=cameras, fill_gaps_up_to=10, maximum_uncertainty=1.0, jerk=0.02)
    assert tracked["track"].n_unique() == 1
    path = expected(tracked, lambda frame: (100.0 + 30 * frame, 300.0))
    assert np.abs(centres(tracked) - path).max() < 1.0
    if offline:
        assert tracked.height == 30


def test_labels_that_are_followed_each_have_their_balls():
    rows = [box(frame, throw(frame), label) for frame in range(10) for label in ("ball", "puck", "player")]
    tracked = follow(rows, 10, labels_followed=["ball", "puck"])
    assert sorted(tracked["label"].unique()) == ["ball", "puck"]
    assert tracked.group_by("track").agg(pl.col("label").n_unique())["label"].to_list() == [1, 1]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"maximum_count": 0}, r"trackers.ball.maximum_count: 0 is outside 1–100"),
        ({"labels_followed": "ball"}, r"trackers.ball.labels_followed must be a list of labels"),
        ({"labels_followed": []}, r"trackers.ball.labels_followed must be a list of labels"),
        ({"offline": 1}, r"trackers.ball.offline: 1 must be of the kind of its default, True"),
        ({"labels": {"ball": {"gate": -1}}}, r"trackers.ball.labels.ball.gate: -1 is outside"),
        ({"speed": 3}, r"trackers.ball.speed: no such parameter"),
    ],
)
def test_mistakes_of_the_user(parameters, message):
    with pytest.raises(UserError, match=message):
        create("ball", parameters)


def test_a_frame_at_a_time():
    with pytest.raises(ValueError, match="one frame at a time"):
        create("ball").update(table([box(0, (50.0, 50.0)), box(1, (50.0, 50.0))]))


def scattered(seed, frames=25):
    """Boxes of a throw, some missing, among false ones."""
    random = np.random.default_rng(seed)
    rows = []
    for frame in range(frames):
        if random.random() < 0.7:
            rows.append(box(frame, throw(frame) + random.normal(0, 1, 2), score=random.uniform(0.1, 0.95)))
        for _ in range(random.poisson(0.7)):
            rows.append(box(frame, random.uniform(0, 700, 2), score=random.uniform(0.05, 0.7)))
    return rows


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), end=st.integers(1, 25), count=st.integers(1, 2))
def test_online_knows_nothing_of_what_comes(seed, end, count):
    rows = scattered(seed)
    whole = follow(rows, 25, offline=False, maximum_count=count)
    part = follow([row for row in rows if row["frame"] < end], end, offline=False, maximum_count=count)
    assert whole.filter(pl.col("frame") < end).equals(part)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 2), offline=st.booleans())
def test_what_holds_for_any_boxes(seed, count, offline):
    rows = scattered(seed)
    tracked = follow(rows, 25, offline=offline, maximum_count=count, maximum_uncertainty=1.0)
    seen = tracked.filter(pl.col("source") != "interpolated").drop("track")
    given_ = table(rows).drop("track")
    assert seen.join(given_, on=given_.columns, how="semi", nulls_equal=True).height == seen.height
    assert not tracked.select(pl.struct("frame", "track").is_duplicated().any()).item()
    assert tracked.height == 0 or tracked.group_by("frame").len()["len"].max() <= count
    assert tracked["track"].null_count() == 0


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([0.5, 2.0, 4.0]), shift=st.floats(-500, 500))
def test_the_size_and_place_of_the_picture_do_not_matter(seed, scale, shift):
    rows = scattered(seed)
    larger = [
        row | {name: row[name] * scale + (shift if name in ("x1", "x2") else 0) for name in boxes_table.CORNERS}
        for row in rows
    ]
    plain, other = (follow(each, 25, fill_gaps_up_to=0) for each in (rows, larger))
    assert plain.select("frame", "score", "track").equals(other.select("frame", "score", "track"))


@BOTH
@pytest.mark.parametrize(
    ("clip", "balls", "frames"),
    [("outdoor_court_720p", 2, 270), ("outdoor_practice_656x712", 1, 338), ("outdoor_practice_1060x564", 1, 307)],
)
def test_real_balls_keep_their_identities(offline, clip, balls, frames):
    """Two balls that pass one another, out of the picture for 48 frames, behind a man for 19: all on real clips."""
    path = SHARED / "video_truth" / clip / "gt.txt"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    truth = read_labels(path, clip, {1: "ball"}, None, None, 0.0, frames).boxes.filter(pl.col("visibility") >= 0.3)
    seen = truth.with_columns(pl.lit(None, dtype=pl.Int32).alias("track"))
    tracked = track_boxes(seen, range(frames), create("ball", {"offline": offline, "maximum_count": balls}))
    scores = evaluate_tracks(truth, tracked, ["ball"], frames)["ball"]
    assert scores["IDF1"] > 0.98  # offline fills a gap of three frames in which the ball is behind somebody
    assert scores["switches"] == 0


@pytest.mark.parametrize("name", ["nearest_to_mean", "surest_in_radius", "highest_score"])
class TestRulesOfThumb:
    def test_one_box_a_frame_and_one_identity_a_shot(self, name):
        rows = [
            box(frame, place, score=score) for frame in range(6) for place, score in (((50, 50), 0.5), ((99, 50), 0.9))
        ]
        tracked = track_boxes(table(rows), range(6), create(name), [0, 0, 0, 1, 1, 1])
        assert tracked["frame"].to_list() == list(range(6))
        assert tracked["track"].to_list() == [1, 1, 1, 2, 2, 2]

    def test_weak_boxes_are_no_candidates(self, name):
        rows = [box(frame, (50, 50), score=0.1) for frame in range(3)]
        assert track_boxes(table(rows), range(3), create(name)).height == 0

    def test_what_each_chooses(self, name):
        rows = [box(0, (50, 50), score=0.9), box(1, (70, 50), score=0.5), box(1, (90, 50), score=0.7)]
        rows += [box(2, (900, 50), score=0.95)]
        tracked = track_boxes(table(rows), range(3), create(name))
        assert (
            centres(tracked)[:, 0].tolist()
            == {
                "nearest_to_mean": [50, 70, 900],
                "surest_in_radius": [50, 90],
                "highest_score": [50, 90, 900],
            }[name]
        )

    def test_a_value_out_of_range(self, name):
        with pytest.raises(UserError, match=rf"trackers.{name}.minimum_score: 2 is outside 0–1"):
            create(name, {"minimum_score": 2})
