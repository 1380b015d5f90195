"""Close-ups: one head and shoulders before the stands."""

from __future__ import annotations

import itertools

import cv2
import numpy as np

from courtside.sample.camera import Array
from courtside.sample.canvas import Canvas, Image, shade
from courtside.sample.people import Person
from courtside.sample.settings import Colour


def paint_backdrop(
    stand: Image, width: int, height: int, shift: Array, zoom: float, origin: Array, scale: float
) -> Image:
    """Return a part of the stands, filling the picture.

    Args:
        stand: texture of the stands.
        shift: drift in pixels, shape (2,).
        zoom: gain on ``scale``.
        origin: point of the texture in the middle of the picture, shape (2,).
        scale: pixels of the picture for one of the texture.
    """
    size = scale * zoom
    matrix = np.array(
        [[size, 0, width / 2 - origin[0] * size - shift[0]], [0, size, height / 2 - origin[1] * size - shift[1]]]
    )
    return np.asarray(
        cv2.warpAffine(stand, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT),
        dtype=np.uint8,
    )


def capsule(start: Array, end: Array, first: float, second: float) -> Array:
    """Return the outline of a limb as :func:`courtside.sample.figures.capsule` does, round enough for a close-up."""
    angle = np.arctan2(end[1] - start[1], end[0] - start[0]) + np.linspace(-np.pi / 2, np.pi / 2, 20)
    arc = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.concatenate([end + arc * second, start - arc * first])


def _soften(canvas: Canvas, outlines: list[Array], sigma: float) -> None:
    """Blend the shades inside the outlines into one another, as round forms do."""
    mask = np.zeros(canvas.owner.shape, np.uint8)
    for outline in outlines:
        cv2.fillConvexPoly(mask, np.round(outline).astype(np.int32), 255)
    x, y, w, h = cv2.boundingRect(mask)
    if not w or not h:
        return
    inside = mask[y : y + h, x : x + w]
    view = canvas.image[y : y + h, x : x + w]
    # The stands must not bleed into the skin: blur colour and coverage alike, then divide.
    small = (max(1, w // 4), max(1, h // 4))
    weight = cv2.resize(inside, small, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    lit = cv2.resize(cv2.copyTo(view, inside), small, interpolation=cv2.INTER_AREA).astype(np.float32)
    soft = cv2.GaussianBlur(lit, (0, 0), sigma / 4)
    cover = cv2.GaussianBlur(weight, (0, 0), sigma / 4)
    soft = cv2.resize(soft / np.maximum(cover, 0.02)[..., None], (w, h), interpolation=cv2.INTER_LINEAR)
    cv2.copyTo(np.clip(soft, 0, 255).astype(np.uint8), inside, view)


def _blend(first: Colour, second: Colour) -> Colour:
    blue, green, red = ((a + b) // 2 for a, b in zip(first, second, strict=True))
    return blue, green, red


def paint_bust(
    canvas: Canvas, person: Person, centre: Array, unit: float, turn: float, number: int, pores: Image
) -> None:
    """Paint a head and shoulders.

    Args:
        centre: middle of the head in pixels, shape (2,).
        unit: half the width of the head in pixels.
        turn: where the head looks, −1 (left) to 1 (right).
        number: the object's number in ``canvas.owner``; 0 claims nothing.
        pores: texture around 128 that gives skin and cloth their grain.
    """
    outlines: list[Array] = []

    def at(x: float, y: float) -> Array:
        return centre + np.array([x, y]) * unit

    def part(outline: Array, colour: Colour, silhouette: bool = False) -> None:
        canvas.fill(outline, colour)
        if silhouette:
            outlines.append(outline)

    def stroke(points: list[tuple[float, float]], radius: float, colour: Colour) -> None:
        for first, second in itertools.pairwise(points):
            part(capsule(at(*first), at(*second), radius * unit, radius * unit), colour)

    skin, cloth = person.skin, person.jersey
    for sign, dim in ((-1, 1.0), (1, 0.86)):
        part(
            capsule(at(sign * 0.9, 2.1), at(sign * 2.15, 2.95), 0.55 * unit, 0.66 * unit), shade(skin, 0.66 * dim), True
        )
        part(capsule(at(sign * 2.2, 3.0), at(sign * 2.55, 6.0), 0.66 * unit, 0.56 * unit), shade(skin, 0.6 * dim), True)
        part(capsule(at(sign * 2.1, 3.0), at(sign * 2.4, 6.0), 0.44 * unit, 0.36 * unit), shade(skin, 0.9 * dim))
        part(capsule(at(sign * 0.9, 2.0), at(sign * 2.0, 2.75), 0.3 * unit, 0.4 * unit), shade(skin, 1.0 * dim))
    part(capsule(at(0, 0.9), at(0, 2.4), 0.66 * unit, 0.85 * unit), shade(skin, 0.5), True)
    part(capsule(at(-0.2, 1.35), at(-0.2, 2.5), 0.34 * unit, 0.5 * unit), shade(skin, 0.82))
    part(capsule(at(0, 2.5), at(0, 3.2), 0.9 * unit, 0.6 * unit), shade(skin, 0.84), True)
    for sign in (-1, 1):
        ear = at(sign * 0.88 - turn * 0.12, 0.08)
        part(
            capsule(np.add(ear, (0, -0.12 * unit)), np.add(ear, (0, 0.16 * unit)), 0.2 * unit, 0.13 * unit),
            shade(skin, 0.66),
            True,
        )
    part(capsule(at(0, -0.34), at(turn * 0.1, 0.66), 0.98 * unit, 0.68 * unit), shade(skin, 0.62), True)
    part(capsule(at(-0.14, -0.3), at(-0.12 + turn * 0.1, 0.6), 0.82 * unit, 0.54 * unit), shade(skin, 0.88))
    part(capsule(at(-0.26, -0.42), at(-0.24, 0.3), 0.54 * unit, 0.34 * unit), shade(skin, 1.04))
    face = turn * 0.34
    for sign, dim in ((-1, 0.8), (1, 0.66)):
        part(
            capsule(at(face + sign * 0.36 - 0.1, -0.1), at(face + sign * 0.36 + 0.1, -0.1), 0.19 * unit, 0.19 * unit),
            shade(skin, dim),
        )
        stroke([(face + sign * 0.45, 0.28), (face + sign * 0.3, 0.4)], 0.16, shade(skin, 1.06 if sign < 0 else 0.86))
    stroke([(face * 1.1, -0.12), (face * 1.25, 0.3)], 0.12, shade(skin, 1.08))
    stroke([(face * 1.25 + 0.13, -0.02), (face * 1.3 + 0.16, 0.3)], 0.08, shade(skin, 0.62))
    stroke([(face - 0.2, 1.06), (face + 0.2, 1.06)], 0.16, shade(skin, 0.96))
    if person.beard:
        for sign in (-1, 1):
            stroke(
                [(turn * 0.1 + sign * 0.56, 0.52), (turn * 0.12 + sign * 0.4, 0.92), (turn * 0.14, 1.1)],
                0.17,
                shade(person.hair, 1.3),
            )
    _soften(canvas, outlines, 0.15 * unit)
    nose = face * 1.25
    stroke([(nose + 0.1, -0.02), (nose + 0.13, 0.26)], 0.035, shade(skin, 0.64))
    part(capsule(at(nose - 0.05, 0.31), at(nose + 0.06, 0.31), 0.13 * unit, 0.13 * unit), shade(skin, 0.72))
    part(capsule(at(nose - 0.03, 0.27), at(nose + 0.02, 0.27), 0.11 * unit, 0.11 * unit), shade(skin, 0.98))
    for sign in (-1, 1):
        part(
            capsule(
                at(face * 1.25 + sign * 0.12, 0.37), at(face * 1.25 + sign * 0.1, 0.37), 0.045 * unit, 0.045 * unit
            ),
            shade(skin, 0.38),
        )
        x = face + sign * 0.36
        part(capsule(at(x - 0.09, -0.07), at(x + 0.09, -0.07), 0.075 * unit, 0.075 * unit), (196, 202, 208))
        part(capsule(at(x + turn * 0.06, -0.075), at(x + turn * 0.06, -0.07), 0.07 * unit, 0.07 * unit), (22, 30, 44))
        part(
            capsule(at(x + turn * 0.06 - 0.02, -0.1), at(x + turn * 0.06 - 0.02, -0.1), 0.02 * unit, 0.02 * unit),
            (235, 235, 235),
        )
        stroke([(x - 0.18, -0.1), (x - 0.06, -0.16), (x + 0.06, -0.16), (x + 0.18, -0.09)], 0.032, shade(skin, 0.34))
        stroke([(x - 0.16, 0.03), (x, 0.055), (x + 0.16, 0.02)], 0.014, shade(skin, 0.55))
        stroke([(x - 0.24 * sign, -0.31), (x, -0.37), (x + 0.22 * sign, -0.31)], 0.05, shade(person.hair, 1.2))
    stroke(
        [(face - 0.2, 0.72), (face - 0.06, 0.68), (face, 0.7), (face + 0.06, 0.68), (face + 0.2, 0.72)],
        0.045,
        shade(_blend(skin, (80, 70, 150)), 0.62),
    )
    stroke([(face - 0.15, 0.80), (face, 0.83), (face + 0.15, 0.80)], 0.055, shade(_blend(skin, (90, 84, 170)), 0.85))
    stroke([(face - 0.23, 0.745), (face, 0.755), (face + 0.23, 0.745)], 0.014, shade(skin, 0.3))
    if person.hair_style:
        high = 0.3 if person.hair_style == 2 else 0.08
        for x, y, size in (
            (-0.62, -0.72, 0.34),
            (-0.3, -0.98, 0.4),
            (0.05, -1.06, 0.42),
            (0.38, -0.96, 0.4),
            (0.66, -0.7, 0.33),
        ):
            spot = at(x, y - high * (1 - abs(x)))
            part(capsule(spot, np.add(spot, (0.01, 0)), size * unit, size * unit), person.hair, True)
            glow = spot + np.array([-0.1, -0.12]) * unit
            part(
                capsule(glow, np.add(glow, (0.01, 0)), size * 0.55 * unit, size * 0.55 * unit), shade(person.hair, 1.35)
            )
        for sign in (-1, 1):
            stroke([(sign * 0.84, -0.62), (sign * 0.85, -0.2)], 0.06, person.hair)
        if person.hair_style == 3:
            stroke([(-0.94, -0.44), (-0.5, -0.58), (0, -0.62), (0.5, -0.58), (0.94, -0.44)], 0.13, person.trim)
    left = np.array([(-1.5, 2.15), (-1.05, 2.1), (-0.62, 2.95), (0, 3.3), (0, 6.5), (-1.8, 6.5), (-1.9, 3.6)])
    cloths = [left * (sign, 1) for sign in (1, -1)]
    hulls = [piece for half in cloths for piece in (half[[0, 1, 2, 6]], half[[6, 2, 3, 4, 5]])]
    for piece, dim in zip(hulls, (1.0, 1.0, 0.8, 0.8), strict=True):
        part(centre + piece * unit, shade(cloth, dim), True)
    for x, gain in ((-1.2, 0.8), (-0.75, 1.06), (-0.2, 0.92), (0.45, 0.72), (1.0, 0.88), (1.45, 0.6)):
        stroke([(x, 3.5), (x * 0.94, 4.6), (x * 1.05, 6.4)], 0.17, shade(cloth, gain))
    _soften(canvas, [centre + piece * unit for piece in hulls], 0.16 * unit)
    for sign in (-1, 1):
        stroke([(sign * 1.5, 2.15), (sign * 1.72, 3.1), (sign * 1.88, 3.9), (sign * 1.84, 6.5)], 0.075, person.trim)
    stroke([(-1.05, 2.1), (-0.62, 2.95), (0, 3.3), (0.62, 2.95), (1.05, 2.1)], 0.085, person.trim)
    if person.number:
        scale = unit / 15
        thickness = max(2, round(unit / 4.2))
        (width, height), _ = cv2.getTextSize(person.number, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
        spot = at(0, 4.5)
        origin = (round(float(spot[0]) - width / 2), round(float(spot[1]) + height / 2))
        cv2.putText(
            canvas.image, person.number, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, person.trim, thickness, cv2.LINE_AA
        )
    _roughen(canvas, outlines, centre, pores)
    if number:
        canvas.claim(number, outlines)


def _roughen(canvas: Canvas, outlines: list[Array], centre: Array, pores: Image) -> None:
    """Lay the texture of skin and cloth over the bust; it moves with it."""
    height, width = canvas.image.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    for outline in outlines:
        cv2.fillConvexPoly(mask, np.round(outline).astype(np.int32), 255)
    x, y, w, h = cv2.boundingRect(mask)
    if not w or not h:
        return
    matrix = np.array([[1, 0, centre[0] - pores.shape[1] / 2 - x], [0, 1, centre[1] - pores.shape[0] / 2 - y]])
    grain = cv2.warpAffine(pores, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    view = canvas.image[y : y + h, x : x + w]
    rough = cv2.addWeighted(view, 1.0, cv2.merge([grain] * 3), 1.0, -128)
    cv2.copyTo(rough, mask[y : y + h, x : x + w], view)
