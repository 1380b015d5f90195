"""Spectators: blocks of seats, the people at the sidelines."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from courtside.sample.camera import Array
from courtside.sample.canvas import Image
from courtside.sample.settings import Colour, Look

STAND_PIXELS_PER_METRE = 44
STAND_SIZE_M = (44.0, 20.0)
CLOSE_PIXELS_PER_METRE = 130
CLOSE_SIZE_M = (19.0, 11.5)
FRONT_PIXELS_PER_METRE = 64
COURTSIDE_SIZE_M = (34.0, 1.3)
FRONT_SIZE_M = (34.0, 2.6)
SKINS: tuple[Colour, ...] = (
    (120, 160, 214),
    (104, 142, 196),
    (70, 104, 158),
    (52, 78, 124),
    (40, 58, 96),
    (134, 178, 228),
)


def tint(image: NDArray[np.float32], warmth: float) -> None:
    """Make a picture warmer (above 1) or colder, in place."""
    image[..., 0] /= warmth
    image[..., 2] *= warmth


def stands(
    look: Look, rng: np.random.Generator, scale: int, size_m: tuple[float, float], exposure: float, row_m: float
) -> tuple[Image, ...]:
    """Return the same block of spectators at three moments.

    Args:
        scale: pixels a metre.
        size_m: width and height of the block.
        exposure: gain on the stands' light.
        row_m: distance of the rows.
    """
    width, height = (round(size * scale) for size in size_m)
    base = np.empty((height, width, 3), np.uint8)
    base[:] = (52, 46, 44)
    pictures = [base.copy() for _ in range(3)]
    seat, row, aisle = 0.53 * scale, row_m * scale, 9.7 * scale
    empty = _tuple(np.array(look.apron) * 0.55 + 24)
    for line in range(int(height / row) + 1):
        top = line * row
        for picture in pictures:
            _bar(picture, 0, top + row - 0.22 * scale, width, top + row, (70, 64, 62))
        for place in range(int(width / seat) + 1):
            left = place * seat
            if left % aisle < 1.0 * scale:
                for picture in pictures:
                    _bar(picture, left, top, left + seat + 1, top + row, (104, 98, 96))
                    _bar(picture, left, top, left + seat + 1, top + 0.1 * scale, (150, 146, 142))
            elif rng.random() > look.crowd_density:
                for picture in pictures:
                    _bar(picture, left + 0.06 * scale, top + 0.3 * scale, left + seat - 0.06 * scale, top + row, empty)
            else:
                _spectator(pictures, look, rng, left + seat / 2, top + 0.42 * scale, scale)
    # The lamps hang over the court: upper rows get less of their light.
    gain = (np.linspace(0.78, 1.15, height, dtype=np.float32) * (look.crowd_light * exposure))[:, None, None]
    result = []
    for picture in pictures:
        values = picture.astype(np.float32) * gain
        if scale >= CLOSE_PIXELS_PER_METRE:
            values += (
                cv2.GaussianBlur(rng.standard_normal((height, width), dtype=np.float32), (0, 0), 0.7)[..., None] * 16
            )
        tint(values, look.warmth)
        result.append(np.clip(values, 0, 255).astype(np.uint8))
    return tuple(result)


def _tuple(values: Array) -> Colour:
    blue, green, red = (int(value) for value in np.clip(values, 0, 255))
    return blue, green, red


def _bar(image: Image, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
    cv2.rectangle(image, (round(left), round(top)), (round(right) - 1, round(bottom) - 1), colour, -1)


def _dot(image: Image, x: float, y: float, half_x: float, half_y: float, colour: tuple[int, ...]) -> None:
    centre, axes = (round(x * 16), round(y * 16)), (max(8, round(half_x * 16)), max(8, round(half_y * 16)))
    cv2.ellipse(image, centre, axes, 0, 0, 360, colour, -1, cv2.LINE_AA, 4)


def _stroke(image: Image, start: tuple[float, float], end: tuple[float, float], thick: float, colour: Colour) -> None:
    first, second = ((round(x * 16), round(y * 16)) for x, y in (start, end))
    cv2.line(image, first, second, colour, max(1, round(thick)), cv2.LINE_AA, 4)


def _hair(rng: np.random.Generator) -> Array:
    return np.array(
        [(22, 24, 30), (32, 50, 76), (64, 116, 158), (156, 164, 170)][int(rng.choice(4, p=[0.5, 0.3, 0.12, 0.08]))]
    )


def _spectator(pictures: list[Image], look: Look, rng: np.random.Generator, x: float, y: float, unit: float) -> None:
    """Paint one spectator, seated and seen from the front; ``unit`` is pixels a metre."""
    cloth = np.array(look.crowd[int(rng.integers(len(look.crowd)))]) * rng.uniform(0.6, 1.15)
    skin = np.array(SKINS[int(rng.integers(len(SKINS)))]) * rng.uniform(0.85, 1.1)
    top = cloth * 1.2 if rng.random() < 0.1 else _hair(rng)
    long_hair, lively, arms = rng.random() < 0.3, rng.random() < 0.35, rng.random() < 0.07
    x, y = x + rng.normal(0, 0.04) * unit, y + rng.normal(0, 0.05) * unit
    lap = _tuple(np.array([(70, 50, 40), (36, 34, 36), (90, 110, 124)][int(rng.integers(3))]) * rng.uniform(0.7, 1.1))
    bright, dark, face, shade, hair = (_tuple(c) for c in (cloth, cloth * 0.62, skin, skin * 0.72, top))
    for number, picture in enumerate(pictures):
        moved = lively and number > 0
        xx, yy = (x + rng.normal(0, 0.03) * unit, y + rng.normal(0, 0.035) * unit) if moved else (x, y)
        _dot(picture, xx, yy + 0.50 * unit, 0.22 * unit, 0.17 * unit, lap)
        if long_hair:
            _dot(picture, xx, yy - 0.02 * unit, 0.135 * unit, 0.18 * unit, hair)
        _dot(picture, xx, yy + 0.36 * unit, 0.23 * unit, 0.26 * unit, dark)
        _stroke(picture, (xx - 0.16 * unit, yy + 0.24 * unit), (xx + 0.16 * unit, yy + 0.24 * unit), 0.17 * unit, dark)
        _dot(picture, xx - 0.035 * unit, yy + 0.37 * unit, 0.17 * unit, 0.25 * unit, bright)
        _stroke(
            picture, (xx - 0.17 * unit, yy + 0.23 * unit), (xx + 0.08 * unit, yy + 0.23 * unit), 0.13 * unit, bright
        )
        _dot(picture, xx, yy + 0.10 * unit, 0.06 * unit, 0.09 * unit, shade)
        _dot(picture, xx, yy - 0.04 * unit, 0.105 * unit, 0.135 * unit, shade)
        _dot(picture, xx - 0.015 * unit, yy - 0.03 * unit, 0.085 * unit, 0.12 * unit, face)
        _dot(picture, xx, yy - 0.12 * unit, 0.11 * unit, 0.07 * unit, hair)
        if unit > 80:
            for sign in (-1, 1):
                _dot(
                    picture,
                    xx - 0.015 * unit + sign * 0.035 * unit,
                    yy - 0.03 * unit,
                    0.014 * unit,
                    0.012 * unit,
                    (30, 32, 38),
                )
            _dot(picture, xx - 0.015 * unit, yy + 0.05 * unit, 0.035 * unit, 0.012 * unit, (70, 70, 130))
            for sign, colour in ((-1, bright), (1, dark)):
                elbow, hand = (xx + sign * 0.25 * unit, yy + 0.42 * unit), (xx + sign * 0.1 * unit, yy + 0.52 * unit)
                _stroke(picture, (xx + sign * 0.21 * unit, yy + 0.24 * unit), elbow, 0.1 * unit, colour)
                _stroke(picture, elbow, hand, 0.07 * unit, shade)
                _dot(picture, *hand, 0.05 * unit, 0.045 * unit, face)
        if arms:
            lift = (0.16 + (0.16 * rng.random() if number else 0.05)) * unit
            for sign in (-1, 1):
                _stroke(
                    picture,
                    (xx + sign * 0.23 * unit, yy + 0.2 * unit),
                    (xx + sign * 0.25 * unit, yy - lift),
                    0.08 * unit,
                    face,
                )


def front_people(look: Look, rng: np.random.Generator) -> Image:
    """Return the people at the near sideline, seen from behind, with an alpha channel."""
    scale = FRONT_PIXELS_PER_METRE
    width, height = (round(size * scale) for size in FRONT_SIZE_M)
    front = np.zeros((height, width, 4), np.uint8)
    for row, lift in enumerate((0.0, 0.62, 1.2)):
        x = 0.3 * scale * (1 + row % 2)
        while x < width:
            if rng.random() < 0.9:
                cloth = (
                    np.array(look.crowd[int(rng.integers(len(look.crowd)))]) * rng.uniform(0.3, 0.75) * look.crowd_light
                )
                hair, skin = _hair(rng) * 0.8, np.array(SKINS[int(rng.integers(len(SKINS)))]) * 0.55
                y = (rng.uniform(0.2, 0.36) + lift) * scale
                for centre, half_x, half_y, colour in (
                    ((x, y + 0.95 * scale), 0.30, 0.72, cloth * 0.7),
                    ((x - 0.04 * scale, y + 0.97 * scale), 0.22, 0.70, cloth),
                    ((x, y + 0.2 * scale), 0.065, 0.12, skin),
                    ((x, y), 0.125, 0.16, hair),
                    ((x - 0.035 * scale, y - 0.04 * scale), 0.06, 0.09, hair * 1.35 + 8),
                ):
                    _dot(front, *centre, half_x * scale, half_y * scale, (*_tuple(colour), 255))
            x += rng.uniform(0.48, 0.8) * scale
    front[round(1.5 * scale) :][front[round(1.5 * scale) :, :, 3] == 0] = (24, 22, 22, 255)
    return front


def courtside_people(look: Look, rng: np.random.Generator) -> Image:
    """Return the people who sit at the far sideline, and the scorers' table, with an alpha channel."""
    scale = FRONT_PIXELS_PER_METRE
    width, height = (round(size * scale) for size in COURTSIDE_SIZE_M)
    picture = np.zeros((height, width, 3), np.uint8)
    half = width / 2
    x = 0.4 * scale
    while x < width - 0.4 * scale:
        if 2.6 * scale < abs(x - half) < 13.5 * scale or rng.random() < 0.25:
            bench = abs(abs(x - half) - 7 * scale) < 3.0 * scale
            kit = look.kits[0 if x < half else 1].jersey
            worn = replace(look, crowd=(kit,)) if bench else look
            _spectator([picture], worn, rng, x, 0.62 * scale, scale)
            shoe = max(2, round(0.09 * scale))
            for sign in (-1, 1):
                low = (round(x + sign * 0.1 * scale), round(1.24 * scale))
                cv2.line(picture, (low[0], round(1.05 * scale)), low, (52, 48, 50), shoe, cv2.LINE_AA)
        x += rng.uniform(0.55, 0.75) * scale
    alpha = (picture.max(axis=2) > 0).astype(np.uint8) * 255
    table = slice(round(half - 2.6 * scale), round(half + 2.6 * scale))
    picture[round(0.62 * scale) :, table] = np.maximum(20, np.array(look.apron) * 0.8).astype(np.uint8)
    picture[round(0.58 * scale) : round(0.66 * scale), table] = (210, 210, 210)
    alpha[round(0.58 * scale) :, table] = 255
    lit = np.clip(picture.astype(np.float32) * min(1.0, look.crowd_light * 1.25), 0, 255).astype(np.uint8)
    return np.dstack([lit, alpha]).astype(np.uint8)
