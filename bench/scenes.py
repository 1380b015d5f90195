"""Scenes of players with what a detector makes of them, for ``bench/track.py``: everything follows from the seed.

Players go where play takes them: each has a place to be, near the play or somewhere on the field, and a pace, and takes
another of both every second or so. It gets there with the acceleration that people have, so it turns, brakes, stops and
crosses others; it sometimes jumps. Nothing moves at constant velocity. A camera in perspective pans after the play.

The detector misses what is hidden and, for some frames at a time, what it could see; its scores fall with what is
hidden; its boxes are off by some percent and shrink to what can be seen of an object; it drops one of two boxes that
overlap much; and it sees players where there are none: for a frame, for a while at one place, and twice at one player.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table

Array = NDArray[np.float64]

FRAMES_PER_SECOND = 25.0
PACES = (0.0, 1.5, 3.5, 6.5)  # m/s: stands, walks, runs, sprints
PACE_SHARES = (0.15, 0.3, 0.35, 0.2)
ACCELERATION = 5.0  # m/s²
SUPPRESSION_IOU = 0.7


@dataclass(frozen=True)
class Scene:
    """True boxes and detections of one sequence; both are boxes tables of the video ``name``."""

    name: str
    frames: int
    truth: pl.DataFrame
    detections: pl.DataFrame


def scene(name: str, players: int, frames: int, seed: int) -> Scene:
    """Return a drawn scene: half a court in 1280 × 720, or for more than 30 players a square in 1920 × 1080."""
    random = np.random.default_rng(seed)
    picture = (1280, 720) if players <= 30 else (1920, 1080)
    field = (16.0, 13.0) if players <= 30 else (52.0, 34.0)
    tables = _boxes(_walk(players, frames, field, random), picture, field, random)
    return perceived(name, tables, random, picture)


def perceived(
    name: str, frames: list[tuple[NDArray[np.int64], Array]], random: np.random.Generator, picture: tuple[int, int]
) -> Scene:
    """Return true boxes with what a detector would make of them.

    Args:
        name: of the sequence.
        frames: identities (n,) and corners (n, 4) of each frame.
        random: what chance decides by.
        picture: width and height in pixels.
    """
    truth, found = [], []
    seen_badly: dict[int, int] = {}
    ghosts: list[tuple[Array, int, float]] = []
    for number, (identities, corners) in enumerate(frames):
        visible = visibility(corners)
        truth.append(_table(name, number, corners, np.ones(len(corners)), identities, visible))
        bad = np.array([_seen_badly(seen_badly, int(identity), random) for identity in identities], dtype=bool)
        boxes, scores = _detect(corners, visible, bad, random)
        false_boxes, false_scores = _false_boxes(corners, boxes, ghosts, picture, random)
        boxes, scores = np.concatenate([boxes, false_boxes]), np.concatenate([scores, false_scores])
        boxes = np.clip(boxes, 0, np.tile(picture, 2))
        inside = (boxes[:, 2] - boxes[:, 0] > 2) & (boxes[:, 3] - boxes[:, 1] > 2)
        boxes, scores = boxes[inside], scores[inside]
        kept = _suppressed(boxes, scores)
        found.append(_table(name, number, boxes[kept], scores[kept], None, None))
    return Scene(name, len(frames), boxes_table.check(pl.concat(truth)), boxes_table.check(pl.concat(found)))


def visibility(corners: Array, columns: int = 6, rows: int = 12) -> Array:
    """Return the share of each box that no box nearer to the camera covers; nearer is what stands lower."""
    x = (np.arange(columns) + 0.5) / columns
    y = (np.arange(rows) + 0.5) / rows
    size = corners[:, 2:] - corners[:, :2]
    px = (corners[:, None, 0] + x * size[:, None, 0])[:, None, :, None]
    py = (corners[:, None, 1] + y * size[:, None, 1])[:, None, None, :]
    x1, y1, x2, y2 = (corners[None, :, side, None, None] for side in range(4))
    covered = (px >= x1) & (px < x2) & (py >= y1) & (py < y2)
    covered &= (corners[None, :, 3] > corners[:, None, 3])[..., None, None]
    share: Array = 1.0 - covered.any(axis=1).mean(axis=(1, 2))
    return share


def _walk(players: int, frames: int, field: tuple[float, float], random: np.random.Generator) -> Array:
    """Return x, y in metres on the field, height of the feet above it, and speed: (frames, players, 4)."""
    size = np.array(field)
    step = 1 / FRAMES_PER_SECOND
    place = random.uniform(0.05, 0.95, (players, 2)) * size
    velocity = np.zeros((players, 2))
    play = size / 2
    play_target = random.uniform(0.1, 0.9, 2) * size
    target, pace = place.copy(), np.zeros(players)
    left = np.zeros(players)
    air = np.full(players, -1.0)
    path = np.empty((frames, players, 4))
    for frame in range(frames):
        way = play_target - play
        if np.linalg.norm(way) < 1:
            play_target = random.uniform(0.1, 0.9, 2) * size
        play = play + way / max(np.linalg.norm(way), 1e-9) * 5.0 * step
        again = np.flatnonzero(left <= 0)
        near = random.random(len(again)) < 0.5
        anywhere = random.uniform(0.02, 0.98, (len(again), 2)) * size
        around = play + random.normal(0, 0.12, (len(again), 2)) * size
        target[again] = np.clip(np.where(near[:, None], around, anywhere), 0, size)
        pace[again] = random.choice(PACES, len(again), p=PACE_SHARES)
        left[again] = random.gamma(3.0, 0.4, len(again))
        left -= step
        way = target - place
        distance = np.linalg.norm(way, axis=1, keepdims=True)
        wanted = way / np.maximum(distance, 1e-9) * np.minimum(pace[:, None], 2 * distance)
        change = wanted - velocity
        most = ACCELERATION * step
        change *= np.minimum(1, most / np.maximum(np.linalg.norm(change, axis=1, keepdims=True), 1e-9))
        velocity = velocity + change + random.normal(0, 0.03, velocity.shape)
        place = place + velocity * step
        air = np.where(air >= 0, air + step, air)
        air[(air < 0) & (random.random(players) < 0.003)] = 0.0
        height = np.where(air >= 0, 2.6 * air - 4.9 * air**2, 0.0)
        air[height < 0] = -1.0
        path[frame] = np.column_stack([place, np.maximum(height, 0), np.linalg.norm(velocity, axis=1)])
    return path


def _boxes(
    path: Array, picture: tuple[int, int], field: tuple[float, float], random: np.random.Generator
) -> list[tuple[NDArray[np.int64], Array]]:
    """Return what a camera above the long side sees: identities and corners of those in the picture, a frame each."""
    frames, players, _ = path.shape
    tall = random.normal(1.9, 0.08, players)
    broad = random.normal(0.42, 0.04, players)
    phase = random.uniform(0, 2 * np.pi, players)
    # The camera stands so far behind the near line that the far one is half as large.
    back = field[1]
    scale = 0.92 * picture[0] * back / field[0]  # pixels a metre, times distance
    pan, result = 0.0, []
    for frame in range(frames):
        x, y, up, speed = path[frame].T
        distance = back + (field[1] - y)
        middle = np.median(x) - field[0] / 2
        pan += 0.03 * (0.5 * middle - pan)
        size = scale / distance
        phase = phase + 0.15 + 0.05 * speed
        height = tall * size * (1 - 0.03 * np.abs(np.sin(phase)) * (speed > 1))
        width = height * broad * (1 + 0.03 * speed * np.abs(np.sin(phase / 2)))
        centre = picture[0] / 2 + (x - field[0] / 2 - pan) * size
        feet = picture[1] * (0.17 + 0.81 * (2 * back / distance - 1)) - up * size
        corners = np.column_stack([centre - width / 2, feet - height, centre + width / 2, feet])
        corners = np.clip(corners, 0, np.tile(picture, 2))
        there = (corners[:, 2] - corners[:, 0] > 0.3 * width) & (corners[:, 3] - corners[:, 1] > 0.3 * height)
        result.append((np.flatnonzero(there) + 1, corners[there]))
    return result


def _seen_badly(state: dict[int, int], identity: int, random: np.random.Generator) -> bool:
    """Return whether the detector has one of its bad spells with an object, of eight frames on average."""
    left = state.get(identity, 0)
    if left <= 0 and random.random() < 0.006:
        left = int(random.geometric(1 / 8))
    state[identity] = left - 1
    return left > 0


def _detect(corners: Array, visible: Array, bad: NDArray[np.bool_], random: np.random.Generator) -> tuple[Array, Array]:
    count = len(corners)
    chance = 0.98 * np.clip((visible - 0.08) / 0.35, 0, 1) * np.where(bad, 0.55, 1.0)
    hit = random.random(count) < chance
    score = np.clip(0.3 + 0.58 * visible - 0.35 * bad + random.normal(0, 0.09, count), 0.06, 0.98)
    size = corners[:, 2:] - corners[:, :2]
    # What is hidden moves the box: its sides go to what can be seen, more on one side than on the other.
    shrink = (1 - visible[:, None]) * random.uniform(0, 0.5, (count, 4)) * (random.random((count, 4)) < 0.4)
    inwards = np.concatenate([size * shrink[:, :2], -size * shrink[:, 2:]], axis=1)
    spread = np.tile(size, 2) * np.array([0.05, 0.025, 0.05, 0.025]) * np.where(bad, 2.0, 1.0)[:, None]
    boxes = corners + inwards + random.normal(0, 1, (count, 4)) * spread
    return boxes[hit], score[hit]


def _false_boxes(
    corners: Array,
    boxes: Array,
    ghosts: list[tuple[Array, int, float]],
    picture: tuple[int, int],
    random: np.random.Generator,
) -> tuple[Array, Array]:
    """Return boxes of nothing; ``ghosts`` are those that stay: box, frames left, mean score."""
    count = max(len(corners), 1)
    usual = corners[random.integers(0, len(corners), 64)] if len(corners) else np.array([[0.0, 0, 30, 60]] * 64)
    sizes = usual[:, 2:] - usual[:, :2]

    def somewhere(number: int) -> Array:
        chosen = sizes[random.integers(0, 64, number)] * random.uniform(0.5, 1.2, (number, 1))
        corner = random.uniform(0, 1, (number, 2)) * (np.array(picture) - chosen)
        return np.concatenate([corner, corner + chosen], axis=1)

    flickers = somewhere(int(random.poisson(0.05 * count)))
    found, scores = [flickers], [random.beta(2, 5, len(flickers))]
    for box in somewhere(int(random.poisson(0.001 * count))):
        ghosts.append((box, int(random.geometric(1 / 25)), float(random.uniform(0.2, 0.6))))
    for place, (box, left, mean) in reversed(list(enumerate(ghosts))):
        if random.random() < 0.7:
            found.append(box[None] + random.normal(0, 1.5, (1, 4)))
            scores.append(random.normal(mean, 0.1, 1))
        if left <= 1:
            ghosts.pop(place)
        else:
            ghosts[place] = (box, left - 1, mean)
    twice = boxes[random.random(len(boxes)) < 0.03]
    size = np.tile(twice[:, 2:] - twice[:, :2], 2)
    found.append(twice + random.normal(0, 0.18, twice.shape) * size)
    scores.append(random.beta(3, 5, len(twice)))
    together = np.concatenate(found)
    order = (together[:, 2] > together[:, 0]) & (together[:, 3] > together[:, 1])
    return together[order], np.clip(np.concatenate(scores), 0.05, 0.95)[order]


def _suppressed(boxes: Array, scores: Array) -> NDArray[np.int64]:
    """Return the rows that non-maximum suppression leaves, in ascending order."""
    overlap = boxes_table.iou(boxes, boxes)
    alive = np.ones(len(boxes), dtype=bool)
    for row in np.argsort(-scores, kind="stable"):
        if alive[row]:
            alive &= (overlap[row] <= SUPPRESSION_IOU) | (np.arange(len(boxes)) == row)
    return np.flatnonzero(alive)


def _table(
    name: str,
    frame: int,
    corners: Array,
    scores: Array,
    identities: NDArray[np.int64] | None,
    visible: Array | None,
) -> pl.DataFrame:
    columns = {side: corners[:, number] for number, side in enumerate(boxes_table.CORNERS)}
    return pl.DataFrame(
        {
            "video": [name] * len(corners),
            "frame": [frame] * len(corners),
            **columns,
            "label": ["player"] * len(corners),
            "score": scores,
            "source": ["bench"] * len(corners),
            "track": [None] * len(corners) if identities is None else identities,
            "visibility": [None] * len(corners) if visible is None else visible,
        },
        schema=boxes_table.SCHEMA,
    )
