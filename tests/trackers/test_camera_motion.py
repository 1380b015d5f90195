"""How the camera moved: known pans, turns and zooms of drawn pictures."""

import cv2
import numpy as np
import polars as pl
import pytest

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.camera_motion import (
    CameraSettings,
    camera_motion,
    estimate,
    kept_camera_motion,
    read,
    still,
    write,
)
from courtside.video.writer import VideoWriter

WIDTH, HEIGHT = 640, 480
TOLERANCE_PX = 0.4  # of the pictures' corners, after 480 rows are looked at as 360


def ground(width=WIDTH + 400, height=HEIGHT + 400, seed=0):
    """Draw a picture with corners everywhere."""
    random = np.random.default_rng(seed)
    image = np.full((height, width), 90, dtype=np.uint8)
    for _ in range(700):
        x, y = random.integers(0, width), random.integers(0, height)
        size = random.integers(6, 40, 2)
        cv2.rectangle(image, (x, y), (x + size[0], y + size[1]), int(random.integers(30, 220)), -1)
    return cv2.GaussianBlur(image, (0, 0), 1.0)


def seen_by(affine, picture):
    """Return what the camera sees of the ground through an affine map of pixels (their corners count from 0, 0)."""
    centred = affine.copy()
    centred[:, 2] += affine[:, :2] @ (0.5, 0.5) - 0.5
    return cv2.warpAffine(picture, centred, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)


def compose(second, first):
    whole = np.vstack([second, (0, 0, 1)]) @ np.vstack([first, (0, 0, 1)])
    return whole[:2]


def similarity(shift=(0.0, 0.0), zoom=1.0, degrees=0.0):
    """Return a shift after a zoom and a turn around the middle of the picture."""
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, zoom)
    turn[:, 2] += shift
    return turn


def worst_px(found, known):
    corners = np.array([[0, 0, 1], [WIDTH, 0, 1], [0, HEIGHT, 1], [WIDTH, HEIGHT, 1]], dtype=float)
    return np.linalg.norm(corners @ (found - known).T, axis=1).max()


HOME = np.array([[1.0, 0.0, -200.0], [0.0, 1.0, -200.0]])


@pytest.mark.parametrize(
    "known",
    [
        similarity(),
        similarity((12.0, 0.0)),
        similarity((-7.5, 3.25)),
        similarity((0.3, -0.2)),
        similarity(zoom=1.03),
        similarity(zoom=0.97),
        similarity(degrees=1.5),
        similarity((9.0, -4.0), 1.02, -1.0),
    ],
)
def test_a_known_motion_is_found(known):
    picture = ground()
    before, after = seen_by(HOME, picture), seen_by(compose(known, HOME), picture)
    assert worst_px(estimate(before, after), known) < TOLERANCE_PX


def test_players_are_not_the_camera():
    # Two thirds of the picture run to the right over a ground that stands still.
    picture = ground()
    before, after = seen_by(HOME, picture), seen_by(HOME, picture)
    crowd = ground(seed=1)[: HEIGHT - 40, :420]
    before[20 : HEIGHT - 20, 100:520] = crowd
    after[20 : HEIGHT - 20, 109:529] = crowd
    fooled = estimate(before, after)
    told = estimate(before, after, np.array([[100.0, 20.0, 520.0, HEIGHT - 20.0]]))
    assert worst_px(fooled, still()) > 5
    assert worst_px(told, still()) < TOLERANCE_PX


@pytest.mark.parametrize("shade", [0, 128])
def test_nothing_to_follow_is_a_camera_that_stands_still(shade):
    flat = np.full((HEIGHT, WIDTH), shade, dtype=np.uint8)
    assert (estimate(flat, flat) == still()).all()
    masked = np.array([[-5.0, -5.0, WIDTH + 5.0, HEIGHT + 5.0]])
    picture = ground()
    assert (estimate(seen_by(HOME, picture), seen_by(HOME, picture), masked) == still()).all()
    # A cut: no corner goes anywhere in particular.
    other = estimate(seen_by(HOME, picture), flat)
    assert (other == still()).all()


def test_frames_of_two_sizes_are_a_mistake():
    with pytest.raises(ValueError, match="one size"):
        estimate(np.zeros((10, 10), dtype=np.uint8), np.zeros((10, 12), dtype=np.uint8))


@pytest.fixture(scope="module")
def panned(tmp_path_factory):
    """Return a video whose ground moves 4 px to the left and 1 px down a frame."""
    path, picture = tmp_path_factory.mktemp("panned") / "game.mp4", ground()
    with VideoWriter(path, WIDTH, HEIGHT, 25, crf=12) as writer:
        for frame in range(8):
            image = seen_by(compose(similarity((-4.0 * frame, 1.0 * frame)), HOME), picture)
            writer.write(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
    return path


def test_a_video(panned):
    calls = []
    cameras = camera_motion(panned, range(8), report=lambda done, total: calls.append((done, total)))
    assert list(cameras) == list(range(1, 8))
    assert all(worst_px(camera, similarity((-4.0, 1.0))) < 1.0 for camera in cameras.values())
    assert calls == [(done, 8) for done in range(1, 9)]
    # Every second frame moves twice as far; what is not asked for is not there.
    every_second = camera_motion(panned, [1, 3, 7])
    assert list(every_second) == [3, 7]
    assert worst_px(every_second[3], similarity((-8.0, 2.0))) < 1.0
    assert worst_px(every_second[7], similarity((-16.0, 4.0))) < 1.0
    assert camera_motion(panned, []) == {}


def test_a_folder_whose_images_change_in_size(tmp_path):
    picture = ground()
    for number, shift in enumerate((0.0, 5.0, 0.0, 5.0)):
        image = seen_by(compose(similarity((shift, 0.0)), HOME), picture)
        cv2.imwrite(str(tmp_path / f"{number:06}.png"), image if number < 2 else image[:240])
    cameras = camera_motion(tmp_path, range(4))
    assert list(cameras) == [1, 3]
    assert worst_px(cameras[3], similarity((5.0, 0.0))) < 1.0


def test_it_is_kept_until_the_question_is_another(panned, tmp_path):
    first = kept_camera_motion(tmp_path, panned, range(4))
    (path,) = tmp_path.iterdir()
    marked = {**first, 3: first[3] + 1}
    write(path, marked)
    assert (kept_camera_motion(tmp_path, panned, range(4))[3] == marked[3]).all()
    assert (kept_camera_motion(tmp_path, panned, range(4), settings=CameraSettings(height=240))[3] != marked[3]).any()
    covering = pl.DataFrame(
        [("game", frame, 0.0, 0.0, float(WIDTH), float(HEIGHT), "player", 1.0, "test") for frame in range(4)],
        schema=["video", "frame", "x1", "y1", "x2", "y2", "label", "score", "source"],
        orient="row",
    )
    told = kept_camera_motion(tmp_path, panned, range(4), boxes_table.check(covering))
    assert all((camera == still()).all() for camera in told.values())
    assert len(list(tmp_path.iterdir())) == 3


def test_what_is_written_comes_back(tmp_path):
    cameras = {5: similarity((1.5, -2.0), 1.01, 0.3), 2: still()}
    write(tmp_path / "camera.parquet", cameras)
    found = read(tmp_path / "camera.parquet")
    assert list(found) == [2, 5]
    assert all((found[frame] == cameras[frame]).all() for frame in found)
    with pytest.raises(UserError, match="does not exist"):
        read(tmp_path / "none.parquet")
