"""Paints the ball, with its seams, its streak when it is fast, and its shadow."""

from __future__ import annotations

import cv2
import numpy as np

from courtside.sample.camera import Array, Camera
from courtside.sample.canvas import Canvas, Image, capsule, paint_shadow
from courtside.sample.settings import Look


def paint_ball_shadow(canvas: Canvas, camera: Camera, ball: Array) -> None:
    """Darken the floor under the ball at ``ball``, metres; fainter the higher it is."""
    paint_shadow(canvas, camera, ball[:2], 0.16, 0.4 * float(np.clip(1.4 - ball[2] / 2.5, 0.15, 1)))


def ball_sprites(look: Look) -> list[Image]:
    """Return the ball with an alpha channel (premultiplied) at 128, 64, 32 and 16 pixels across."""
    size = 256
    grid = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(grid, grid)
    inside = np.clip((1 - np.hypot(x, y)) * size / 4, 0, 1)
    z = np.sqrt(np.clip(1 - x**2 - y**2, 0, 1))
    light = np.clip(0.50 + 0.62 * (-0.40 * x - 0.62 * y + 0.66 * z), 0.3, 1.12)
    pebbles = np.random.default_rng(5).normal(0, 0.05, (size, size))
    seams = np.zeros((size, size))
    for distance in (np.abs(x), np.abs(y), np.abs(np.hypot(x - 1.25, y) - 0.85), np.abs(np.hypot(x + 1.25, y) - 0.85)):
        seams = np.maximum(seams, np.clip((0.055 - distance) * 60, 0, 1))
    base = np.array(look.ball) * (light + pebbles)[..., None]
    colour = base * (1 - seams[..., None]) + np.array(look.seam) * light[..., None] * seams[..., None]
    glint = np.exp(-((x + 0.35) ** 2 + (y + 0.45) ** 2) / 0.03) * 50
    colour = np.clip((colour + glint[..., None]) * look.light, 0, 255)
    sprite = np.dstack([colour * inside[..., None], inside * 255]).astype(np.uint8)
    return [
        cv2.resize(sprite, (edge, edge), interpolation=cv2.INTER_AREA).astype(np.uint8) for edge in (128, 64, 32, 16)
    ]


def paint_ball(
    canvas: Canvas, sprites: list[Image], first: Array, last: Array, radius: float, spin: float, number: int
) -> None:
    """Paint the ball with the streak of one exposure and claim its pixels.

    Args:
        first: centre in pixels when the shutter opens, shape (2,).
        last: when it closes.
        radius: in pixels.
        spin: radians.
        number: the object's number in ``canvas.owner``.
    """
    height, width = canvas.image.shape[:2]
    low = np.floor(np.minimum(first, last) - radius).astype(int) - 1
    high = np.ceil(np.maximum(first, last) + radius).astype(int) + 1
    if high[0] <= 0 or high[1] <= 0 or low[0] >= width or low[1] >= height:
        return
    canvas.claim(number, [capsule(first, last, radius, radius)])
    canvas.extents[number] = (
        float(min(first[0], last[0]) - radius),
        float(min(first[1], last[1]) - radius),
        float(max(first[0], last[0]) + radius),
        float(max(first[1], last[1]) + radius),
    )
    level = next((sprite for sprite in reversed(sprites) if sprite.shape[0] >= 2 * radius), sprites[0])
    edge = level.shape[0]
    scale = 2 * radius / edge
    cos, sin = np.cos(spin) * scale, np.sin(spin) * scale
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    count = max(1, int(np.ceil(np.linalg.norm(last - first) / max(1.0, radius * 0.35))))
    total = np.zeros((size[1], size[0], 4), np.float32)
    half = (edge - 1) / 2
    for share in (np.arange(count) + 0.5) / count:
        centre = first + (last - first) * share - low - 0.5
        matrix = np.array([[cos, -sin, centre[0] - (cos - sin) * half], [sin, cos, centre[1] - (sin + cos) * half]])
        total += cv2.warpAffine(level, matrix, size, flags=cv2.INTER_LINEAR)
    total /= count
    x0, y0, x1, y1 = max(low[0], 0), max(low[1], 0), min(high[0], width), min(high[1], height)
    patch = total[y0 - low[1] : y1 - low[1], x0 - low[0] : x1 - low[0]]
    view = canvas.image[y0:y1, x0:x1]
    # The streak of a fast ball keeps more of its colour than light alone would leave, as sharpened broadcasts do.
    alpha = patch[..., 3:] / 255
    view[:] = np.clip(view * (1 - alpha) + patch[..., :3], 0, 255).astype(np.uint8)
