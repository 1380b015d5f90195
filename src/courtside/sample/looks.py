"""The looks of the default games, and as many others as one wants."""

from __future__ import annotations

import colorsys
from dataclasses import replace

import numpy as np

from courtside.sample.settings import Colour, Kit, Look

_BLACK, _WHITE = (28, 24, 22), (236, 236, 236)


def named_looks() -> dict[str, Look]:
    """Return the looks of the default games: harbor, canyon, garden, forge, summit and tidal."""
    harbor = Look(
        wood=(138, 184, 220),
        wood_contrast=8.5,
        paint=(122, 62, 22),
        apron=(112, 52, 18),
        line=_WHITE,
        court_name="HARBOR",
        crowd=((150, 82, 30), (225, 225, 225), (60, 50, 46), (170, 120, 60), (70, 60, 160)),
        crowd_density=0.9,
        light=1.0,
        crowd_light=0.62,
        warmth=0.98,
        gloss=0.20,
        kits=(
            Kit("HAR", (236, 234, 232), (130, 58, 16), _WHITE),
            Kit("MES", (44, 36, 146), (225, 225, 230), (40, 36, 40)),
        ),
        ball=(36, 98, 214),
        seam=(20, 24, 38),
        ball_radius_m=0.125,
        camera_offset_m=0.0,
        camera_height_m=9.0,
        camera_distance_m=27.5,
        pixels_per_metre=64,
        grain=3.4,
        scoreboard="bar",
    )
    canyon = replace(
        harbor,
        wood=(112, 160, 204),
        wood_contrast=9.5,
        paint=(44, 92, 176),
        apron=(36, 60, 140),
        line=(238, 240, 244),
        court_name="CANYON",
        crowd=((40, 90, 190), (60, 150, 220), (215, 220, 225), (50, 46, 52), (46, 60, 150)),
        crowd_density=0.82,
        light=0.96,
        crowd_light=0.8,
        warmth=1.05,
        gloss=0.1,
        kits=(Kit("CAN", (30, 168, 236), (60, 30, 90), (40, 40, 44)), Kit("POL", (48, 44, 42), (210, 200, 60), _WHITE)),
        ball=(30, 84, 196),
        ball_radius_m=0.128,
        camera_offset_m=-4.5,
        camera_height_m=7.6,
        camera_distance_m=25.0,
        pixels_per_metre=68,
        scoreboard="box",
    )
    garden = replace(
        harbor,
        wood=(156, 200, 228),
        wood_contrast=7.5,
        paint=(82, 122, 44),
        apron=(66, 98, 30),
        line=(30, 60, 24),
        court_name="GARDEN",
        crowd=((90, 140, 60), (225, 228, 225), (40, 44, 48), (110, 110, 116), (60, 190, 220)),
        crowd_density=0.95,
        light=1.05,
        crowd_light=0.5,
        warmth=0.96,
        gloss=0.3,
        kits=(
            Kit("GAR", (74, 118, 34), (235, 240, 238), _WHITE),
            Kit("IVO", (214, 232, 240), (70, 40, 30), (60, 60, 190)),
        ),
        ball=(44, 112, 228),
        ball_radius_m=0.122,
        camera_offset_m=5.0,
        camera_height_m=10.2,
        camera_distance_m=29.0,
        pixels_per_metre=62,
        scoreboard="strip",
    )
    forge = replace(
        harbor,
        wood=(98, 138, 176),
        wood_contrast=10.5,
        paint=(52, 50, 54),
        apron=(44, 40, 42),
        line=(224, 226, 228),
        court_name="FORGE",
        crowd=((46, 44, 50), (100, 100, 110), (40, 40, 150), (190, 190, 196), (120, 90, 60)),
        crowd_density=0.7,
        light=0.9,
        crowd_light=0.75,
        warmth=1.02,
        gloss=0.14,
        kits=(
            Kit("FRG", (48, 46, 50), (70, 90, 230), (60, 60, 220)),
            Kit("LUM", (226, 214, 120), (70, 40, 40), _WHITE),
        ),
        ball=(28, 90, 222),
        ball_radius_m=0.13,
        camera_offset_m=2.0,
        camera_height_m=8.2,
        camera_distance_m=26.0,
        pixels_per_metre=72,
        scoreboard="bar",
    )
    summit = replace(
        harbor,
        wood=(146, 186, 214),
        wood_contrast=9.0,
        paint=(130, 60, 96),
        apron=(112, 48, 82),
        line=_WHITE,
        court_name="SUMMIT",
        crowd=((140, 70, 110), (220, 220, 224), (52, 48, 50), (150, 140, 70), (90, 150, 200)),
        crowd_density=0.88,
        light=1.02,
        crowd_light=0.68,
        warmth=1.0,
        gloss=0.22,
        kits=(
            Kit("SUM", (124, 56, 92), (60, 200, 240), (230, 230, 230)),
            Kit("DRI", (224, 226, 226), (150, 110, 30), _BLACK),
        ),
        ball=(34, 92, 206),
        ball_radius_m=0.124,
        camera_offset_m=-2.5,
        camera_height_m=8.6,
        camera_distance_m=28.0,
        pixels_per_metre=66,
        scoreboard="box",
    )
    tidal = replace(
        harbor,
        wood=(120, 168, 206),
        wood_contrast=8.0,
        paint=(150, 128, 24),
        apron=(130, 104, 18),
        line=(242, 240, 236),
        court_name="TIDAL",
        crowd=((170, 150, 50), (225, 225, 220), (60, 56, 52), (80, 80, 200), (130, 120, 116)),
        crowd_density=0.8,
        light=0.97,
        crowd_light=0.85,
        warmth=0.95,
        gloss=0.16,
        kits=(
            Kit("TID", (160, 136, 28), (240, 240, 240), _WHITE),
            Kit("EMB", (40, 74, 226), (240, 244, 246), (44, 44, 48)),
        ),
        ball=(40, 104, 220),
        ball_radius_m=0.126,
        camera_offset_m=3.5,
        camera_height_m=7.9,
        camera_distance_m=26.5,
        pixels_per_metre=65,
        scoreboard="strip",
    )
    return {
        "harbor": harbor,
        "canyon": canyon,
        "garden": garden,
        "forge": forge,
        "summit": summit,
        "tidal": tidal,
    }


def _hue(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(blue * 255), round(green * 255), round(red * 255)


def random_look(seed: int) -> Look:
    """Draw a look by lot: a hall, two kits, a ball and a camera of the same world as the named ones."""
    rng = np.random.default_rng((seed, 77))
    names = ("RAPIDS", "COMETS", "OAKS", "LANTERN", "METEOR", "VALLEY", "RIDGE", "PIONEER", "ISLES", "DELTA")
    home, wood = float(rng.random()), float(rng.uniform(0.72, 1.06))
    guest = home + float(rng.uniform(0.2, 0.8))
    court = home + float(rng.choice((0.0, 0.0, 0.5)))
    bright = bool(rng.random() < 0.5)
    strong = _hue(home, float(rng.uniform(0.5, 0.95)), float(rng.uniform(0.3, 0.85)))
    pale = _hue(guest, float(rng.uniform(0.02, 0.25)), 0.92)
    dark = _hue(guest, float(rng.uniform(0.3, 0.9)), float(rng.uniform(0.2, 0.8)))
    first = Kit("HOM", strong, _WHITE if sum(strong) < 420 else _BLACK, _WHITE if rng.random() < 0.5 else _BLACK)
    second = (
        Kit("GST", pale, dark, _WHITE) if bright else Kit("GST", dark, _WHITE if sum(dark) < 420 else _BLACK, _BLACK)
    )
    base = np.array((134, 178, 216)) * wood + rng.normal(0, 7, 3)
    crowd = [strong, (222, 222, 224), (50, 46, 48)]
    crowd += [_hue(float(rng.random()), float(rng.uniform(0.1, 0.8)), float(rng.uniform(0.2, 0.9))) for _ in range(4)]
    ball = _hue(float(rng.uniform(0.045, 0.085)), float(rng.uniform(0.72, 0.9)), float(rng.uniform(0.68, 0.92)))
    wood_colour = tuple(int(v) for v in np.clip(base, 60, 240))
    return Look(
        wood=(wood_colour[0], wood_colour[1], wood_colour[2]),
        wood_contrast=float(rng.uniform(7, 11)),
        paint=_hue(court, float(rng.uniform(0.3, 0.9)), float(rng.uniform(0.2, 0.75))),
        apron=_hue(court + float(rng.normal(0, 0.04)), float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.2, 0.6))),
        line=_WHITE if rng.random() < 0.75 else _hue(court, 0.6, 0.25),
        court_name=names[int(rng.integers(len(names)))],
        crowd=tuple(crowd),
        crowd_density=float(rng.uniform(0.6, 1.0)),
        light=float(rng.uniform(0.85, 1.06)),
        crowd_light=float(rng.uniform(0.45, 0.9)),
        warmth=float(rng.uniform(0.93, 1.07)),
        gloss=float(rng.uniform(0.05, 0.35)),
        kits=(first, second) if rng.random() < 0.5 else (second, first),
        ball=ball,
        seam=(20, 24, 38),
        ball_radius_m=float(rng.uniform(0.12, 0.132)),
        camera_offset_m=float(rng.uniform(-6, 6)),
        camera_height_m=float(rng.uniform(7, 10.5)),
        camera_distance_m=float(rng.uniform(24.5, 30)),
        pixels_per_metre=float(rng.uniform(56, 76)),
        grain=float(rng.uniform(2.5, 4.5)),
        scoreboard=("bar", "box", "strip")[int(rng.integers(3))],
    )
