"""Paints people: capsules around the bones of their skeletons."""

from __future__ import annotations

import cv2
import numpy as np

from courtside.sample.camera import Array, Camera
from courtside.sample.canvas import Canvas, capsule, shade
from courtside.sample.people import CHEST, ELBOW, FOOT, HAND, HEAD, HIP, KNEE, NECK, PELVIS, SHOULDER, TOE, Person
from courtside.sample.settings import Colour


def paint_person(canvas: Canvas, camera: Camera, person: Person, joints: Array, heading: float, number: int) -> None:
    """Paint one person and claim their pixels.

    Args:
        joints: shape (19, 3), metres.
        heading: where the person faces, radians from the x axis.
        number: the object's number in ``canvas.owner``.
    """
    pixels, depths = camera.project(joints)
    if depths.min() < 1.0:
        return
    height, width = canvas.image.shape[:2]
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    if high[0] < -60 or low[0] > width + 60 or high[1] < -60 or low[1] > height + 60:
        return
    unit = camera.focal / float(depths[PELVIS]) * person.stature
    _Painter(canvas, person, pixels, depths, unit).paint(camera, joints, heading, number)


class _Painter:
    """Paints one person part by part, and remembers the parts."""

    def __init__(self, canvas: Canvas, person: Person, pixels: Array, depths: Array, unit: float) -> None:
        self.canvas, self.person, self.pixels, self.depths, self.unit = canvas, person, pixels, depths, unit
        self.outlines: list[Array] = []

    def part(self, outline: Array, colour: Colour) -> None:
        self.outlines.append(outline)
        self.canvas.fill(outline, colour)

    def limb(
        self, start: Array, end: Array, first_m: float, second_m: float, colour: Colour, near: bool = True
    ) -> None:
        first, second = first_m * self.unit, second_m * self.unit
        self.part(capsule(start, end, first, second), shade(colour, 0.66 if near else 0.52))
        offset = np.array([-0.28, -0.12])
        bright = capsule(start + offset * first, end + offset * second, first * 0.66, second * 0.66)
        self.canvas.fill(bright, shade(colour, 1.0 if near else 0.8))

    def paint(self, camera: Camera, joints: Array, heading: float, number: int) -> None:
        view = joints[PELVIS, :2] - np.asarray(camera.position[:2])
        view /= np.linalg.norm(view)
        facing = -float(np.cos(heading) * view[0] + np.sin(heading) * view[1])
        right_far = self.depths[SHOULDER + 1] > self.depths[SHOULDER]
        far, near = (1, 0) if right_far else (0, 1)
        arms_behind = [
            s for s in (far, near) if self.depths[HAND + s] + self.depths[ELBOW + s] > 2 * self.depths[CHEST] + 0.05
        ]
        for side in arms_behind:
            self.arm(side, near=side == near)
        self.leg(far, near=False)
        self.leg(near, near=True)
        self.torso(facing)
        self.head(facing, camera, heading, view)
        for side in (far, near):
            if side not in arms_behind:
                self.arm(side, near=True)
        self.canvas.claim(number, self.outlines)

    def arm(self, side: int, near: bool) -> None:
        p, person = self.pixels, self.person
        sleeve = person.jersey if not person.number else person.skin
        self.limb(p[SHOULDER + side], p[ELBOW + side], 0.062 * person.build, 0.047, sleeve, near)
        self.limb(p[ELBOW + side], p[HAND + side], 0.046, 0.034, person.skin, near)
        axis = p[HAND + side] - p[ELBOW + side]
        axis = axis / max(float(np.linalg.norm(axis)), 1e-3)
        self.limb(p[HAND + side], p[HAND + side] + axis * 0.07 * self.unit, 0.042, 0.034, person.skin, near)

    def leg(self, side: int, near: bool) -> None:
        p, person = self.pixels, self.person
        hip, knee, foot, toe = (p[index + side] for index in (HIP, KNEE, FOOT, TOE))
        trousers = not person.number
        self.limb(
            knee,
            foot,
            0.062 if not trousers else 0.08,
            0.042 if not trousers else 0.07,
            person.shorts if trousers else person.skin,
            near,
        )
        if not trousers:
            self.limb(knee + (foot - knee) * 0.62, foot, 0.050, 0.044, person.socks, near)
        self.limb(foot, toe, 0.055, 0.045, person.shoes, near)
        self.limb(hip, knee, 0.085, 0.066, person.shorts if trousers else person.skin, near)
        hem = hip + (knee - hip) * 0.78
        self.limb(hip, hem, 0.105 * person.build, 0.112, person.shorts, near)
        if not trousers:
            side_line = np.add([hip, hem], (0.075 * self.unit, 0))
            self.canvas.fill(capsule(side_line[0], side_line[1], 0.014 * self.unit, 0.014 * self.unit), person.trim)

    def torso(self, facing: float) -> None:
        p, person, unit = self.pixels, self.person, self.unit
        circles = [
            (p[SHOULDER], 0.062),
            (p[SHOULDER + 1], 0.062),
            (p[HIP] * 0.85 + p[HIP + 1] * 0.15, 0.095),
            (p[HIP + 1] * 0.85 + p[HIP] * 0.15, 0.095),
            (p[CHEST], 0.135),
            (p[PELVIS], 0.11),
        ]
        angles = np.linspace(0, 2 * np.pi, 9)[:-1]
        ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        dots = np.concatenate([centre + ring * radius * unit * person.build for centre, radius in circles])
        hull = cv2.convexHull(dots.astype(np.float32))[:, 0].astype(np.float64)
        self.part(hull, shade(person.jersey, 0.68))
        middle = hull.mean(axis=0)
        lit = (hull - middle) * (0.74, 0.94) + middle + (-0.055 * unit, -0.01 * unit)
        self.canvas.fill(lit, person.jersey)
        chest, pelvis = p[CHEST], p[PELVIS]
        if not person.number:
            across = p[SHOULDER + 1] - p[SHOULDER]
            for share in (-0.36, -0.12, 0.12, 0.36):
                top = chest + across * share + (0, -0.09 * unit)
                low = pelvis + across * share * 0.8
                self.canvas.fill(capsule(top, low, 0.022 * unit, 0.022 * unit), person.trim)
            return
        if abs(facing) > 0.6:
            self.limb_line(p[HIP], p[HIP + 1], 0.02, person.trim)
        if abs(facing) > 0.5 and unit > 30:
            scale = unit * 0.0105
            thickness = max(1, round(unit * 0.022))
            (width, height), _ = cv2.getTextSize(person.number, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
            spot = chest * 0.72 + pelvis * 0.28
            origin = (round(float(spot[0]) - width / 2), round(float(spot[1]) + height / 2))
            cv2.putText(
                self.canvas.image,
                person.number,
                origin,
                cv2.FONT_HERSHEY_SIMPLEX,
                scale,
                person.trim,
                thickness,
                cv2.LINE_AA,
            )
        if facing > 0.2:
            neck = p[NECK] + (0, 0.06 * unit)
            self.canvas.fill(
                capsule(np.add(neck, (-0.05 * unit, 0)), np.add(neck, (0.05 * unit, 0)), 0.034 * unit, 0.034 * unit),
                person.skin,
            )

    def limb_line(self, start: Array, end: Array, radius_m: float, colour: Colour) -> None:
        self.canvas.fill(capsule(start, end, radius_m * self.unit, radius_m * self.unit), colour)

    def head(self, facing: float, camera: Camera, heading: float, view: Array) -> None:
        p, person, unit = self.pixels, self.person, self.unit
        self.limb(p[NECK] + (0, 0.05 * unit), p[HEAD], 0.055, 0.055, shade(person.skin, 0.85))
        centre = p[HEAD]
        self.part(
            capsule(np.add(centre, (0, -0.03 * unit)), np.add(centre, (0, 0.045 * unit)), 0.098 * unit, 0.08 * unit),
            shade(person.skin, 0.72),
        )
        self.canvas.fill(
            capsule(
                np.add(centre, (-0.02 * unit, -0.03 * unit)),
                np.add(centre, (-0.02 * unit, 0.045 * unit)),
                0.076 * unit,
                0.06 * unit,
            ),
            person.skin,
        )
        sideways = float(np.cos(heading) * view[1] - np.sin(heading) * view[0])
        front = np.array([sideways, 0.0])
        if person.hair_style:
            lift = 0.095 if person.hair_style == 2 else 0.068
            crown = centre - front * 0.03 * unit + (0, -lift * unit)
            self.part(
                capsule(
                    np.add(crown, (-0.028 * unit, 0)), np.add(crown, (0.028 * unit, 0)), 0.074 * unit, 0.074 * unit
                ),
                person.hair,
            )
            if facing < 0.3:
                back = centre - front * 0.05 * unit
                self.canvas.fill(
                    capsule(np.add(back, (0, -0.05 * unit)), np.add(back, (0, 0.03 * unit)), 0.085 * unit, 0.07 * unit),
                    person.hair,
                )
        if person.hair_style == 3:
            band = np.add(centre, (0, -0.045 * unit))
            self.canvas.fill(
                capsule(np.add(band, (-0.08 * unit, 0)), np.add(band, (0.08 * unit, 0)), 0.018 * unit, 0.018 * unit),
                person.trim,
            )
        if facing > -0.2 and person.beard:
            chin = centre + front * 0.03 * unit + (0, 0.085 * unit)
            self.canvas.fill(
                capsule(np.add(chin, (-0.03 * unit, 0)), np.add(chin, (0.03 * unit, 0)), 0.036 * unit, 0.036 * unit),
                person.hair,
            )
        if facing > 0.3 and unit > 45:
            for sign in (-1, 1):
                eye = centre + front * 0.04 * unit + (sign * 0.035 * unit, -0.012 * unit)
                self.canvas.fill(capsule(eye, np.add(eye, (0.1, 0)), 0.012 * unit, 0.012 * unit), (30, 30, 34))
