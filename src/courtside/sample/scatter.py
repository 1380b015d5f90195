"""Scatters extra balls over a drawn frame, so that one frame teaches a detector many balls instead of one.

The idea is copy-paste augmentation for small objects (Kisantal et al., 2019, section 4.2); the balls here are
painted anew, each with a size, spin, streak and light of its own, and some are half hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from courtside.sample.ball import paint_ball
from courtside.sample.canvas import Canvas, Image
from courtside.sample.drawing import ObjectBox
from courtside.sample.settings import Look

TRIES = 6
"""Places that are tried for each ball before it is left out for want of room."""
HIDDEN_CHANCE = 0.3
HIDDEN_SHARE = (0.1, 0.5)
SCALE = (0.75, 1.8)
"""Size of a ball beside one in the middle of the court in a wide shot: from the far side to a medium shot."""
_SCATTERED = 254


def scatter_balls(
    image: Image,
    boxes: Sequence[ObjectBox],
    look: Look,
    sprites: list[Image],
    region: tuple[int, int, int, int],
    count: int,
    random: np.random.Generator,
) -> tuple[Image, list[ObjectBox]]:
    """Paint up to ``count`` balls into a part of a frame, none of them over another ball.

    Args:
        image: the drawn frame, shape (height, width, 3) uint8; it is not changed.
        boxes: what is on it; the balls among them are kept clear.
        look: of the game.
        sprites: its ball, from :func:`courtside.sample.ball.ball_sprites`.
        region: x1, y1, x2, y2 in pixels, half-open; the balls' centres lie in it.
        count: how many, at most.
        random: where chance comes from.

    Returns:
        The frame with the balls, and a box for each of them, with its visible share.
    """
    canvas = Canvas(image.copy())
    taken = [box for box in boxes if box.label == "ball"]
    added: list[ObjectBox] = []
    for number in range(count):
        for _ in range(TRIES):
            centre = random.uniform(region[:2], region[2:])
            radius = look.ball_radius_m * look.pixels_per_metre * float(np.exp(random.uniform(*np.log(SCALE))))
            angle, length = random.uniform(0, 2 * np.pi), radius * 1.6 * max(0.0, random.normal(0, 1))
            streak = length / 2 * np.array([np.cos(angle), np.sin(angle)])
            low, high = centre - np.abs(streak) - radius, centre + np.abs(streak) + radius
            if not any(_near(low, high, box) for box in (*taken, *added)):
                added.append(_paint(canvas, image, sprites, centre, streak, radius, look.grain, number, random))
                break
    return canvas.image, added


def _near(low: np.ndarray, high: np.ndarray, box: ObjectBox) -> bool:
    return bool(low[0] < box.x2 and high[0] > box.x1 and low[1] < box.y2 and high[1] > box.y1)


def _paint(
    canvas: Canvas,
    before: Image,
    sprites: list[Image],
    centre: np.ndarray,
    streak: np.ndarray,
    radius: float,
    grain: float,
    number: int,
    random: np.random.Generator,
) -> ObjectBox:
    height, width = before.shape[:2]
    paint_ball(canvas, sprites, centre - streak, centre + streak, radius, float(random.uniform(0, 6.28)), _SCATTERED)
    reach = np.abs(streak) + radius
    x1, y1 = (max(0, int(value)) for value in np.floor(centre - reach))
    x2, y2 = (int(value) for value in np.minimum(np.ceil(centre + reach), (width, height)))
    view, behind = canvas.image[y1:y2, x1:x2], before[y1:y2, x1:x2]
    ball = np.abs(view.astype(np.int16) - behind).max(axis=2, keepdims=True) > 0
    lit = view * random.uniform(0.8, 1.15) + random.normal(0, grain, view.shape)
    lit = np.where(ball, np.clip(lit, 0, 255), view)
    hidden = 0.0
    if random.random() < HIDDEN_CHANCE:
        # Something stands in front: the frame as it was, on one side of a line through the ball.
        hidden = float(random.uniform(*HIDDEN_SHARE))
        turn = random.uniform(0, 2 * np.pi)
        rows, columns = np.mgrid[y1:y2, x1:x2] + 0.5
        along = (columns - centre[0]) * np.cos(turn) + (rows - centre[1]) * np.sin(turn)
        lit = np.where((along > (1 - 2 * hidden) * radius)[..., None], behind, lit)
    view[:] = lit.astype(np.uint8)
    corners = (*np.maximum(centre - reach, 0), *np.minimum(centre + reach, (width, height)))
    left, top, right, bottom = (float(value) for value in corners)
    return ObjectBox(left, top, right, bottom, "ball", 1000 + number, 1.0 - hidden)
