"""The background of one shot: the hall as a camera sees it that turns but does not move."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from courtside.sample.arena import FLOOR_HALF_M, Arena
from courtside.sample.camera import NEAR_M, Array, Camera, CameraPath
from courtside.sample.canvas import Image
from courtside.sample.crowd import COURTSIDE_SIZE_M, FRONT_SIZE_M
from courtside.sample.settings import Look

FRONT_TOP_M = 0.95
FRONT_Y_M = -10.3


@dataclass(frozen=True)
class Surface:
    """A flat picture in space.

    Attributes:
        corner: world position of the picture's top-left corner, metres.
        along: world vector of its upper edge, metres.
        down: world vector of its left edge, metres.
        name: which texture lies on it.
        light: gain.
    """

    corner: Array
    along: Array
    down: Array
    name: str
    light: float


def surfaces() -> list[Surface]:
    """Return the planes of the hall, back to front, for a camera at y < 0 that looks to y > 0."""
    x, y = FLOOR_HALF_M
    deep, high, low = 14.0, 10.5, 0.95
    edge = y - 1.6
    vector = np.array
    found = []
    for sign in (-1, 1):
        corner = vector([sign * (x + deep), sign * 22.0, low + high])
        along, down = vector([0, -sign * 44.0, 0]), vector([-sign * deep, 0, -high])
        found.append(Surface(corner, along, down, "stand", 0.8))
    far = vector([-22.0, edge + deep, low + high])
    found.append(Surface(far, vector([44.0, 0, 0]), vector([0, -deep, -high]), "stand", 1))
    found.append(Surface(vector([-x, y, 0.0]), vector([2 * x, 0, 0]), vector([0, -2 * y, 0]), "floor", 1))
    found.append(Surface(vector([-22.0, edge, low]), vector([44.0, 0, 0]), vector([0, 0, -low]), "board", 1))
    for sign in (-1, 1):
        corner = vector([sign * x, sign * edge, low])
        found.append(Surface(corner, vector([0, -2 * sign * edge, 0]), vector([0, 0, -low]), "board", 0.8))
    wide, tall = COURTSIDE_SIZE_M
    found.append(
        Surface(vector([-wide / 2, edge - 0.7, tall]), vector([wide, 0, 0]), vector([0, 0, -tall]), "courtside", 1)
    )
    return found


class Panorama:
    """The background of one shot, drawn once and turned into each frame by one warp.

    Everything still is seen by a camera that turns and zooms but does not move, so that any frame is
    a homography of one larger picture.
    """

    def __init__(self, arena: Arena, look: Look, path: CameraPath, width: int, height: int) -> None:
        self._path = path
        self._size = (width, height)
        reference = path.reference()
        corners = np.array([(0, 0), (width, 0), (0, height), (width, height)], dtype=np.float64)
        seen = []
        for frame in range(len(path.pan)):
            matrix = path.at(frame).turn_homography(reference)
            seen.append(cv2.perspectiveTransform(corners[None], matrix)[0])
        points = np.concatenate(seen)
        low, high = np.floor(points.min(axis=0)) - 4, np.ceil(points.max(axis=0)) + 4
        self._camera = Camera(
            reference.position,
            reference.pan,
            reference.tilt,
            reference.focal,
            (reference.centre[0] - low[0], reference.centre[1] - low[1]),
        )
        size = (int(high[0] - low[0]), int(high[1] - low[1]))
        self._pictures = _draw(arena, look, self._camera, size)

    def frame(self, number: float, phase: int) -> Image:
        """Return the background at a frame of the shot; ``phase`` chooses the spectators' moment."""
        camera = self._path.at(number)
        matrix = self._camera.turn_homography(camera)
        picture = self._pictures[phase % len(self._pictures)]
        return np.asarray(cv2.warpPerspective(picture, matrix, self._size, flags=cv2.INTER_LINEAR), dtype=np.uint8)


def _draw(arena: Arena, look: Look, camera: Camera, size: tuple[int, int]) -> list[Image]:
    width, height = size
    stretch = np.diag([1.0, 2.0, 1.0])
    base = np.empty((height * 2, width, 3), np.uint8)
    base[:] = (22, 18, 18)
    pictures = [base, base.copy(), base.copy()]
    for surface in surfaces():
        outline = _visible_outline(surface, camera)
        if outline is None:
            continue
        outline = outline * (1, 2)
        mask = np.zeros((height * 2, width), np.uint8)
        cv2.fillPoly(mask, [np.round(np.clip(outline, -30000, 30000)).astype(np.int32)], 255)
        x, y, w, h = cv2.boundingRect(mask)
        if w == 0 or h == 0:
            continue
        shift = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1.0]])
        textures = {
            "stand": arena.stands,
            "floor": (arena.floor,),
            "board": (arena.board,),
            "courtside": (arena.courtside,),
        }[surface.name]
        warped: list[Image] = []
        for texture in textures:
            rows, columns = texture.shape[:2]
            plane = camera.plane_homography(surface.corner, surface.along / columns, surface.down / rows)
            picture = cv2.warpPerspective(texture, shift @ stretch @ plane, (w, h), flags=cv2.INTER_LINEAR)
            if surface.light < 1:
                picture = cv2.convertScaleAbs(picture, alpha=surface.light)
            warped.append(picture.astype(np.uint8))
        for number, target in enumerate(pictures):
            view = target[y : y + h, x : x + w]
            if surface.name == "courtside":
                lay_over(view, warped[0])
                continue
            cv2.copyTo(warped[number % len(warped)], mask[y : y + h, x : x + w], view)
    small = [cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA) for picture in pictures]
    lamps = _lamps(look, camera, size)
    return [cv2.add(picture, lamps).astype(np.uint8) for picture in small]


def lay_over(view: Image, layer: Image) -> None:
    """Paint a picture with an alpha channel over ``view``, in place, where it is not clear."""
    covered = np.flatnonzero(layer[..., 3].any(axis=1))
    if not len(covered):
        return
    part = slice(int(covered[0]), int(covered[-1]) + 1)
    alpha = layer[part, :, 3].astype(np.float32) / 255
    colour = cv2.cvtColor(layer[part], cv2.COLOR_BGRA2BGR)
    view[part] = cv2.blendLinear(np.ascontiguousarray(view[part]), colour, 1 - alpha, alpha)


def front_row(arena: Arena, camera: Camera, size: tuple[int, int]) -> tuple[int, Image] | None:
    """Return the people before the camera: the first row of the picture they reach and their pixels.

    Args:
        size: width and height of the picture.
    """
    width, height = size
    wide, tall = FRONT_SIZE_M
    rows, columns = arena.front.shape[:2]
    corner = np.array([-wide / 2, FRONT_Y_M, FRONT_TOP_M])
    edge = np.linspace(-wide / 2, wide / 2, 9)
    pixels, depth = camera.project(np.stack([edge, np.full(9, FRONT_Y_M), np.full(9, FRONT_TOP_M)], axis=1))
    near = depth > 2 * NEAR_M
    if not near.all() or pixels[:, 1].min() >= height:
        return None
    top = int(np.clip(np.floor(pixels[:, 1].min()), 0, height - 1))
    plane = camera.plane_homography(corner, np.array([wide / columns, 0, 0]), np.array([0, 0, -tall / rows]))
    shift = np.array([[1, 0, 0], [0, 1, -top], [0, 0, 1.0]])
    layer = cv2.warpPerspective(arena.front, shift @ plane, (width, height - top), flags=cv2.INTER_LINEAR)
    return top, np.asarray(layer, dtype=np.uint8)


def _visible_outline(surface: Surface, camera: Camera) -> Array | None:
    """Return the outline of the part of a surface in front of the camera, in pixels."""
    a, b, c = surface.corner, surface.along, surface.down
    corners = np.array([a, a + b, a + b + c, a + c])
    forward = camera.rotation()[2]
    depth = (corners - np.asarray(camera.position)) @ forward - 2 * NEAR_M
    kept = []
    for index in range(4):
        following = (index + 1) % 4
        if depth[index] > 0:
            kept.append(corners[index])
        if (depth[index] > 0) != (depth[following] > 0):
            share = depth[index] / (depth[index] - depth[following])
            kept.append(corners[index] + share * (corners[following] - corners[index]))
    if len(kept) < 3:
        return None
    return camera.project(np.array(kept))[0]


def _lamps(look: Look, camera: Camera, size: tuple[int, int]) -> Image:
    """Return the lamps' soft reflections on the polished floor."""
    width, height = size
    spots = np.zeros((height // 8 + 1, width // 8 + 1), np.float32)
    for x in np.arange(-12.0, 12.1, 6.0):
        for y in (-4.5, 4.0):
            point, depth = camera.project(np.array([x, y, 0.0]))
            reach = camera.focal / max(float(depth), 1.0)
            if depth > NEAR_M and abs(point[0]) < 1e4 and abs(point[1]) < 1e4:
                axes = (max(1, int(reach * 1.5 / 8)), max(1, int(reach * 0.75 / 8)))
                cv2.ellipse(spots, (int(point[0] / 8), int(point[1] / 8)), axes, 0, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(spots, (0, 0), max(2.0, camera.focal / 30 / 8 * 0.6))
    light = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR) * (255 * look.gloss * 0.55)
    return np.repeat(light.astype(np.uint8)[..., None], 3, axis=2)
