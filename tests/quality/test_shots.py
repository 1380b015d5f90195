import cv2
import numpy as np
import pytest

from courtside.quality.fingerprints import quarter, signature
from courtside.quality.shots import shot_numbers
from courtside.video.reader import read_luma


def scene(seed, count, speed=3):
    """Lumas of a camera that pans over a scene of its own."""
    wide = cv2.GaussianBlur(np.random.default_rng(seed).integers(0, 256, (180, 900), dtype=np.uint8), (0, 0), 12)
    wide = cv2.normalize(wide, None, 10, 245, cv2.NORM_MINMAX)
    return [wide[:, speed * index : speed * index + 320] for index in range(count)]


def shots(frames):
    """Lengths of the shots found."""
    numbers = shot_numbers(np.stack([signature(quarter(np.ascontiguousarray(frame))) for frame in frames]))
    assert numbers[0] == 0
    assert set(np.diff(numbers)) <= {0, 1}
    return np.bincount(numbers).tolist()


def bright(frame, by=120):
    return np.clip(frame.astype(int) + by, 0, 255).astype(np.uint8)


def fade(frames, levels):
    return [(frame * level).astype(np.uint8) for frame, level in zip(frames, levels, strict=True)]


BLACK = [np.zeros((180, 320), dtype=np.uint8)]
WHITE = [np.full((180, 320), 250, dtype=np.uint8)]


@pytest.mark.parametrize(
    ("frames", "lengths"),
    [
        # One camera, slow, at rest, and fast.
        (scene(1, 60), [60]),
        (scene(1, 1) * 40, [40]),
        (scene(1, 30, speed=14), [30]),
        # Cuts, one of them after a short shot.
        (scene(1, 40) + scene(2, 25) + scene(3, 40), [40, 25, 40]),
        (scene(1, 40) + scene(2, 8) + scene(3, 40), [40, 8, 40]),
        # A camera flash of one frame, of two, and a white-out of six are no cuts.
        ([*scene(1, 60)[:30], bright(scene(1, 60)[30]), *scene(1, 60)[31:]], [60]),
        ([*scene(1, 60)[:30], *map(bright, scene(1, 60)[30:32]), *scene(1, 60)[32:]], [60]),
        ([*scene(1, 60)[:30], *WHITE * 6, *scene(1, 66)[36:]], [66]),
        # One strange frame is no shot.
        ([*scene(1, 60)[:30], *scene(2, 1), *scene(1, 60)[31:]], [60]),
        # A picture that freezes catches up in one step; that is no cut.
        ([*scene(1, 30, 8), *scene(1, 30, 8)[-1:] * 5, *scene(1, 55, 8)[35:]], [55]),
        # A wipe: every frame changes a lot, and it is one transition.
        (
            [
                *scene(1, 30),
                *(
                    np.hstack([b[:, : 40 * k], a[:, 40 * k :]])
                    for k, (a, b) in enumerate(zip(scene(1, 8), scene(2, 8), strict=True))
                    if k
                ),
                *scene(2, 30),
            ],
            [30, 37],
        ),
        # Through black to another scene; black belongs to what was before.
        (scene(1, 30) + BLACK * 8 + scene(2, 30), [38, 30]),
        # Through black with ramps, back to the same scene: a new shot all the same, once there is something to see.
        (
            fade(scene(1, 36), [1.0] * 30 + [0.8, 0.6, 0.4, 0.3, 0.15, 0.05])
            + BLACK * 4
            + fade(scene(1, 36), [0.05, 0.15, 0.3, 0.4, 0.6, 0.8] + [1.0] * 30),
            [42, 34],
        ),
        # A single black frame is a drop-out, not a fade.
        ([*scene(1, 60)[:30], *BLACK, *scene(1, 60)[31:]], [60]),
        # Black before the first picture.
        (BLACK * 10 + scene(1, 30), [40]),
        # Nothing but black, and a single frame.
        (BLACK * 10, [10]),
        (scene(1, 1), [1]),
    ],
)
def test_shots(frames, lengths):
    assert shots(frames) == lengths


def test_a_flash_just_before_a_cut_does_not_hide_the_cut():
    # The frame of the flash may count to either side.
    frames = [*scene(1, 29), bright(scene(1, 30)[29]), *scene(2, 30)]
    assert shots(frames) in ([30, 30], [29, 31])


def test_no_frames():
    assert shot_numbers(np.empty((0, 576), dtype=np.uint8)).tolist() == []


def spliced(sources, rng, pieces):
    """Pieces of the sources one after the other, some with a flash, and where they begin."""
    parts, begins, last = [], [0], -1
    for _ in range(pieces):
        chosen = int(rng.choice([index for index in range(len(sources)) if index != last]))
        last, source = chosen, sources[chosen]
        length = int(rng.integers(12, min(80, len(source))))
        start = int(rng.integers(0, len(source) - length + 1))
        part = source[start : start + length].copy()
        if rng.random() < 0.3:
            at = int(rng.integers(5, length - 5))
            part[at] = np.clip(part[at].astype(int) * 1.2 + 60, 0, 255)
        parts.append(part)
        begins.append(begins[-1] + length)
    return np.concatenate(parts), set(begins[1:-1])


def test_real_footage_spliced_at_known_places(real_videos, real_frames):
    paths = [*real_videos, real_frames / "nba_broadcast_consecutive"]
    sources = [np.stack([signature(quarter(luma.image)) for luma in read_luma(path, 0, 150)]) for path in paths]
    rng = np.random.default_rng(0)
    true = found = hits = 0
    for _ in range(20):
        signatures, cuts = spliced(sources, rng, 12)
        numbers = shot_numbers(signatures)
        detected = set((np.flatnonzero(np.diff(numbers)) + 1).tolist())
        true, found, hits = true + len(cuts), found + len(detected), hits + len(cuts & detected)
    assert hits / true >= 0.95
    assert hits / found >= 0.95
