"""Pixels and truth of every frame of a game, from one function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from courtside.sample.arena import build
from courtside.sample.ball import ball_sprites, paint_ball, paint_ball_shadow
from courtside.sample.canvas import HIDES, Canvas, Image, paint_shadow
from courtside.sample.close_up import paint_backdrop, paint_bust
from courtside.sample.equipment import paint_basket
from courtside.sample.figures import paint_person
from courtside.sample.overlays import (
    add_grain,
    clip_box,
    defocus,
    grain_pool,
    paint_replay_mark,
    paint_scoreboard,
    paint_wipe,
    streak,
)
from courtside.sample.panorama import Panorama, front_row, lay_over
from courtside.sample.people import PELVIS, Person, cast, skeletons
from courtside.sample.script import Effect, Shot, write_script
from courtside.sample.settings import GameSettings
from courtside.sample.simulation import PEOPLE, PLAYERS, RIM_X_M, simulate

BALL_TRACK = 1
SHUTTER = 0.42
"""Share of a frame's time for which the shutter is open."""


@dataclass(frozen=True)
class ObjectBox:
    """One object on one frame.

    Attributes:
        x1, y1, x2, y2: the whole object, hidden parts included, clipped to the picture; pixels,
            half-open, the streak of a moving ball included.
        label: ``ball``, ``player`` or ``referee``.
        identity: number of the object through the whole game, from 1.
        visibility: visible share of the object's pixels, 0–1; what lies outside the picture is hidden.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    label: str
    identity: int
    visibility: float


@dataclass(frozen=True)
class DrawnFrame:
    """One frame of a game and the truth about it.

    Attributes:
        index: frame in the video, from 0.
        image: shape (height, width, 3), uint8, blue, green, red.
        boxes: all objects with at least a part of their box in the picture.
        shot: number of the shot.
        shot_kind: one of :data:`courtside.sample.script.KINDS`.
        defect: one of :data:`courtside.sample.script.DEFECTS`.
    """

    index: int
    image: Image
    boxes: tuple[ObjectBox, ...]
    shot: int
    shot_kind: str
    defect: str


class Broadcast:
    """A game that can draw any of its frames; frames in order are cheapest."""

    def __init__(self, settings: GameSettings) -> None:
        self.settings = settings
        streams = np.random.default_rng(settings.seed).spawn(6)
        self._play = simulate(streams[0], settings.frames + 250, settings.look.ball_radius_m)
        self.script = write_script(settings, self._play, streams[1])
        self._arena = build(settings.look, streams[2])
        self._people = cast(settings.look, streams[3])
        self._sprites = ball_sprites(settings.look)
        self._grain = grain_pool(streams[4], settings.width, settings.height, settings.look.grain)
        pores = streams[5].standard_normal((1100, 1100), dtype=np.float32) * 9
        self._pores = np.clip(cv2.GaussianBlur(pores, (0, 0), 0.6) * 1.3 + 128, 0, 255).astype(np.uint8)
        self._panorama: tuple[int, Panorama] | None = None

    def __len__(self) -> int:
        return self.settings.frames

    def render(self, index: int) -> DrawnFrame:
        """Draw one frame.

        Args:
            index: frame in the video, 0 to ``len(self) - 1``.
        """
        effect = self.script.effects[index]
        number = int(self.script.shot_of[index])
        shot = self.script.shots[number]
        kind = shot.kind
        if effect.card:
            return DrawnFrame(index, self._card(), (), number, kind, effect.defect)
        local = effect.source - shot.start
        canvas = (
            self._bust(shot, local)
            if kind == "close_up"
            else self._crowd(shot, local)
            if kind == "crowd"
            else self._court(number, shot, local)
        )
        look = self.settings.look
        if kind == "replay":
            paint_replay_mark(canvas)
        elif kind != "crowd":
            clock_s = 431.0 - (shot.step + shot.rate * local) / 25
            paint_scoreboard(canvas, look, clock_s, (41 + 2 * (number // 5), 38 + 2 * (number // 7)))
        if effect.wipe >= 0:
            paint_wipe(canvas, look, effect.wipe)
        image = self._finish(canvas.image, effect)
        boxes = () if effect.gain == 0 or effect.white > 0.9 else tuple(self._boxes(canvas))
        return DrawnFrame(index, image, boxes, number, kind, effect.defect)

    def _finish(self, image: Image, effect: Effect) -> Image:
        rng = np.random.default_rng((self.settings.seed, 11, effect.source))
        blurred = effect.whip > 0 or effect.defocus > 0
        if not blurred:
            image = add_grain(image, self._grain, rng)
        if effect.whip > 0:
            image = streak(image, effect.whip)
        if effect.defocus > 0:
            image = defocus(image, effect.defocus)
        if effect.gain < 1:
            image = np.asarray(cv2.convertScaleAbs(image, alpha=effect.gain), dtype=np.uint8)
        if effect.white > 0:
            image = np.asarray(
                cv2.convertScaleAbs(image, alpha=1 - effect.white, beta=255 * effect.white), dtype=np.uint8
            )
        return image

    def _card(self) -> Image:
        image = np.empty((self.settings.height, self.settings.width, 3), np.uint8)
        image[:] = self.settings.look.apron
        return np.maximum(image, 40)

    def _court(self, number: int, shot: Shot, local: int) -> Canvas:
        if self._panorama is None or self._panorama[0] != number:
            settings = self.settings
            self._panorama = (number, Panorama(self._arena, settings.look, shot.path, settings.width, settings.height))
        phase = int(np.random.default_rng((shot.seed, local // 3)).integers(3))
        canvas = Canvas(self._panorama[1].frame(local, phase))
        camera = shot.path.at(local)
        step = shot.step + shot.rate * local
        moment = self._play.at(step)
        joints = skeletons(self._people, moment)
        look = self.settings.look
        for person in range(PEOPLE):
            paint_shadow(canvas, camera, moment.position[person], 0.42, 0.5)
        paint_ball_shadow(canvas, camera, moment.ball)
        centre, ball_depth = camera.project(moment.ball)
        before_camera = shot.path.at(local - SHUTTER)
        before = before_camera.project(self._play.at(step - SHUTTER * shot.rate).ball)[0]
        _, depths = camera.project(joints[:, PELVIS])
        layers: list[tuple[float, int]] = [(float(depth), person) for person, depth in enumerate(depths)]
        layers.append((float(ball_depth), PEOPLE))
        for index, side in enumerate((-1, 1)):
            rim = camera.project(np.array([side * RIM_X_M, -0.25, 3.05]))[1]
            layers.append((float(rim), PEOPLE + 1 + index))
        for _, layer in sorted(layers, reverse=True):
            if layer < PEOPLE:
                paint_person(
                    canvas, camera, self._people[layer], joints[layer], float(moment.heading[layer]), layer + 2
                )
            elif layer == PEOPLE:
                radius = look.ball_radius_m * camera.focal / float(ball_depth)
                paint_ball(canvas, self._sprites, before, centre, radius, moment.spin, BALL_TRACK)
            else:
                paint_basket(canvas, camera, look, -1 if layer == PEOPLE + 1 else 1)
        if shot.kind != "replay":
            front = front_row(self._arena, camera, (self.settings.width, self.settings.height))
            if front is not None:
                top, layer_image = front
                lay_over(canvas.image[top:], layer_image)
                canvas.owner[top:][layer_image[..., 3] > 127] = HIDES
        return canvas

    def _crowd(self, shot: Shot, local: int) -> Canvas:
        return Canvas(self._backdrop(shot, local, 0.95))

    def _backdrop(self, shot: Shot, local: int, scale: float) -> Image:
        settings = self.settings
        rng = np.random.default_rng(shot.seed)
        stand = self._arena.close[int(np.random.default_rng((shot.seed, local // 2)).integers(3))]
        origin = rng.uniform((0.42, 0.46), (0.58, 0.54)) * (stand.shape[1], stand.shape[0])
        camera = shot.path.at(local)
        size = scale * settings.width / 1280
        return paint_backdrop(
            stand, settings.width, settings.height, np.array([camera.pan, camera.tilt]), camera.focal, origin, size
        )

    def _bust(self, shot: Shot, local: int) -> Canvas:
        settings = self.settings
        background = self._backdrop(shot, local, 0.72)
        background = np.asarray(cv2.GaussianBlur(background, (0, 0), 0.9), dtype=np.uint8)
        canvas = Canvas(background)
        rng = np.random.default_rng(shot.seed)
        camera = shot.path.at(local)
        scale = settings.width / 1280
        unit = float(rng.uniform(78, 105)) * scale * camera.focal
        place = np.array([rng.uniform(0.38, 0.62) * settings.width, rng.uniform(0.34, 0.4) * settings.height])
        time = local / settings.frames_per_second
        place += (
            np.array([np.sin(time * 2.1) * 26 - camera.pan * 0.35, np.sin(time * 3.4) * 7 - camera.tilt * 0.4]) * scale
        )
        turn = float(np.clip(np.sin(time * 1.3 + rng.uniform(0, 6)) * 0.9, -1, 1))
        person = self._people[shot.subject] if shot.subject >= 0 else _coach(self._people[-1])
        number = shot.subject + 2 if shot.subject >= 0 else 0
        paint_bust(canvas, person, place, unit, turn, number, self._pores)
        return canvas

    def _boxes(self, canvas: Canvas) -> Iterator[ObjectBox]:
        seen = canvas.seen()
        height, width = canvas.owner.shape
        for number, extent in sorted(canvas.extents.items()):
            box = clip_box(extent, width, height)
            if box is None:
                continue
            label = "ball" if number == BALL_TRACK else "player" if number - 2 < PLAYERS else "referee"
            visibility = min(1.0, float(seen[number]) / max(1, canvas.totals[number]))
            x1, y1, x2, y2 = (float(value) for value in box)
            yield ObjectBox(x1, y1, x2, y2, label, number, visibility)


def _coach(person: Person) -> Person:
    """Return somebody in a dark suit."""
    return Person(
        1.0,
        1.0,
        person.skin,
        (90, 94, 98),
        (52, 42, 38),
        (228, 226, 224),
        (40, 36, 34),
        (20, 20, 20),
        (20, 20, 20),
        "",
        1,
        False,
    )


def draw_frames(settings: GameSettings, stride: int = 1, start: int = 0) -> Iterator[DrawnFrame]:
    """Draw every ``stride``-th frame of a game from frame ``start`` on; the others cost nothing.

    The same settings give the same pixels, whatever the stride.

    Args:
        settings: the game.
        stride: 1 or more.
        start: first frame, from 0.

    Returns:
        The frames in order, with their truth.

    Raises:
        ValueError: when ``stride`` is below 1 or ``start`` is negative.
    """
    if stride < 1 or start < 0:
        raise ValueError(f"stride {stride} must be at least 1 and start {start} at least 0")
    broadcast = Broadcast(settings)
    for index in range(start, len(broadcast), stride):
        yield broadcast.render(index)
