"""Which shot comes when, where its camera looks, and which defects are put in."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from courtside.sample.camera import Array, CameraPath, aim
from courtside.sample.settings import GameSettings
from courtside.sample.simulation import PLAYERS, Play

KINDS = ("play", "medium", "close_up", "crowd", "replay", "fade", "flash")
DEFECTS = ("none", "blur", "dark", "bright", "empty", "duplicate")
DARK_GAIN = 0.16
BRIGHT_SHARE = 0.9
WIPE_FRAMES = 9


@dataclass(frozen=True)
class Shot:
    """One shot between two cuts.

    Attributes:
        kind: one of :data:`KINDS`.
        start: first frame in the video.
        length: frames.
        step: simulation step of its first frame.
        rate: simulation steps a frame; below 1 is slow motion.
        path: the camera; of close-ups and crowds, a drift over their picture.
        subject: whom a close-up shows; −1 for the coach.
        seed: for what is random inside the shot.
    """

    kind: str
    start: int
    length: int
    step: float
    rate: float
    path: CameraPath
    subject: int
    seed: int


@dataclass(frozen=True)
class Effect:
    """What is done to a frame after it was drawn.

    Attributes:
        source: frame whose content is shown: itself, or the one it is frozen at.
        defocus: standard deviation of the blur in pixels.
        whip: length of the horizontal blur in pixels.
        gain: 0 is black.
        white: 1 is white.
        card: whether a plain card covers everything.
        wipe: place of the replay graphic from 0 to 1; negative for none.
        defect: one of :data:`DEFECTS`.
    """

    source: int
    defocus: float = 0.0
    whip: float = 0.0
    gain: float = 1.0
    white: float = 0.0
    card: bool = False
    wipe: float = -1.0
    defect: str = "none"


@dataclass(frozen=True)
class Script:
    """The whole broadcast.

    Attributes:
        shots: in order, without gaps.
        effects: one a frame.
        shot_of: number of the shot of each frame, shape (frames,).
    """

    shots: tuple[Shot, ...]
    effects: tuple[Effect, ...]
    shot_of: NDArray[np.int64]


_ROUND = ("play", "close_up", "play", "replay", "fade", "play", "flash", "medium", "crowd", "play", "close_up")
_SECONDS = {
    "play": (2.6, 3.8),
    "close_up": (1.4, 1.9),
    "replay": (2.0, 2.6),
    "crowd": (0.9, 1.3),
    "medium": (1.6, 2.4),
    "fade": (0.44, 0.56),
    "flash": (0.28, 0.32),
}


def write_script(settings: GameSettings, play: Play, rng: np.random.Generator) -> Script:
    """Write the script of one game.

    Args:
        settings: the game.
        play: simulated play, at least as long as the video.
        rng: where chance comes from.
    """
    shots = _shots(settings, play, rng)
    shot_of = np.repeat(np.arange(len(shots)), [shot.length for shot in shots])
    return Script(tuple(shots), tuple(_effects(settings, shots, rng)), shot_of)


def _shots(settings: GameSettings, play: Play, rng: np.random.Generator) -> list[Shot]:
    shots: list[Shot] = []
    frame, step, turn = 0, 0.0, 0
    while frame < settings.frames:
        kind = _ROUND[turn % len(_ROUND)]
        turn += 1
        length = round(float(rng.uniform(*_SECONDS[kind])) * settings.frames_per_second)
        left = settings.frames - frame
        length = left if left - length < settings.frames_per_second // 2 else length
        begin, rate = step, 1.0
        if kind == "replay":
            rate = 0.5
            begin = max(0.0, step - length * rate - 12)
        elif kind in ("close_up", "crowd"):
            begin = step
        subject = int(rng.integers(-1, PLAYERS)) if kind == "close_up" else -1
        path = _path(settings, play, rng, kind, begin, rate, length)
        shots.append(Shot(kind, frame, length, begin, rate, path, subject, int(rng.integers(1 << 31))))
        frame += length
        if kind != "replay":
            step += length if kind in ("play", "medium") else 6
    return shots


def _smooth(values: Array, sigma: float) -> Array:
    smooth = cv2.GaussianBlur(values.reshape(1, -1), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth, dtype=np.float64).ravel()


def _sway(rng: np.random.Generator, length: int, size: float) -> tuple[Array, Array]:
    """Return the operator's unrest in pixels: never still, because real cameras on live play are not."""
    time = np.arange(length) / 25
    sway = []
    for slow, fast in ((0.42, 1.15), (0.36, 0.93)):
        phases = rng.uniform(0, 2 * np.pi, 2)
        sway.append(
            size * 17 * np.sin(2 * np.pi * slow * time + phases[0])
            + size * 3.5 * np.sin(2 * np.pi * fast * time + phases[1])
        )
    return sway[0], sway[1]


def _path(
    settings: GameSettings, play: Play, rng: np.random.Generator, kind: str, begin: float, rate: float, length: int
) -> CameraPath:
    look = settings.look
    centre = (settings.width / 2, settings.height / 2)
    scale = settings.width / 1280
    if kind in ("close_up", "crowd"):
        drift_x, drift_y = _sway(rng, length, 1.3)
        drift_x += np.linspace(0, float(rng.choice((-1, 1))) * length * 1.1, length)
        zoom = np.linspace(1.0, float(rng.uniform(1.04, 1.1)), length)
        return CameraPath((0.0, 0.0, 0.0), drift_x * scale, drift_y * scale, zoom, centre)
    steps = np.clip(begin + rate * np.arange(length), 0, len(play.ball) - 1)
    ball = np.stack([np.interp(steps, np.arange(len(play.ball)), play.ball[:, axis]) for axis in range(3)], axis=1)
    crowd = np.interp(steps, np.arange(len(play.ball)), play.position[:, :PLAYERS, 0].mean(axis=1))
    lag = 11 if kind in ("play", "fade", "flash") else 8
    if kind == "replay":
        side = 1.0 if ball[:, 0].mean() > 0 else -1.0
        place = (side * float(rng.uniform(2, 7)), -float(rng.uniform(15.5, 18)), float(rng.uniform(3.2, 4.6)))
        share, depth, height, pixels = 0.6, 0.5, 1.3, look.pixels_per_metre * float(rng.uniform(1.15, 1.45))
    elif kind == "medium":
        place = (look.camera_offset_m, -look.camera_distance_m, look.camera_height_m)
        share, depth, height, pixels = 0.95, 0.8, 1.2, look.pixels_per_metre * float(rng.uniform(1.45, 1.7))
    else:
        place = (look.camera_offset_m, -look.camera_distance_m, look.camera_height_m)
        share, depth, height, pixels = 0.8, 0.35, 1.1, look.pixels_per_metre * float(rng.uniform(0.92, 1.08))
    x = np.clip(_smooth(ball[:, 0] * share + crowd * (1 - share), lag), -10.5, 10.5)
    y = _smooth(ball[:, 1], lag) * depth + (0.6 if share < 0.9 else 0)
    target = np.stack([x, y, np.full(length, height)], axis=1)
    pan, tilt = aim(np.array(place), target)
    distance = float(np.linalg.norm(target.mean(axis=0) - np.array(place)))
    breath = 1 + 0.05 * np.sin(np.arange(length) / 25 * 2 * np.pi * 0.16 + rng.uniform(0, 6.28))
    focal = pixels * scale * distance * breath
    sway_x, sway_y = _sway(rng, length, 1.25 if kind == "replay" else 1.0)
    return CameraPath(place, pan + sway_x * scale / focal, tilt + sway_y * scale / focal, focal, centre)


def _effects(settings: GameSettings, shots: list[Shot], rng: np.random.Generator) -> list[Effect]:
    effects: list[Effect] = []
    for number, shot in enumerate(shots):
        rows = [Effect(shot.start + index) for index in range(shot.length)]
        if shot.kind == "fade":
            rows = _fade(rows, number % 2 == 1)
        elif shot.kind == "flash":
            levels = [0.35, 0.93, 0.97, 0.95, 0.92]
            rows = [
                Effect(
                    row.source,
                    white=levels[i] if i < len(levels) else 0.3 if i == len(levels) else 0.0,
                    defect="bright" if i < len(levels) and levels[i] > BRIGHT_SHARE else "none",
                )
                for i, row in enumerate(rows)
            ]
        elif shot.kind == "replay":
            for index in range(min(WIPE_FRAMES, shot.length)):
                rows[index] = Effect(rows[index].source, wipe=(index + 0.5) / WIPE_FRAMES * 0.5 + 0.5)
                rows[-1 - index] = Effect(rows[-1 - index].source, wipe=0.5 - (index + 0.5) / WIPE_FRAMES * 0.5)
            _put_frozen(rows, rng, 16)
        else:
            _put_blur(rows, rng, shot.kind)
            if shot.kind != "crowd":
                _put_frozen(rows, rng, 5)
                if shot.kind in ("play", "medium"):
                    _put_frozen(rows, rng, 5)
        effects.extend(rows)
    return effects


def _fade(rows: list[Effect], card: bool) -> list[Effect]:
    result = []
    for index, row in enumerate(rows):
        edge = min(index, len(rows) - 1 - index)
        gain = (0.62, 0.12)[edge] if edge < 2 else 0.0
        empty = gain == 0.0 and index < len(rows) // 2 and edge >= 3
        defect = "empty" if empty else "dark" if gain < DARK_GAIN else "none"
        result.append(Effect(row.source, gain=1.0 if empty else gain, card=empty, defect=defect))
    return result


def _put_blur(rows: list[Effect], rng: np.random.Generator, kind: str) -> None:
    """Put a run of defocused frames or a whip pan into a shot."""
    length = len(rows)
    chance = rng.random()
    if kind in ("play", "medium") and chance < 0.45:
        count = int(rng.integers(5, 8))
        for index in range(min(count, length)):
            strength = float(np.sin(np.pi * (index + 1) / (count + 1)))
            rows[index] = Effect(rows[index].source, whip=28 + 40 * strength, defect="blur")
    elif length > 30 and chance < 0.95:
        count = int(rng.integers(7, 13))
        first = int(rng.integers(length // 2, max(length // 2 + 1, length - count)))
        for index in range(first, min(first + count, length)):
            strength = float(np.sin(np.pi * (index - first + 1) / (count + 1)))
            rows[index] = Effect(rows[index].source, defocus=2.4 + 3.2 * strength, defect="blur")


def _put_frozen(rows: list[Effect], rng: np.random.Generator, first: int) -> None:
    """Freeze a shot for two to six frames where nothing else is wrong."""
    count = int(rng.integers(2, 7))
    for _ in range(12):
        at = int(rng.integers(first, max(first + 1, len(rows) - count - 2)))
        window = rows[at - 1 : at + count + 1]
        if len(window) == count + 2 and all(row.defect == "none" and row.wipe < 0 for row in window):
            still = rows[at - 1].source
            for index in range(at, at + count):
                rows[index] = Effect(still, defect="duplicate")
            return
