"""What the station lays over the picture: scoreboard, replay graphic, film grain."""

from __future__ import annotations

import cv2
import numpy as np

from courtside.sample.camera import Array
from courtside.sample.canvas import HIDES, Canvas, Image
from courtside.sample.settings import Colour, Look


def _ink(back: Colour) -> Colour:
    return (24, 24, 24) if sum(back) > 400 else (244, 244, 244)


def paint_scoreboard(canvas: Canvas, look: Look, clock_s: float, score: tuple[int, int]) -> None:
    """Paint the score and the clock, which hide what lies below."""
    image = canvas.image
    scale = image.shape[1] / 1280
    minutes, seconds = divmod(max(0.0, clock_s), 60)
    time = f"{int(minutes)}:{seconds:04.1f}"
    if look.scoreboard == "box":
        x, y, cell, row = 70, 590, 128, 34
        for index, kit in enumerate(look.kits):
            _cell(canvas, (x, y + index * row, cell, row), kit.jersey, kit.name, scale)
            _cell(canvas, (x + cell, y + index * row, 62, row), (38, 36, 36), str(score[index]), scale)
        _cell(canvas, (x, y + 2 * row, cell + 62, 28), (18, 18, 18), f"2ND  {time}", scale, 0.55)
        return
    y = 640 if look.scoreboard == "bar" else 34
    x = 215 if look.scoreboard == "bar" else 60
    for index, kit in enumerate(look.kits):
        _cell(canvas, (x, y, 150, 42), kit.jersey, kit.name, scale, 0.95)
        _cell(canvas, (x + 150, y, 78, 42), (40, 38, 38), str(score[index]), scale, 0.95)
        x += 234
    _cell(canvas, (x, y, 70, 42), (24, 24, 24), "2ND", scale)
    _cell(canvas, (x + 70, y, 112, 42), (24, 24, 24), time, scale)
    if look.scoreboard == "bar":
        _cell(canvas, (x + 186, y, 150, 42), look.apron, "COURTSIDE", scale, 0.6)


def _cell(
    canvas: Canvas, place: tuple[int, int, int, int], back: Colour, text: str, scale: float, size: float = 0.75
) -> None:
    x, y, w, h = (round(value * scale) for value in place)
    image = canvas.image
    cv2.rectangle(image, (x, y), (x + w - 1, y + h - 1), back, -1)
    top = tuple(min(255, int(value * 1.12 + 14)) for value in back)
    cv2.rectangle(image, (x, y), (x + w - 1, y + h // 2), top, -1)
    thickness = max(1, round(2 * scale))
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, size * scale, thickness)
    cv2.putText(
        image,
        text,
        (x + (w - width) // 2, y + (h + height) // 2),
        cv2.FONT_HERSHEY_DUPLEX,
        size * scale,
        _ink(back),
        thickness,
        cv2.LINE_AA,
    )
    canvas.owner[y : y + h, x : x + w] = HIDES


def paint_replay_mark(canvas: Canvas) -> None:
    """Paint the word that marks a replay."""
    scale = canvas.image.shape[1] / 1280
    _cell(canvas, (1060, 60, 160, 44), (30, 30, 190), "REPLAY", scale, 0.9)


def paint_wipe(canvas: Canvas, look: Look, place: float) -> None:
    """Paint the slanted graphic that sweeps across before and after a replay; ``place`` is 0–1."""
    height, width = canvas.image.shape[:2]
    middle = (place * 2.2 - 0.6) * width
    for offset, span, colour in (
        (0.0, 0.62, look.apron),
        (-0.31, 0.05, look.kits[0].trim),
        (0.31, 0.05, look.kits[1].jersey),
        (0.0, 0.30, look.paint),
    ):
        centre = middle + offset * width
        half, slant = span * width / 2, 0.09 * width
        shape = np.array(
            [
                (centre - half + slant, 0),
                (centre + half + slant, 0),
                (centre + half - slant, height),
                (centre - half - slant, height),
            ]
        )
        canvas.fill(shape, colour)
        canvas.claim(HIDES, [np.clip(shape, -300, width + 300)])
    scale = width / 1280 * 2.4
    size, _ = cv2.getTextSize(look.court_name, cv2.FONT_HERSHEY_DUPLEX, scale, 6)
    origin = (round(middle - size[0] / 2), height // 2 + size[1] // 2)
    cv2.putText(canvas.image, look.court_name, origin, cv2.FONT_HERSHEY_DUPLEX, scale, (240, 240, 240), 6, cv2.LINE_AA)


def grain_pool(rng: np.random.Generator, width: int, height: int, deviation: float) -> list[Image]:
    """Return a few pictures of film grain around 128, larger than a frame, shape (height, width, 3)."""
    pool = []
    for _ in range(3):
        luma = rng.standard_normal((height + 64, width + 64), dtype=np.float32) * deviation
        luma = luma * 0.8 + cv2.GaussianBlur(luma, (0, 0), 0.9) * 1.1
        pool.append(cv2.merge([np.clip(luma + 128, 0, 255).astype(np.uint8)] * 3).astype(np.uint8))
    return pool


def add_grain(image: Image, pool: list[Image], rng: np.random.Generator) -> Image:
    """Return the picture with film grain that differs from frame to frame."""
    height, width = image.shape[:2]
    picture = pool[int(rng.integers(len(pool)))]
    y, x = (int(value) for value in rng.integers(0, 64, 2))
    return np.asarray(cv2.addWeighted(image, 1.0, picture[y : y + height, x : x + width], 1.0, -128), dtype=np.uint8)


def streak(image: Image, length: float) -> Image:
    """Return the picture blurred along its rows by ``length`` pixels."""
    return np.asarray(cv2.blur(image, (max(1, round(length)), 1)), dtype=np.uint8)


def defocus(image: Image, sigma: float) -> Image:
    """Return the picture out of focus; ``sigma`` in pixels."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), dtype=np.uint8)


def clip_box(box: tuple[float, float, float, float], width: int, height: int) -> Array | None:
    """Return a box clipped to the picture, or None where nothing of at least a pixel is left."""
    x1, y1, x2, y2 = max(box[0], 0.0), max(box[1], 0.0), min(box[2], float(width)), min(box[3], float(height))
    return np.array([x1, y1, x2, y2]) if x2 - x1 >= 1 and y2 - y1 >= 1 else None
