"""What one drawn game looks like and how long it is."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]
"""Blue, green, red, 0–255 each, as OpenCV paints them."""


@dataclass(frozen=True)
class Kit:
    """What one team wears.

    Attributes:
        name: three letters for the scoreboard.
        jersey: colour of shirt and shorts.
        trim: colour of numbers and edges.
        shoes: colour of the shoes.
    """

    name: str
    jersey: Colour
    trim: Colour
    shoes: Colour


@dataclass(frozen=True)
class Look:
    """All that makes one game look unlike another.

    Attributes:
        wood: colour of the floor boards.
        wood_contrast: standard deviation of the boards' brightness, grey levels (4–14).
        paint: colour of the keys.
        apron: colour of the border around the court.
        line: colour of the court lines.
        court_name: large text on the border and in the middle.
        crowd: colours of the spectators' clothes.
        crowd_density: share of seats that are taken (0.5–1).
        light: gain on the court and the players (0.8–1.1).
        crowd_light: gain on the stands (0.35–1).
        warmth: gain of red over blue (0.9–1.1).
        gloss: strength of the lamps' reflections on the floor (0–0.5).
        kits: home and away.
        ball: colour of the ball.
        seam: colour of its seams.
        ball_radius_m: radius of the ball in metres (0.12 is regulation).
        camera_offset_m: how far along the court the main camera stands from its middle (−8 to 8).
        camera_height_m: height of the main camera above the floor (6–11).
        camera_distance_m: distance of the main camera from the middle of the court (24–32).
        pixels_per_metre: size of things in the middle of the court in wide shots (55–85).
        grain: standard deviation of the film grain, grey levels (0–8).
        scoreboard: ``bar`` (bottom, wide), ``box`` (bottom left) or ``strip`` (top).
    """

    wood: Colour
    wood_contrast: float
    paint: Colour
    apron: Colour
    line: Colour
    court_name: str
    crowd: tuple[Colour, ...]
    crowd_density: float
    light: float
    crowd_light: float
    warmth: float
    gloss: float
    kits: tuple[Kit, Kit]
    ball: Colour
    seam: Colour
    ball_radius_m: float
    camera_offset_m: float
    camera_height_m: float
    camera_distance_m: float
    pixels_per_metre: float
    grain: float
    scoreboard: str


@dataclass(frozen=True)
class GameSettings:
    """One game to draw.

    Attributes:
        name: name of the video.
        seed: everything that is random follows from it.
        seconds: length of the video.
        look: see :class:`Look`.
        label_every: every so many sound frames, one is "labelled by hand".
        sort_every: every so many sound frames, one is "sorted by hand" into ball and no ball.
        label_minimum_visibility: objects of which less can be seen (0–1) are not labelled by hand.
        width: width of the picture in pixels.
        height: height of the picture in pixels.
        frames_per_second: frame rate of the video.
        constant_rate_factor: H.264 quality; lower is better and larger (18–28).
    """

    name: str
    seed: int
    seconds: float
    look: Look
    label_every: int
    sort_every: int
    label_minimum_visibility: float = 0.3
    width: int = 1280
    height: int = 720
    frames_per_second: int = 25
    constant_rate_factor: int = 22

    @property
    def frames(self) -> int:
        """Number of frames of the video."""
        return round(self.seconds * self.frames_per_second)
