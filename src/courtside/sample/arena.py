"""The hall: floor, stands and boards as pictures that lie on planes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from courtside.sample.canvas import Image
from courtside.sample.crowd import (
    CLOSE_PIXELS_PER_METRE,
    CLOSE_SIZE_M,
    STAND_PIXELS_PER_METRE,
    STAND_SIZE_M,
    courtside_people,
    front_people,
    stands,
    tint,
)
from courtside.sample.settings import Colour, Look
from courtside.sample.simulation import COURT_LENGTH_M, COURT_WIDTH_M, RIM_X_M

FLOOR_PIXELS_PER_METRE = 72
FLOOR_HALF_M = (19.0, 11.6)


@dataclass(frozen=True)
class Arena:
    """The textures of one hall.

    Attributes:
        floor: picture of the floor seen from above, y growing away from the camera side upwards.
        stands: pictures of a block of spectators; the same people at several moments.
        board: picture of the advertising boards.
        close: the same as ``stands``, a small block drawn large.
        courtside: people at the far sideline, with an alpha channel.
        front: people at the near sideline seen from behind, with an alpha channel.
    """

    floor: Image
    stands: tuple[Image, ...]
    board: Image
    close: tuple[Image, ...]
    courtside: Image
    front: Image


def build(look: Look, rng: np.random.Generator) -> Arena:
    """Draw the textures of a hall."""
    return Arena(
        floor=_floor(look, rng),
        stands=stands(look, rng, STAND_PIXELS_PER_METRE, STAND_SIZE_M, 1.25, 0.8),
        board=_board(look, rng),
        close=stands(look, rng, CLOSE_PIXELS_PER_METRE, CLOSE_SIZE_M, 1.5, 0.66),
        courtside=courtside_people(look, rng),
        front=front_people(look, rng),
    )


def _floor(look: Look, rng: np.random.Generator) -> Image:
    scale = FLOOR_PIXELS_PER_METRE
    width, height = (round(2 * half * scale) for half in FLOOR_HALF_M)
    plank = 7
    tone = np.zeros((height, width), np.float32)
    for top in range(0, height, plank):
        joints = np.sort(rng.integers(0, width, width // 90))
        tone[top : top + plank] = rng.normal(0, 1, len(joints) + 1)[np.searchsorted(joints, np.arange(width))]
        tone[top : top + plank, joints] -= 2.0
        tone[top] -= 0.9
    grain = rng.standard_normal((height, width), dtype=np.float32)
    tone = tone * look.wood_contrast * 0.55 + cv2.blur(grain, (5, 1)) * look.wood_contrast * 1.5
    tone += grain * look.wood_contrast * 0.35
    floor = np.empty((height, width, 3), np.uint8)
    floor[:] = look.wood

    def pixel(x: float, y: float) -> tuple[int, int]:
        return round((x + FLOOR_HALF_M[0]) * scale * 16), round((FLOOR_HALF_M[1] - y) * scale * 16)

    half_length, half_width = COURT_LENGTH_M / 2, COURT_WIDTH_M / 2
    stroke = round(0.07 * scale)
    inside = np.zeros((height, width), np.uint8)
    left, top = (value // 16 for value in pixel(-half_length, half_width))
    right, bottom = (value // 16 for value in pixel(half_length, -half_width))
    inside[top:bottom, left:right] = 1
    floor[inside == 0] = look.apron
    for side in (-1, 1):
        corners = np.array([pixel(side * half_length, 2.44), pixel(side * (half_length - 5.8), -2.44)])
        cv2.rectangle(floor, corners[0].tolist(), corners[1].tolist(), look.paint, -1, cv2.LINE_AA, 4)
    cv2.circle(floor, pixel(0, 0), round(1.83 * scale * 16), look.paint, -1, cv2.LINE_AA, 4)
    _write(floor, look.court_name[:1], pixel(0, 0), 2.1, look.line, 0)
    for side in (-1, 1):
        x_line = side * half_length
        cv2.rectangle(floor, pixel(x_line, 2.44), pixel(x_line - side * 5.8, -2.44), look.line, stroke, cv2.LINE_AA, 4)
        free_throw, ring = pixel(x_line - side * 5.8, 0), round(1.83 * scale * 16)
        cv2.circle(floor, free_throw, ring, look.line, stroke, cv2.LINE_AA, 4)
        rim = side * RIM_X_M
        cv2.ellipse(
            floor,
            pixel(rim, 0),
            (round(1.22 * scale * 16),) * 2,
            90 if side > 0 else -90,
            0,
            180,
            look.line,
            stroke,
            cv2.LINE_AA,
            4,
        )
        limit = np.degrees(np.arcsin(6.7 / 7.24))
        angles = np.radians(np.linspace(-limit, limit, 60))
        arc = [(rim - side * 7.24 * np.cos(a), 7.24 * np.sin(a)) for a in angles]
        points = [(x_line, -6.7), *arc, (x_line, 6.7)]
        cv2.polylines(floor, [np.array([pixel(*p) for p in points])], False, look.line, stroke, cv2.LINE_AA, 4)
        for y in (-1, 1):
            for mark in (2.1, 3.0, 3.9, 4.8):
                x = x_line - side * mark
                cv2.line(floor, pixel(x, y * 2.44), pixel(x, y * 2.66), look.line, stroke, cv2.LINE_AA, 4)
        for y in (-1, 1):
            x = x_line - side * 8.5
            cv2.line(
                floor, pixel(x, y * half_width), pixel(x, y * (half_width - 0.9)), look.line, stroke, cv2.LINE_AA, 4
            )
    cv2.circle(floor, pixel(0, 0), round(1.83 * scale * 16), look.line, stroke, cv2.LINE_AA, 4)
    cv2.line(floor, pixel(0, -half_width), pixel(0, half_width), look.line, stroke, cv2.LINE_AA, 4)
    cv2.rectangle(
        floor, pixel(-half_length, half_width), pixel(half_length, -half_width), look.line, stroke, cv2.LINE_AA, 4
    )
    for side in (-1, 1):
        _write(floor, look.court_name, pixel(side * (half_length + 1.25), 0), 1.25, look.line, 90 * side)
        _write(floor, look.court_name, pixel(side * 8.5, -(half_width + 1.0)), 0.9, look.line, 0)
    result = floor.astype(np.float32) + tone[..., None]
    tint(result, look.warmth)
    return np.asarray(np.clip(result * look.light, 0, 255), dtype=np.uint8)


def _write(image: Image, text: str, centre: tuple[int, int], height_m: float, colour: Colour, angle: int) -> None:
    scale = height_m * FLOOR_PIXELS_PER_METRE / 22
    thickness = max(2, round(scale * 3.2))
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, thickness)
    patch = np.zeros((height + 2 * thickness, width + 2 * thickness), np.uint8)
    cv2.putText(
        patch, text, (thickness, height + thickness // 2), cv2.FONT_HERSHEY_DUPLEX, scale, 255, thickness, cv2.LINE_AA
    )
    if angle:
        patch = np.ascontiguousarray(np.rot90(patch, angle // 90))
    x, y = centre[0] // 16 - patch.shape[1] // 2, centre[1] // 16 - patch.shape[0] // 2
    x0, y0 = max(x, 0), max(y, 0)
    target = image[y0 : y + patch.shape[0], x0 : x + patch.shape[1]]
    alpha = patch[y0 - y : y0 - y + target.shape[0], x0 - x : x0 - x + target.shape[1], None].astype(np.float32) / 255
    target[:] = (target * (1 - alpha) + np.array(colour, np.float32) * alpha).astype(np.uint8)


def _board(look: Look, rng: np.random.Generator) -> Image:
    scale, length = 60, 44
    board = np.empty((round(0.95 * scale), length * scale, 3), np.uint8)
    board[:] = (30, 26, 24)
    names = ["COURTSIDE", look.court_name, "NORTHWIND", "BOLT COLA", "HALCYON", "ORBIT AIR", "MAPLE BANK", "KITE TEL"]
    x = 0
    while x < board.shape[1]:
        name = names[int(rng.integers(len(names)))]
        back = [look.apron, (235, 235, 235), (40, 34, 30), look.kits[0].jersey][int(rng.integers(4))]
        ink = (24, 24, 24) if sum(back) > 420 else (240, 240, 240)
        width = int(rng.integers(5, 8)) * scale
        cv2.rectangle(board, (x, 0), (x + width, board.shape[0]), back, -1)
        cv2.putText(board, name, (x + 24, board.shape[0] - 16), cv2.FONT_HERSHEY_DUPLEX, 1.25, ink, 3, cv2.LINE_AA)
        x += width
    return board
