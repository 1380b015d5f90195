"""Rendered videos: what is drawn, where, and that it plays."""

from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.render import color_of, draw_tracks, render_video
from courtside.trackers.trails import Trails
from courtside.video.reader import read_frames
from courtside.video.source import probe
from courtside.video.writer import VideoWriter


def box(frame, x, track, label="ball", *, y=60.0, size=30.0):
    return {
        "video": "game",
        "frame": frame,
        "x1": x,
        "y1": y,
        "x2": x + size,
        "y2": y + size,
        "label": label,
        "score": 0.9,
        "source": "test",
        "track": track,
    }


def table(*rows):
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA)) if rows else boxes_table.empty()


def has_color(image, color, tolerance=12):
    return (np.abs(image.astype(int) - color).max(axis=2) <= tolerance).sum()


def test_the_box_is_drawn_where_it_is_and_the_input_left_alone():
    image = np.full((200, 300, 3), 90, dtype=np.uint8)
    drawn = draw_tracks(image, table(box(0, 100.0, 7)), {})
    assert (image == 90).all()
    edge = drawn[75, 96:105]
    assert has_color(edge[None], color_of("ball", 7)) >= 1
    assert (drawn[70:80, 112:120] == 90).all()  # inside the box nothing is covered
    assert (drawn[150:] == 90).all()


def test_a_small_ball_is_not_covered():
    image = np.full((200, 300, 3), 90, dtype=np.uint8)
    drawn = draw_tracks(image, table(box(0, 100.0, 1, size=8.0)), {})
    assert (drawn[60:68, 100:108] == 90).all()
    assert (drawn[64] != 90).any()


@pytest.mark.parametrize(("x", "y"), [(-10.0, -10.0), (285.0, 185.0), (-500.0, 20.0), (0.0, 0.0)])
def test_boxes_over_the_edge_do_no_harm(x, y):
    image = np.zeros((200, 300, 3), dtype=np.uint8)
    assert draw_tracks(image, table(box(0, x, 1, "player", y=y)), {}).shape == image.shape


def test_colors_tell_identities_apart_and_leave_the_ball_its_own():
    assert color_of("ball", 1) == color_of("ball", 2)
    colors = [color_of("player", track) for track in range(1, 13)]
    apart = min(np.abs(np.subtract(one, other)).sum() for at, one in enumerate(colors) for other in colors[at + 1 :])
    assert apart > 40
    assert color_of("player", None) not in colors


def test_trails_keep_the_last_frames():
    trails = Trails(3)
    for frame in range(6):
        trails.advance(
            frame, table(box(frame, 10.0 * frame, 1), box(frame, 0.0, 2, "player")) if frame < 5 else table()
        )
    # Centre of the ball; feet of the player; frames 3 and 4 are within three of frame 5.
    assert trails[1].tolist() == [[3, 45.0, 75.0], [4, 55.0, 75.0]]
    assert trails[2][0].tolist() == [3, 15.0, 90.0]
    for frame in range(6, 9):
        trails.advance(frame, table())
    assert len(trails) == 0


def test_trails_are_not_drawn_across_a_long_gap():
    image = np.zeros((100, 300, 3), dtype=np.uint8)
    near = np.array([[0, 10.0, 50.0], [1, 60.0, 50.0]])
    far = np.array([[0, 110.0, 50.0], [30, 160.0, 50.0]])
    drawn = draw_tracks(image, table(), {1: near, 2: far})
    assert drawn[50, 30].any()
    assert not drawn[:, 100:].any()


def test_render_writes_a_video_of_the_same_frames(tmp_path):
    source, target = tmp_path / "game.mp4", tmp_path / "tracks.mp4"
    with VideoWriter(source, 160, 120, Fraction(30000, 1001)) as writer:
        for _ in range(12):
            writer.write(np.full((120, 160, 3), 60, dtype=np.uint8))
    boxes = table(*(box(frame, 10.0 * frame, 1) for frame in range(10)))
    seen = []
    render_video(source, boxes, target, report=lambda done, total: seen.append((done, total)))
    info = probe(target)
    assert (info.width, info.height, info.frames, info.codec) == (160, 120, 12, "h264")
    assert info.frames_per_second == Fraction(30000, 1001)
    assert seen == [(done, 12) for done in range(1, 13)]
    frames = [frame.image for frame in read_frames(target)]
    assert has_color(frames[5], color_of("ball", 1), 60) > 40
    # Orange moves to the right with the ball.
    middles = [np.flatnonzero((frames[at][60:90].astype(int)[..., 2] > 150).any(axis=0)).mean() for at in (2, 8)]
    assert middles[1] > middles[0] + 20


def test_render_of_a_part(tmp_path):
    source, target = tmp_path / "game.mp4", tmp_path / "tracks.mp4"
    with VideoWriter(source, 64, 48, 25) as writer:
        for _ in range(10):
            writer.write(np.zeros((48, 64, 3), dtype=np.uint8))
    render_video(source, table(), target, start=4, stop=9)
    assert probe(target).frames == 5


def test_a_missing_video_is_told_and_leaves_nothing(tmp_path):
    with pytest.raises(UserError):
        render_video(tmp_path / "none.mp4", table(), tmp_path / "tracks.mp4")
    assert list(tmp_path.iterdir()) == []


def test_the_ball_is_seen_where_its_path_ends_and_the_path_keeps_its_colour():
    image = np.full((200, 300, 3), 90, dtype=np.uint8)
    trails = Trails(25)
    for frame in range(5):
        trails.advance(frame, table(box(frame, 20.0 * frame, 1)))
    drawn = draw_tracks(image, table(box(4, 80.0, 1)), trails)
    assert (drawn[64:86, 84:106] == 90).all()
    assert has_color(drawn[75:76, 30:70], color_of("ball", 1)) > 30
    trails.advance(5, table())
    assert has_color(draw_tracks(image, table(), trails), color_of("ball", 1)) > 60


def test_the_path_of_somebody_who_left_goes_soon():
    trails = Trails(25)
    trails.advance(0, table(box(0, 10.0, 1), box(0, 50.0, 2, "player")))
    for frame in range(1, 6):
        trails.advance(frame, table())
    assert list(trails) == [1]


def test_a_video_of_any_size_and_rate_is_made_720p_at_25(tmp_path):
    source, target = tmp_path / "phone.mp4", tmp_path / "tracks.mp4"
    with VideoWriter(source, 120, 160, Fraction(30000, 1001)) as writer:
        for _ in range(60):
            writer.write(np.full((160, 120, 3), 60, dtype=np.uint8))
    boxes = table(*(box(frame, 40.0, 1) for frame in range(60)))
    render_video(source, boxes, target, size=(1280, 720), rate=25, start=0)
    info = probe(target)
    # 60 frames at 29.97 a second last 2.002 s.
    assert (info.width, info.height, info.frames, info.frames_per_second) == (1280, 720, 50, 25)
    image = next(iter(read_frames(target))).image
    assert image[:, :360].max() < 10
    assert image[:, -360:].max() < 10
    # The ball lies at 40 + 30 of 120 pixels, drawn 4.5 times as large and 370 to the right.
    columns = np.flatnonzero((image[..., 2].astype(int) - image[..., 0] > 80).any(axis=0))
    assert columns.min() == pytest.approx(370 + 40 * 4.5, abs=4)


def test_side_by_side_shows_input_and_output(tmp_path):
    source, target = tmp_path / "game.mp4", tmp_path / "tracks.mp4"
    with VideoWriter(source, 160, 120, 25) as writer:
        for _ in range(4):
            writer.write(np.full((120, 160, 3), 60, dtype=np.uint8))
    render_video(source, table(*(box(frame, 50.0, 1) for frame in range(4))), target, beside=True)
    image = [frame.image for frame in read_frames(target)][2]
    assert image.shape == (120, 320, 3)
    assert has_color(image[:, :150], color_of("ball", 1), 60) == 0
    assert has_color(image[:, 160:], color_of("ball", 1), 60) > 40
