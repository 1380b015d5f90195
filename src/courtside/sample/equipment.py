"""The two baskets: stand, board, rim and net."""

from __future__ import annotations

import cv2
import numpy as np

from courtside.sample.camera import Array, Camera
from courtside.sample.canvas import HIDES, Canvas, capsule, fixed, shade
from courtside.sample.settings import Look
from courtside.sample.simulation import COURT_LENGTH_M, RIM_HEIGHT_M, RIM_X_M

_RIM_M = 0.225


def paint_basket(canvas: Canvas, camera: Camera, look: Look, side: int) -> None:
    """Paint the basket at x > 0 (``side`` 1) or x < 0 (−1); what is solid hides what lies behind."""
    edge = side * COURT_LENGTH_M / 2
    board_x = edge - side * 1.22
    board = [(-0.92, 2.9), (0.92, 2.9), (0.92, 3.97), (-0.92, 3.97)]
    square = [(-0.3, 3.1), (0.3, 3.1), (0.3, 3.55), (-0.3, 3.55)]
    points = np.array(
        [
            *((board_x, y, z) for y, z in (*board, *square)),
            (edge + side * 1.5, 0, 0),
            (edge + side * 1.5, 0, 2.1),
            (board_x, 0, 3.2),
            (edge + side * 1.9, 0, 0.3),
            (edge + side * 0.9, 0, 2.9),
        ]
    )
    pixels, depth = camera.project(points)
    if depth.min() < 2:
        return
    width = canvas.image.shape[1]
    if pixels[:, 0].max() < -50 or pixels[:, 0].min() > width + 50 or pixels[:, 1].max() < -50:
        return
    unit = camera.focal / float(depth[10])
    pad = shade(look.apron, 1.25)
    solid = [
        capsule(pixels[8], pixels[9], 0.34 * unit, 0.26 * unit),
        capsule(pixels[9], pixels[12], 0.14 * unit, 0.12 * unit),
        capsule(pixels[12], pixels[10], 0.11 * unit, 0.07 * unit),
    ]
    for outline, colour in zip(solid, (pad, (60, 58, 56), (60, 58, 56)), strict=True):
        canvas.fill(outline, colour)
    canvas.fill(
        capsule(pixels[8] - (0.12 * unit, 0), pixels[9] - (0.08 * unit, 0), 0.16 * unit, 0.12 * unit), shade(pad, 1.3)
    )
    _glass(canvas, pixels[:4])
    stroke = max(1, round(0.06 * unit))
    for corners, thickness in ((pixels[:4], stroke), (pixels[4:8], max(1, stroke - 1))):
        cv2.polylines(canvas.image, [fixed(corners)], True, (238, 238, 240), thickness, cv2.LINE_AA, 4)
    canvas.fill(capsule(pixels[0], pixels[1], 0.05 * unit, 0.05 * unit), pad)
    canvas.claim(HIDES, solid)
    _rim(canvas, camera, side, unit)


def _glass(canvas: Canvas, corners: Array) -> None:
    """Lighten what is seen through the board."""
    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, None)
    high = np.ceil(corners.max(axis=0)).astype(int)
    view = canvas.image[low[1] : max(high[1], 0), low[0] : max(high[0], 0)]
    if view.size:
        glass = np.zeros_like(view)
        cv2.fillConvexPoly(glass, fixed(corners - low), (46, 44, 42), cv2.LINE_AA, 4)
        cv2.add(view, glass, dst=view)


def _rim(canvas: Canvas, camera: Camera, side: int, unit: float) -> None:
    angles = np.linspace(0, 2 * np.pi, 25)
    top = np.stack(
        [side * RIM_X_M + _RIM_M * np.cos(angles), _RIM_M * np.sin(angles), np.full(25, RIM_HEIGHT_M)], axis=1
    )
    low = top * (1, 0.55, 1) - (0, 0, 0.42)
    low[:, 0] = side * RIM_X_M + 0.55 * _RIM_M * np.cos(angles + 0.3)
    upper, lower = camera.project(top)[0], camera.project(low)[0]
    thin = max(1, round(0.018 * unit))
    for index in range(0, 24, 2):
        for other in (index + 2, index - 2):
            ends = fixed(np.stack([upper[index], lower[other % 24]]))
            cv2.line(canvas.image, ends[0].tolist(), ends[1].tolist(), (222, 224, 224), thin, cv2.LINE_AA, 4)
    cv2.polylines(canvas.image, [fixed(lower)], True, (210, 212, 212), thin, cv2.LINE_AA, 4)
    cv2.polylines(canvas.image, [fixed(upper)], True, (30, 70, 226), max(2, round(0.045 * unit)), cv2.LINE_AA, 4)
