"""Who plays, what they look like, and where their joints are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from courtside.sample.camera import Array
from courtside.sample.crowd import SKINS
from courtside.sample.settings import Colour, Look
from courtside.sample.simulation import PEOPLE, PLAYERS, Moment


@dataclass(frozen=True)
class Person:
    """What one person looks like, whatever they do.

    Attributes:
        stature: size relative to two metres.
        build: width relative to the usual.
        skin, hair, jersey, trim, shorts, shoes, socks: colours.
        number: on the shirt; empty for a referee.
        hair_style: 0 bald, 1 short, 2 high, 3 with a headband.
        beard: whether the chin is dark.
    """

    stature: float
    build: float
    skin: Colour
    hair: Colour
    jersey: Colour
    trim: Colour
    shorts: Colour
    shoes: Colour
    socks: Colour
    number: str
    hair_style: int
    beard: bool


def cast(look: Look, rng: np.random.Generator) -> list[Person]:
    """Draw lots for the looks of ten players and three referees."""
    people = []
    for index in range(PEOPLE):
        referee = index >= PLAYERS
        kit = look.kits[min(index // 5, 1)]
        skin = np.array(SKINS[int(rng.integers(len(SKINS)))]) * look.light * rng.uniform(0.9, 1.1)
        hair = ((18, 20, 24), (20, 26, 36), (40, 62, 92))[int(rng.choice(3, p=[0.6, 0.25, 0.15]))]
        lit = [
            _lit(colour, look)
            for colour in (
                (kit.jersey, kit.trim, kit.jersey, kit.shoes)
                if not referee
                else ((150, 148, 146), (34, 32, 32), (36, 34, 34), (24, 24, 24))
            )
        ]
        people.append(
            Person(
                stature=float(rng.uniform(0.93, 1.06)) if not referee else float(rng.uniform(0.9, 0.95)),
                build=float(rng.uniform(0.92, 1.12)),
                skin=_colour(skin),
                hair=hair,
                jersey=lit[0],
                trim=lit[1],
                shorts=lit[2],
                shoes=lit[3],
                socks=_lit((232, 232, 232) if rng.random() < 0.6 else kit.trim, look) if not referee else (30, 30, 30),
                number="" if referee else str(int(rng.integers(0, 56))),
                hair_style=int(rng.choice(4, p=[0.2, 0.45, 0.2, 0.15])),
                beard=bool(rng.random() < 0.4),
            )
        )
    return people


def _colour(values: Array) -> Colour:
    blue, green, red = (int(v) for v in np.clip(values, 0, 255))
    return blue, green, red


def _lit(colour: Colour, look: Look) -> Colour:
    return _colour(np.array(colour) * look.light)


def _bend(start: Array, end: Array, upper: float | Array, lower: float | Array, pole: Array) -> Array:
    """Return the middle joint of two bones between ``start`` and ``end``, bent towards ``pole``."""
    span = np.linalg.norm(end - start, axis=-1)
    reach = np.minimum(span, 0.999 * (upper + lower))
    along = (upper**2 - lower**2 + reach**2) / (2 * np.maximum(reach, 1e-3))
    out = np.sqrt(np.maximum(upper**2 - along**2, 0))
    axis = (end - start) / np.maximum(span, 1e-3)[..., None]
    pole = pole - (pole * axis).sum(axis=-1, keepdims=True) * axis
    pole = pole / np.maximum(np.linalg.norm(pole, axis=-1, keepdims=True), 1e-6)
    return np.asarray(start + axis * along[..., None] + pole * out[..., None])


# Joints of the skeleton, rows of the array that `skeletons` returns.
HIP, KNEE, FOOT, TOE, SHOULDER, ELBOW, HAND = 0, 2, 4, 6, 8, 10, 12
NECK, HEAD, PELVIS, CHEST, CROWN = 14, 15, 16, 17, 18
JOINTS = 19


def skeletons(people: list[Person], moment: Moment) -> Array:
    """Return the joints of everybody, shape (13, 19, 3), metres; paired joints are left, right."""
    count = len(people)
    size = np.array([person.stature for person in people])
    build = np.array([person.build for person in people])
    ground = np.concatenate([moment.position, moment.lift[:, None]], axis=1)
    forward = np.stack([np.cos(moment.heading), np.sin(moment.heading), np.zeros(count)], axis=1)
    left = np.stack([-forward[:, 1], forward[:, 0], np.zeros(count)], axis=1)
    up = np.array([0.0, 0.0, 1.0])
    run = np.clip(moment.speed / 5.5, 0, 1)
    lean = 0.10 * run + 0.16 * moment.crouch
    drop = 0.16 * moment.crouch + 0.03 * run + 0.02 * np.abs(np.sin(moment.stride)) * run
    hip_height = (0.99 - drop) * size
    joints = np.zeros((count, JOINTS, 3))

    def put(index: int, ahead: Array | float, aside: Array | float, height: Array | float) -> None:
        joints[:, index] = (
            ground
            + forward * np.broadcast_to(ahead, count)[:, None]
            + left * np.broadcast_to(aside, count)[:, None]
            + up * np.broadcast_to(height, count)[:, None]
        )

    shoulder_height = hip_height + 0.60 * size * np.cos(lean * 1.6)
    shoulder_ahead = 0.60 * size * np.sin(lean * 1.6)
    twist = 0.06 * run * np.sin(moment.stride)
    for side, sign in ((0, 1.0), (1, -1.0)):
        swing = np.sin(moment.stride + (0 if side == 0 else np.pi))
        rise = np.maximum(np.cos(moment.stride + (0 if side == 0 else np.pi)), 0)
        width = 0.10 + 0.17 * moment.crouch * (1 - run)
        put(HIP + side, 0, sign * 0.10 * size * build, hip_height)
        step = swing * (0.08 * run + 0.36 * run) * size
        put(FOOT + side, step - 0.08 * run, sign * width, 0.09 + rise * (0.08 + 0.32 * run) * run)
        put(TOE + side, step - 0.08 * run + 0.2, sign * (width + 0.03), 0.045 + rise * 0.2 * run)
        put(SHOULDER + side, shoulder_ahead + sign * twist, sign * 0.215 * size * build, shoulder_height)
    put(PELVIS, 0, 0, hip_height)
    put(CHEST, shoulder_ahead * 0.8, 0, shoulder_height - 0.12 * size)
    put(NECK, shoulder_ahead * 1.05, 0, shoulder_height + 0.06 * size)
    put(HEAD, shoulder_ahead * 1.2 + 0.02, 0, shoulder_height + 0.215 * size)
    put(CROWN, shoulder_ahead * 1.2 + 0.02, 0, shoulder_height + 0.335 * size)
    for side, sign in ((0, 1.0), (1, -1.0)):
        swing = -np.sin(moment.stride + (0 if side == 0 else np.pi))
        relaxed_ahead = shoulder_ahead + (0.10 + swing * 0.26) * run + 0.24 * moment.crouch + 0.05
        relaxed_aside = sign * (0.27 + 0.24 * moment.crouch * (1 - run)) * build
        relaxed_height = shoulder_height - (0.56 - (0.20 + 0.10 * swing) * run - 0.24 * moment.crouch) * size
        put(HAND + side, relaxed_ahead, relaxed_aside, relaxed_height)
        relaxed = joints[:, HAND + side].copy()
        put(HAND + side, shoulder_ahead + 0.16, sign * 0.16, shoulder_height + 0.60 * size)
        raised = joints[:, HAND + side]
        joints[:, HAND + side] = relaxed + (raised - relaxed) * moment.reach[:, None]
    carrier = moment.carrier
    if carrier >= 0:
        side_vector = left[carrier]
        if moment.held:
            joints[carrier, HAND] = moment.ball + side_vector * 0.115 - forward[carrier] * 0.03
            joints[carrier, HAND + 1] = moment.ball - side_vector * 0.115 - forward[carrier] * 0.03
        else:
            hand = moment.ball + np.array([0, 0, 0.11])
            hand[2] = np.clip(hand[2], 0.72, 1.08)
            gaps = np.linalg.norm(joints[carrier, SHOULDER : SHOULDER + 2] - hand, axis=1)
            joints[carrier, HAND + int(np.argmin(gaps))] = hand
    for side, sign in ((0, 1.0), (1, -1.0)):
        limb = joints[:, HAND + side] - joints[:, SHOULDER + side]
        length = np.linalg.norm(limb, axis=1)
        most = 0.62 * size
        joints[:, HAND + side] = (
            joints[:, SHOULDER + side] + limb * np.minimum(1, most / np.maximum(length, 1e-3))[:, None]
        )
        joints[:, ELBOW + side] = _bend(
            joints[:, SHOULDER + side],
            joints[:, HAND + side],
            0.32 * size,
            0.31 * size,
            -forward * 0.7 + left * sign * 0.5 - up * 0.5,
        )
        joints[:, KNEE + side] = _bend(
            joints[:, HIP + side], joints[:, FOOT + side], 0.49 * size, 0.47 * size, forward + left * sign * 0.15
        )
    return joints
