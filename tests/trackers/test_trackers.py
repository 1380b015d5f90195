"""Trackers: identities, labels apart, resets, parameters; and real balls."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.metrics.tracking import evaluate_tracks
from courtside.trackers.registry import TRACKERS, create
from courtside.trackers.run import track_boxes

SHARED = Path(__file__).parents[3] / "shared" / "data"
# Those that follow one label as the other, by overlap and the like; what they can be told differs little.
OVERLAPPING = ("bytetrack", "sort", "ocsort", "botsort", "deepsort", "fairmot", "motion_appearance")
# What follows balls alone has tests of its own; the property test below is of all trackers.
NAMES = (*OVERLAPPING, "courtside", "game")
# A ball may be joined to a box that it does not overlap, down to about twice its size away.
FAR = {"overlap": "diou", "minimum_overlap": -0.7}
FAR_OF = dict.fromkeys(OVERLAPPING, FAR) | {"botsort": {**FAR, "minimum_new_overlap": -0.7}}


def box(frame, x, label="player", score=0.9, *, y=100.0, size=20.0, video="game"):
    return {
        "video": video,
        "frame": frame,
        "x1": x,
        "y1": y,
        "x2": x + size,
        "y2": y + size,
        "label": label,
        "score": score,
        "source": "test",
    }


def table(*rows):
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA)) if rows else boxes_table.empty()


def read_truth(path, label="ball"):
    rows = np.loadtxt(path, delimiter=",", ndmin=2)
    return table(
        *(
            box(int(row[0]) - 1, row[2], label, 1.0, y=row[3]) | {"x2": row[2] + row[4], "y2": row[3] + row[5]}
            for row in rows
        )
    ).with_columns(pl.Series("track", rows[np.argsort(rows[:, 0], kind="stable"), 1], dtype=pl.Int32))


def follow(boxes, frames, tracker, shots=None):
    """Track boxes that all look the same, so that only where they are tells them apart."""
    return track_boxes(boxes, frames, tracker, shots, features=np.ones((boxes.height, 1), dtype=np.float32))


def identities(tracked, label):
    return tracked.filter(pl.col("label") == label)["track"].unique().sort().to_list()


@pytest.mark.parametrize("name", NAMES)
def test_a_player_keeps_one_identity(name):
    boxes = table(*(box(frame, 10.0 + 3 * frame) for frame in range(20)))
    tracked = follow(boxes, range(20), create(name, {}))
    assert len(identities(tracked, "player")) == 1
    assert tracked.height >= 17
    # What comes back is what went in, with an identity.
    assert tracked.drop("track").join(boxes.drop("track"), on=boxes.drop("track").columns, nulls_equal=True).height == (
        tracked.height
    )


@pytest.mark.parametrize("name", NAMES)
def test_two_players_keep_theirs_and_order_stays(name):
    rows = [box(frame, x, score=score) for frame in range(12) for x, score in ((300.0, 0.8), (100.0, 0.95))]
    tracked = follow(table(*rows), range(12), create(name, {}))
    last = tracked.filter(pl.col("frame") == 11)
    assert last["x1"].to_list() == [300.0, 100.0]
    assert last["track"].n_unique() == tracked["track"].n_unique() == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_ball_never_becomes_a_player(name):
    # The ball lies where the player was a frame before; one tracker for both would hand the identity over.
    rows = [box(frame, 50.0 * (frame % 2), "ball" if frame % 2 else "player") for frame in range(20)]
    rows += [box(frame, 50.0 * ((frame + 1) % 2), "ball" if frame % 2 == 0 else "player") for frame in range(20)]
    rows = [row | {"x1": 0.0, "x2": 20.0} for row in rows]
    tracked = follow(table(*rows), range(20), create(name, {}))
    assert not set(identities(tracked, "ball")) & set(identities(tracked, "player"))
    assert tracked.group_by("track").agg(pl.col("label").n_unique())["label"].to_list() == [1, 1]


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_ends_every_identity_and_none_comes_twice(name):
    boxes = table(*(box(frame, 100.0) for frame in range(20)))
    for shots in ([0] * 10 + [1] * 10, dict(enumerate([4] * 10 + [2] * 10))):
        tracked = follow(boxes, range(20), create(name, {}), shots)
        first, second = (identities(tracked.filter(pl.col("frame") // 10 == half), "player") for half in (0, 1))
        assert len(first) == len(second) == 1
        assert first != second


@pytest.mark.parametrize("name", OVERLAPPING)
def test_identities_go_on_after_a_short_occlusion(name):
    seen = [frame for frame in range(30) if not 12 <= frame < 17]
    tracked = follow(table(*(box(frame, 100.0) for frame in seen)), range(30), create(name, {}))
    assert len(identities(tracked, "player")) == 1
    short = create(name, {"lost_track_buffer": 2})
    assert len(identities(follow(table(*(box(frame, 100.0) for frame in seen)), range(30), short), "player")) == 2


def test_bytetrack_keeps_weak_boxes_of_a_known_player_and_starts_none():
    rows = [box(frame, 100.0, score=0.9 if frame < 10 else 0.3) for frame in range(20)]
    rows += [box(frame, 400.0, score=0.3) for frame in range(20)]
    tracked = follow(table(*rows), range(20), create("bytetrack", {"track_activation_threshold": 0.5}))
    assert tracked["x1"].unique().to_list() == [100.0]
    assert tracked.filter(pl.col("score") < 0.5).height == 10


@pytest.mark.parametrize("name", OVERLAPPING)
def test_only_the_ball_may_jump(name):
    # 30 px a frame at a size of 20 px: no overlap from frame to frame, for the ball as for the player.
    rows = [box(frame, 30.0 * frame, label) for frame in range(20) for label in ("ball", "player")]
    tracked = follow(table(*rows), range(20), create(name, {"labels": {"ball": FAR_OF[name]}}))
    assert len(identities(tracked, "ball")) == 1
    assert identities(tracked, "player") == []


@pytest.mark.parametrize("name", sorted(TRACKERS))
def test_frames_without_boxes(name):
    tracker = create(name, {})
    assert tracker.update(boxes_table.empty()).height == 0
    assert follow(boxes_table.empty(), range(5), tracker).height == 0
    assert tracker.name == name


def test_mistakes_of_the_caller():
    tracker = create("sort", {})
    with pytest.raises(ValueError, match="one frame at a time"):
        tracker.update(table(box(0, 0), box(1, 0)))
    with pytest.raises(ValueError, match="one video at a time"):
        track_boxes(table(box(0, 0), box(0, 0, video="other")), range(1), tracker)
    with pytest.raises(ValueError, match="ascend"):
        track_boxes(table(box(0, 0)), [1, 0], tracker)
    with pytest.raises(ValueError, match="frame 1 has no shot"):
        track_boxes(table(box(0, 0)), range(2), tracker, {0: 0})


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("strongsort", {}, r"tracker 'strongsort' is unknown; there are: .*bytetrack, sort, "),
        ("ocsort", {"direction_frames": 0}, r"direction_frames: 0 is outside 1–1000"),
        ("botsort", {"minimum_new_overlap": 2.0}, r"minimum_new_overlap: 2 is outside -1–1"),
        ("deepsort", {"overlap_weight": 1.5}, r"trackers.deepsort.overlap_weight: 1.5 is outside 0–1"),
        ("deepsort", {"gallery_size": 0}, r"trackers.deepsort.gallery_size: 0 is outside"),
        ("deepsort", {"labels": {"ball": {"maximum_mahalanobis": -1.0}}}, r"maximum_mahalanobis: -1 is outside"),
        ("fairmot", {"feature_momentum": 2}, r"trackers.fairmot.feature_momentum: 2 is outside 0–1"),
        ("motion_appearance", {"maximum_feature_distance": 3}, r"maximum_feature_distance: 3 is outside 0–2"),
        ("sort", {"minimum_iou": 0.3}, r"trackers.sort.minimum_iou: no such parameter; allowed: frames_per_second, .*"),
        ("sort", {"minimum_overlap": 2}, r"trackers.sort.minimum_overlap: 2 is outside -1–1"),
        ("sort", {"minimum_overlap": "much"}, r"'much' must be of the kind of its default, 0.3"),
        ("sort", {"lost_track_buffer": 2.5}, r"2.5 must be of the kind of its default, 30"),
        ("sort", {"lost_track_buffer": True}, r"True must be of the kind"),
        ("sort", {"labels": 3}, r"trackers.sort.labels must map labels to parameters"),
        ("sort", {"labels": {"ball": 3}}, r"trackers.sort.labels must map labels to parameters"),
        ("sort", {"labels": {"ball": {"iou": 3}}}, r"trackers.sort.labels.ball.iou: no such parameter"),
        ("sort", {"labels": {"ball": {"labels": {}}}}, r"trackers.sort.labels.ball.labels: no such parameter"),
        ("bytetrack", {"overlap": "area"}, r"'area' is none of iou, biou, giou, diou, ciou"),
        ("bytetrack", {"high_confidence_threshold": 1.5}, r"high_confidence_threshold: 1.5 is outside 0–1"),
        ("bytetrack", {"frames_per_second": 0}, r"frames_per_second: 0 is outside"),
    ],
)
def test_mistakes_of_the_user(name, parameters, message):
    with pytest.raises(UserError, match=message):
        create(name, parameters)


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(sorted(TRACKERS)),
    spots=st.lists(
        st.tuples(
            st.integers(0, 12),
            st.integers(0, 60),
            st.sampled_from(["ball", "player"]),
            st.sampled_from([0.2, 0.65, 0.9]),
        ),
        max_size=60,
    ),
)
def test_a_tracker_only_chooses_and_numbers(name, spots):
    boxes = table(*(box(frame, 5.0 * place, label, score) for frame, place, label, score in spots))
    tracked = follow(boxes, range(13), create(name, {}), [frame // 6 for frame in range(13)])
    key = ["frame", "x1", "label", "score"]
    seen = tracked.filter(pl.col("source") != "interpolated")  # an offline tracker may fill gaps
    counted = [rows.group_by(key).len() for rows in (seen, boxes)]
    more = counted[0].join(counted[1], on=key, how="left").filter(pl.col("len") > pl.col("len_right").fill_null(0))
    assert more.height == 0
    assert tracked["track"].null_count() == 0
    assert not tracked.select(pl.struct("frame", "track").is_duplicated().any()).item()
    assert (tracked.group_by("track").agg(pl.col("label").n_unique())["label"] == 1).all()
    assert (tracked.group_by("track").agg((pl.col("frame") // 6).n_unique())["frame"] == 1).all()


@pytest.mark.parametrize("name", ["bytetrack", "sort"])
@pytest.mark.parametrize("clip", ["outdoor_court_720p", "outdoor_practice_656x712", "outdoor_shot_540p"])
def test_a_real_ball_is_held_better_with_parameters_of_its_own(name, clip):
    path = SHARED / "video_truth" / clip / "gt.txt"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    truth = read_truth(path)
    frames = truth["frame"].max() + 1
    plain, own = (
        evaluate_tracks(truth, follow(truth, range(frames), create(name, given)), ["ball"], frames)["ball"]
        for given in ({}, {"labels": {"ball": FAR_OF[name]}})
    )
    # OC-SORT also looks where a lost object was seen last, and so loses fewer balls by plain overlap.
    assert own["IDF1"] > plain["IDF1"] + (0.05 if name == "ocsort" else 0.2)
    assert own["switches"] < max(plain["switches"], 1)
    assert own["MOTA"] > 0.96
