"""Pixels and truth of drawn games agree with one another."""

import dataclasses
import hashlib
import itertools

import cv2
import numpy as np
import pytest

from courtside.sample.drawing import BALL_TRACK, Broadcast, draw_frames
from courtside.sample.looks import named_looks, random_look
from courtside.sample.script import DEFECTS, KINDS
from courtside.sample.settings import GameSettings
from courtside.sample.simulation import PLAYERS, simulate

SMALL = {"width": 640, "height": 360}


def settings(seconds=18.0, seed=7, look="harbor", **more):
    return GameSettings(look, seed, seconds, named_looks()[look], label_every=10, sort_every=5, **more)


@pytest.fixture(scope="module")
def broadcast():
    return Broadcast(settings(**SMALL))


@pytest.fixture(scope="module")
def frames(broadcast):
    return {index: broadcast.render(index) for index in range(0, len(broadcast), 9)}


@pytest.fixture(scope="module")
def sharp():
    """A game at the size that the published thresholds are meant for."""
    return Broadcast(settings())


def digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()


def ball(frame):
    return next((box for box in frame.boxes if box.label == "ball"), None)


def test_the_same_settings_give_the_same_pixels_and_truth(frames):
    again = Broadcast(settings(**SMALL))
    for index in (0, 90, 198):
        frame = again.render(index)
        assert digest(frame.image) == digest(frames[index].image)
        assert frame.boxes == frames[index].boxes


def test_another_seed_gives_another_game(frames):
    assert digest(Broadcast(settings(seed=8, **SMALL)).render(0).image) != digest(frames[0].image)


def test_a_stride_leaves_out_frames_and_changes_none():
    game = settings(seconds=2.0, **SMALL)
    every = list(draw_frames(game))
    third = list(draw_frames(game, stride=3, start=1))
    assert [frame.index for frame in every] == list(range(50))
    assert [frame.index for frame in third] == list(range(1, 50, 3))
    for frame in third:
        assert digest(frame.image) == digest(every[frame.index].image)
        assert frame.boxes == every[frame.index].boxes


@pytest.mark.parametrize(("stride", "start"), [(0, 0), (1, -1)])
def test_a_stride_that_makes_no_sense_is_refused(stride, start):
    with pytest.raises(ValueError, match="stride"):
        next(draw_frames(settings(seconds=1.0, **SMALL), stride=stride, start=start))


def test_pictures_have_the_promised_form(frames):
    for frame in frames.values():
        assert frame.image.shape == (360, 640, 3)
        assert frame.image.dtype == np.uint8


def test_boxes_lie_within_the_picture(frames):
    boxes = [box for frame in frames.values() for box in frame.boxes]
    assert len(boxes) > 200
    for box in boxes:
        assert 0 <= box.x1 < box.x2 <= 640
        assert 0 <= box.y1 < box.y2 <= 360
        assert 0 <= box.visibility <= 1


def test_an_identity_keeps_its_label_and_stands_once_a_frame(frames):
    labels = {}
    for frame in frames.values():
        identities = [box.identity for box in frame.boxes]
        assert len(identities) == len(set(identities))
        for box in frame.boxes:
            assert labels.setdefault(box.identity, box.label) == box.label
    assert labels[BALL_TRACK] == "ball"
    counts = {label: sum(value == label for value in labels.values()) for label in ("ball", "player", "referee")}
    assert counts == {"ball": 1, "player": PLAYERS, "referee": 3}


def test_a_play_shot_shows_most_players_and_the_ball(frames):
    play = [frame for frame in frames.values() if frame.shot_kind == "play" and frame.defect == "none"]
    assert np.mean([sum(box.label == "player" for box in frame.boxes) for frame in play]) > 7
    seen = [(box := ball(frame)) is not None and box.visibility >= 0.3 for frame in play]
    assert 0.7 < np.mean(seen) <= 1


def test_close_ups_and_crowds_show_no_ball(frames):
    without = [frame for frame in frames.values() if frame.shot_kind in ("close_up", "crowd")]
    assert without
    assert all(ball(frame) is None for frame in without)


def test_only_the_ball_s_box_changes_when_the_ball_is_taken_away(monkeypatch, broadcast):
    play = [i for i in range(5, 60, 7) if (box := ball(broadcast.render(i))) is not None and box.visibility > 0.9]
    play = [i for i in play if broadcast.script.effects[i].defect == "none"]
    assert play
    for index in play:
        whole = broadcast.render(index)
        with monkeypatch.context() as patch:
            patch.setattr("courtside.sample.drawing.paint_ball", lambda *_: None)
            bare = broadcast.render(index)
        changed = np.argwhere((whole.image != bare.image).any(axis=2))
        box = ball(whole)
        low, high = changed.min(axis=0), changed.max(axis=0) + 1
        # The shadow stays on both. Anti-aliasing reaches into the next pixel, a streak fades at its ends.
        assert abs(low[1] - box.x1) <= 2 and abs(high[1] - box.x2) <= 2
        assert abs(low[0] - box.y1) <= 2 and abs(high[0] - box.y2) <= 2
        assert ball(bare) is None


def test_a_covered_ball_is_less_visible(monkeypatch, broadcast):
    index = next(i for i in range(5, 90) if (box := ball(broadcast.render(i))) is not None and box.visibility > 0.95)
    free = ball(broadcast.render(index))

    def cover(canvas, *_):
        middle = round((free.x1 + free.x2) / 2)
        canvas.owner[:, :middle] = 255

    monkeypatch.setattr("courtside.sample.drawing.paint_scoreboard", cover)
    covered = ball(broadcast.render(index))
    assert covered.visibility == pytest.approx(free.visibility / 2, abs=0.12)
    assert (covered.x1, covered.x2) == (free.x1, free.x2)


def test_frozen_frames_repeat_the_frame_before_exactly(broadcast):
    frozen = [i for i, effect in enumerate(broadcast.script.effects) if effect.defect == "duplicate"]
    assert frozen
    for index in frozen[:6]:
        before, after = broadcast.render(index - 1), broadcast.render(index)
        assert np.array_equal(before.image, after.image)
        assert before.boxes == after.boxes


def test_moving_frames_differ(broadcast):
    kinds = [broadcast.script.shots[shot].kind for shot in broadcast.script.shot_of]
    defects = [effect.defect for effect in broadcast.script.effects]
    moving = [
        i
        for i in range(1, len(broadcast), 31)
        if kinds[i] == kinds[i - 1] == "play" and defects[i] == defects[i - 1] == "none"
    ]
    assert moving
    for index in moving:
        difference = cv2.absdiff(broadcast.render(index).image, broadcast.render(index - 1).image)
        assert difference.mean() > 3


@pytest.mark.parametrize(
    ("defect", "wrong"),
    [
        ("blur", lambda luma: cv2.Laplacian(luma, cv2.CV_64F).var() >= 150),
        ("dark", lambda luma: luma.mean() >= 20),
        ("bright", lambda luma: luma.mean() <= 230),
        ("empty", lambda luma: luma.var() >= 50 or not 20 <= luma.mean() <= 230),
        ("none", lambda luma: cv2.Laplacian(luma, cv2.CV_64F).var() < 150 or not 20 <= luma.mean() <= 230),
    ],
)
def test_the_defects_can_be_measured(sharp, defect, wrong):
    chosen = [i for i, effect in enumerate(sharp.script.effects) if effect.defect == defect]
    assert chosen
    for index in chosen[:: max(1, len(chosen) // 12)]:
        luma = cv2.cvtColor(sharp.render(index).image, cv2.COLOR_BGR2GRAY)
        assert not wrong(luma), (index, sharp.render(index).shot_kind)


def test_the_script_covers_every_frame_once(broadcast):
    shots = broadcast.script.shots
    assert shots[0].start == 0
    assert all(a.start + a.length == b.start for a, b in itertools.pairwise(shots))
    assert shots[-1].start + shots[-1].length == len(broadcast) == len(broadcast.script.effects)
    assert {shot.kind for shot in shots} == set(KINDS)
    assert {effect.defect for effect in broadcast.script.effects} == set(DEFECTS)
    for effect, shot in zip(broadcast.script.effects, broadcast.script.shot_of, strict=True):
        assert shots[shot].start <= effect.source < shots[shot].start + shots[shot].length


@pytest.mark.parametrize("seed", range(4))
def test_speeds_are_plausible(seed):
    play = simulate(np.random.default_rng(seed), 500, 0.12)
    steps = np.linalg.norm(np.diff(play.position, axis=0), axis=2) / 0.04
    assert steps.max() < 10
    assert play.speed[:, :PLAYERS].mean() > 0.8
    pace = np.linalg.norm(np.diff(play.ball, axis=0), axis=1) / 0.04
    assert pace.max() < 25
    assert np.median(pace) > 1
    assert play.ball[:, 2].min() > 0.08
    assert play.ball[:, 2].max() > 3.0


def test_ten_people_do_not_stand_in_one_place():
    play = simulate(np.random.default_rng(2), 500, 0.12)
    gaps = np.linalg.norm(play.position[:, :PLAYERS, None] - play.position[:, None, :PLAYERS], axis=3)
    gaps[:, np.arange(PLAYERS), np.arange(PLAYERS)] = 9
    assert np.median(gaps.min(axis=(1, 2))) > 0.35


def test_the_ball_is_as_large_as_in_a_broadcast(sharp):
    sizes = [
        min(box.x2 - box.x1, box.y2 - box.y1)
        for index in range(0, 60, 10)
        if sharp.script.effects[index].defect == "none" and (box := ball(sharp.render(index))) is not None
    ]
    assert min(sizes) >= 8 and max(sizes) <= 30


def test_the_named_games_differ_in_everything_that_matters():
    looks = named_looks()
    assert len(looks) == 6
    for first, second in itertools.combinations(looks.values(), 2):
        for field in ("wood", "paint", "crowd", "kits", "ball", "camera_offset_m", "camera_height_m", "light"):
            assert getattr(first, field) != getattr(second, field), (first.court_name, second.court_name, field)


def test_looks_by_lot_are_different_and_repeatable():
    looks = [random_look(seed) for seed in range(30)]
    assert len({look.wood for look in looks}) == 30
    assert looks[3] == random_look(3)
    assert all(dataclasses.astuple(look) for look in looks)
    frame = next(draw_frames(GameSettings("lot", 3, 1.0, looks[3], 10, 5, **SMALL)))
    assert frame.image.std() > 20
