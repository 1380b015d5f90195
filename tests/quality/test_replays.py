"""A shot shown again is found at any speed and in any dress; what only looks a little alike is not."""

import cv2
import numpy as np
import pytest

from courtside.quality.fingerprints import difference_hash, quarter
from courtside.quality.replays import find_replays
from courtside.video.reader import read_luma


def scene(seed, count, speed=3.0, zoom=1.0):
    """Lumas of a camera that pans over a scene of its own."""
    wide = cv2.GaussianBlur(np.random.default_rng(seed).integers(0, 256, (180, 1200), dtype=np.uint8), (0, 0), 9)
    wide = cv2.normalize(wide, None, 10, 245, cv2.NORM_MINMAX)
    frames = []
    for index in range(count):
        at = (160 + speed * index, 90.0)
        patch = cv2.getRectSubPix(wide, (round(320 / zoom), round(180 / zoom)), at)
        frames.append(cv2.resize(patch, (320, 180)))
    return frames


def dressed(frames):
    """The same pictures brighter, noisier, and with a scoreboard."""
    random = np.random.default_rng(0)
    result = []
    for frame in frames:
        changed = np.clip(frame * 1.1 + 6 + random.normal(0, 3, frame.shape), 0, 255).astype(np.uint8)
        changed[150:170, 20:110] = 230
        result.append(changed)
    return result


PLAIN = [np.full((180, 320), 128, dtype=np.uint8)]


def replays(*shots, **settings):
    frames = [frame for shot in shots for frame in shot]
    return find_replays(
        np.repeat(np.arange(len(shots), dtype=np.int32), [len(shot) for shot in shots]),
        np.stack([np.frombuffer(difference_hash(quarter(frame)), dtype=np.uint8) for frame in frames]),
        np.array([float(frame.var()) for frame in frames]),
        **settings,
    )


@pytest.mark.parametrize(
    ("shots", "expected"),
    [
        ([scene(1, 60), scene(2, 60), scene(3, 60)], {}),
        # Shown again as it was; in slow motion; twice; only its middle.
        ([scene(1, 60), scene(2, 60), scene(1, 60)], {2: 0}),
        ([scene(1, 60), scene(2, 60), scene(1, 120, speed=1.5)], {2: 0}),
        ([scene(1, 60), scene(2, 40), scene(1, 60), scene(2, 40), scene(1, 60)], {2: 0, 3: 1, 4: 0}),
        ([scene(1, 90), scene(2, 40), scene(1, 90)[30:66]], {2: 0}),
        # In another dress, and a little nearer.
        ([scene(1, 60), scene(2, 60), dressed(scene(1, 60))], {2: 0}),
        ([scene(1, 60), scene(2, 60), scene(1, 60, zoom=1.03)], {2: 0}),
        # The same hall from another side is another picture; so is one that runs backwards.
        ([scene(1, 60), scene(1, 60, speed=3, zoom=2.2)], {}),
        ([scene(1, 60), scene(1, 60)[::-1]], {}),
        # Half of a shot repeats nothing; plain pictures are all alike and say nothing.
        ([scene(1, 60), scene(1, 20) + scene(4, 60)], {}),
        ([PLAIN * 30, scene(1, 60), PLAIN * 30], {}),
        ([], {}),
    ],
)
def test_replays(shots, expected):
    if shots:
        assert replays(*shots) == expected
    else:
        nothing = find_replays(np.zeros(0, np.int32), np.zeros((0, 32), np.uint8), np.zeros(0))
        assert nothing == expected


def test_the_blocks_do_not_matter(monkeypatch):
    shots = [scene(1, 60), scene(2, 60), scene(1, 60), scene(2, 60)]
    whole = replays(*shots)
    monkeypatch.setattr("courtside.quality.replays._ROWS_AT_ONCE", 3)
    assert replays(*shots) == whole == {2: 0, 3: 1}


def as_shown_again(pictures):
    """Real pictures as a broadcaster repeats them: at half speed, compressed again, brighter, with a scoreboard."""
    result = []
    for picture in dressed(pictures):
        shown = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_GRAYSCALE)
        result += [shown, shown]
    return result


def test_real_footage_shown_again(real_videos, real_frames):
    """Between shots of other places each real piece is shown again; nothing else is taken for a replay."""
    paths = [*real_videos, real_frames / "nba_broadcast_consecutive"]
    pieces = [[cv2.resize(luma.image, (320, 180)) for luma in read_luma(path, 0, 70)] for path in paths]
    count = len(pieces)
    assert replays(*pieces) == {}
    shots = [*pieces, *(as_shown_again(piece[10:50]) for piece in pieces)]
    assert replays(*shots) == {count + index: index for index in range(count)}
