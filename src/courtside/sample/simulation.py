"""Ten players, three referees and a ball play basketball: positions over time, no pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

COURT_LENGTH_M = 28.65
COURT_WIDTH_M = 15.24
RIM_X_M = COURT_LENGTH_M / 2 - 1.575
RIM_HEIGHT_M = 3.05
GRAVITY = 9.81
STEP_S = 0.04
PLAYERS = 10
PEOPLE = 13
NOBODY = -1

_SPOTS = np.array(
    [
        *((4.9, 0.3), (6.4, 4.9), (6.4, -4.9)),
        *((9.2, 5.9), (9.2, -5.9), (12.0, 6.6), (12.0, -6.6)),
        *((8.4, 2.3), (8.4, -2.3), (11.3, 2.3), (11.3, -2.3), (5.4, -2.6), (5.4, 2.6)),
    ]
)
"""Where attackers stand: distance from the middle line towards the rim, and across, metres."""


@dataclass(frozen=True)
class Play:
    """The state of a game over time, one row a step of :data:`STEP_S`.

    People 0–4 are the home team, 5–9 the guests, 10–12 referees.

    Attributes:
        position: shape (steps, 13, 2), metres.
        heading: where people face, shape (steps, 13), radians from the x axis, unwrapped.
        speed: shape (steps, 13), metres per second.
        stride: phase of the run cycle, shape (steps, 13), radians, unwrapped.
        lift: height of the feet above the floor, shape (steps, 13), metres.
        reach: how far both arms are raised, shape (steps, 13), 0–1.
        crouch: depth of the defensive stance, shape (steps, 13), 0–1.
        ball: centre of the ball, shape (steps, 3), metres.
        spin: angle of the ball, shape (steps,), radians.
        carrier: who has the ball, shape (steps,), :data:`NOBODY` when it flies.
        held: whether it is in both hands, shape (steps,).
    """

    position: Array
    heading: Array
    speed: Array
    stride: Array
    lift: Array
    reach: Array
    crouch: Array
    ball: Array
    spin: Array
    carrier: NDArray[np.int64]
    held: NDArray[np.bool_]

    def at(self, step: float) -> Moment:
        """Return the state at a step; fractions interpolate, for slow motion."""
        low = int(np.clip(np.floor(step), 0, len(self.ball) - 1))
        high = min(low + 1, len(self.ball) - 1)
        share = float(np.clip(step - low, 0, 1))

        def mix(values: Array) -> Array:
            return np.asarray(values[low] + share * (values[high] - values[low]))

        return Moment(
            position=mix(self.position),
            heading=mix(self.heading),
            speed=mix(self.speed),
            stride=mix(self.stride),
            lift=mix(self.lift),
            reach=mix(self.reach),
            crouch=mix(self.crouch),
            ball=mix(self.ball),
            spin=float(mix(self.spin)),
            carrier=int(self.carrier[low]),
            held=bool(self.held[low]),
        )


@dataclass(frozen=True)
class Moment:
    """One instant of a :class:`Play`, with its attributes."""

    position: Array
    heading: Array
    speed: Array
    stride: Array
    lift: Array
    reach: Array
    crouch: Array
    ball: Array
    spin: float
    carrier: int
    held: bool


class _Game:
    """The running state between two steps."""

    def __init__(self, rng: np.random.Generator, radius_m: float) -> None:
        self.rng = rng
        self.radius = radius_m
        self.attack = int(rng.integers(2))
        self.position = np.zeros((PEOPLE, 2))
        self.velocity = np.zeros((PEOPLE, 2))
        self.heading = np.zeros(PEOPLE)
        self.stride = rng.uniform(0, 6.28, PEOPLE)
        self.lift_clock = np.full(PEOPLE, 9.0)
        self.lift_height = np.zeros(PEOPLE)
        self.reach = np.zeros(PEOPLE)
        self.reach_wish = np.zeros(PEOPLE)
        self.crouch = np.zeros(PEOPLE)
        self.spot = np.array([0, 1, 2, 9, 10] * 2)
        self.spot_clock = rng.uniform(0.3, 1.8, PLAYERS)
        self.carrier = self.attack * 5
        self.state = "dribble"
        self.clock = 0.0
        self.until = 1.0
        self.possession_s = 2.0
        self.start = np.zeros(3)
        self.target = NOBODY
        self.flight_s = 1.0
        self.bounce_pass = False
        self.made = False
        self.ball = np.zeros(3)
        self.ball_velocity = np.zeros(3)
        self.loose_team = NOBODY
        self.dribble_phase = 0.0
        self.spin = 0.0
        for person in range(PLAYERS):
            self.position[person] = self.goal(person) + rng.normal(0, 0.4, 2)
        for person in range(PLAYERS, PEOPLE):
            self.position[person] = self.goal(person)
        self.heading[:] = rng.uniform(-3, 3, PEOPLE)

    @property
    def side(self) -> int:
        return 1 if self.attack == 0 else -1

    @property
    def rim(self) -> Array:
        return np.array([self.side * RIM_X_M, 0.0])

    def offence(self) -> range:
        return range(self.attack * 5, self.attack * 5 + 5)

    def goal(self, person: int) -> Array:
        """Where a person wants to be."""
        if person >= PLAYERS:
            middle = self.position[:PLAYERS, 0].mean()
            if person == PLAYERS:
                return np.array([self.side * 14.9, 5.2])
            if person == PLAYERS + 1:
                return np.array([np.clip(middle + self.side * 1.5, -12, 12), -7.0])
            return np.array([np.clip(middle - self.side * 4.5, -12, 12), 7.1])
        if person in self.offence():
            return np.asarray(_SPOTS[self.spot[person]] * (self.side, 1), dtype=np.float64)
        man = self.offence()[person % 5]
        to_rim = self.rim - self.position[man]
        gap = np.linalg.norm(to_rim)
        return np.asarray(
            self.position[man] + to_rim / max(gap, 0.1) * min(1.35 if man == self.carrier else 2.1, gap * 0.4)
        )

    def facing(self, person: int) -> Array:
        return np.array([np.cos(self.heading[person]), np.sin(self.heading[person])])

    def hand_point(self, person: int) -> Array:
        """Where a person's hands hold the ball."""
        forward = self.facing(person)
        up = self.reach[person]
        height = 1.22 + up * 0.95 + self.lift(person)
        # Held at the hip that the camera sees, unless it is raised for a shot.
        place = self.position[person] + forward * (0.36 - 0.12 * up) + self.seen_side(person) * 0.20 * (1 - up)
        return np.array([*place, height])

    def seen_side(self, person: int) -> Array:
        """Unit vector to that side of a person which faces the cameras at y < 0, shorter where neither does."""
        forward = self.facing(person)
        right = np.array([forward[1], -forward[0]])
        return np.asarray(-right * np.tanh(3 * right[1]), dtype=np.float64)

    def lift(self, person: int) -> float:
        clock = self.lift_clock[person]
        return float(self.lift_height[person] * max(0.0, 1 - (clock / 0.3 - 1) ** 2)) if clock < 0.6 else 0.0

    def jump(self, person: int, height: float) -> None:
        self.lift_clock[person], self.lift_height[person] = 0.0, height

    def go(self, state: str, until: float) -> None:
        self.state, self.clock, self.until = state, 0.0, until

    def give(self, person: int) -> None:
        """The ball lands in somebody's hands."""
        team = person // 5
        if team != self.attack:
            self.attack, self.possession_s = team, 0.0
            self.spot[:] = (
                self.rng.permuted(np.r_[0, 1, 2, self.rng.choice(np.arange(3, 11), 2, replace=False)]).tolist() * 2
            )
        self.carrier = person
        self.reach_wish[:] = 0
        self.go("hold", self.rng.uniform(0.2, 0.5))

    def decide(self) -> None:
        """The carrier has held or dribbled long enough."""
        person, rng = self.carrier, self.rng
        distance = float(np.linalg.norm(self.rim - self.position[person]))
        frontcourt = self.position[person, 0] * self.side > 1.0
        if self.state == "hold" and not (frontcourt and self.possession_s > 3.5 and rng.random() < 0.3):
            self.go("dribble", rng.uniform(0.8, 2.0) if frontcourt else rng.uniform(1.2, 2.4))
            self.dribble_phase = 0.5
            return
        if frontcourt and distance < 8.6 and ((self.possession_s > 4.5 and rng.random() < 0.6) or distance < 2.5):
            self.go("gather", 0.36)
            self.reach_wish[person] = 1
            self.reach_wish[self.nearest(self.position[person], 1 - self.attack)] = 0.9
            return
        mates = [mate for mate in self.offence() if mate != person]
        offsets = np.linalg.norm(self.position[mates] - self.position[person], axis=1)
        ahead = (self.position[mates, 0] - self.position[person, 0]) * self.side
        good = [mate for mate, gap, lead in zip(mates, offsets, ahead, strict=True) if 2.2 < gap < 10 and lead > -5]
        if not good:
            self.go("dribble", 0.8)
            return
        self.target = int(rng.choice(good))
        self.start = self.ball.copy()
        gap = float(np.linalg.norm(self.position[self.target] - self.position[person]))
        self.flight_s = max(0.28, gap / rng.uniform(9.0, 12.0))
        self.bounce_pass = bool(rng.random() < 0.3)
        self.go("pass", self.flight_s)
        self.carrier = NOBODY

    def nearest(self, point: Array, team: int) -> int:
        members = np.arange(team * 5, team * 5 + 5)
        return int(members[np.argmin(np.linalg.norm(self.position[members] - point, axis=1))])

    def shoot(self) -> None:
        """The ball leaves the shooter's hands towards the rim."""
        shooter, rng = self.carrier, self.rng
        self.made = bool(rng.random() < 0.45)
        rim = np.array([*self.rim, RIM_HEIGHT_M])
        if not self.made:
            angle = rng.uniform(0, 2 * np.pi)
            rim += np.array([0.24 * np.cos(angle), 0.24 * np.sin(angle), 0.12])
        distance = float(np.linalg.norm(self.rim - self.position[shooter]))
        self.flight_s = 0.62 + 0.075 * distance
        self.start = self.ball.copy()
        self.ball_velocity = (rim - self.start) / self.flight_s + np.array([0, 0, 0.5 * GRAVITY * self.flight_s])
        self.carrier = NOBODY
        self.target = shooter
        self.go("shot", self.flight_s)

    def bounce_off(self) -> None:
        """The ball arrives at the rim."""
        rng = self.rng
        if self.made:
            self.ball_velocity = np.array([rng.normal(0, 0.15), rng.normal(0, 0.15), -2.2])
            self.loose_team = 1 - self.attack
        else:
            angle = rng.uniform(-1.2, 1.2) + (np.pi if self.side > 0 else 0)
            pace = rng.uniform(1.2, 3.0)
            self.ball_velocity = np.array([pace * np.cos(angle), pace * np.sin(angle), rng.uniform(1.5, 3.2)])
            self.loose_team = NOBODY
        self.reach_wish[:] = 0
        self.go("loose", 99.0)

    def step(self) -> None:
        """Advance by :data:`STEP_S`."""
        self.clock += STEP_S
        self.possession_s += STEP_S
        self.move_people()
        self.move_ball()

    def move_people(self) -> None:
        rng = self.rng
        self.spot_clock -= STEP_S
        for person in self.offence():
            if self.spot_clock[person] < 0:
                taken = {int(self.spot[mate]) for mate in self.offence()}
                free = [spot for spot in range(len(_SPOTS)) if spot not in taken]
                self.spot[person] = rng.choice(free)
                self.spot_clock[person] = rng.uniform(1.0, 2.8)
        goals = np.stack([self.goal(person) for person in range(PEOPLE)])
        chase = np.zeros(PEOPLE, dtype=bool)
        if self.state == "loose":
            landing = self.ball[:2] + self.ball_velocity[:2] * 0.35
            for team in (0, 1):
                if self.loose_team in (NOBODY, team):
                    chaser = self.nearest(landing, team)
                    goals[chaser], chase[chaser] = landing, True
        if self.state == "gather":
            goals[self.carrier] = self.position[self.carrier]
        if self.state == "pass":
            goals[self.target] = self.position[self.target] + self.velocity[self.target] * 0.2
        offset = goals - self.position
        distance = np.linalg.norm(offset, axis=1)
        top = np.where(distance > 6, 5.6, np.where(distance > 2.5, 3.9, 2.6))
        top[PLAYERS:] = np.where(distance[PLAYERS:] > 4, 4.2, 2.0)
        top[chase] = 5.6
        if self.carrier != NOBODY and self.state == "hold":
            top[self.carrier] = 0.4
        wish = offset / np.maximum(distance, 1e-6)[:, None] * np.minimum(top, distance * 2.2)[:, None]
        apart = self.position[:, None] - self.position[None]
        gaps = np.linalg.norm(apart, axis=2) + np.eye(PEOPLE) * 9
        push = np.clip(0.95 - gaps, 0, None) / np.maximum(gaps, 0.05)
        wish += (apart * push[..., None]).sum(axis=1) * 6
        change = wish - self.velocity
        size = np.linalg.norm(change, axis=1, keepdims=True)
        self.velocity += change / np.maximum(size, 1e-6) * np.minimum(size, 7.5 * STEP_S)
        pace = np.linalg.norm(self.velocity, axis=1, keepdims=True)
        self.velocity *= np.minimum(1, 6.8 / np.maximum(pace, 1e-6))
        self.position += self.velocity * STEP_S
        self.position[:, 0] = np.clip(self.position[:, 0], -15.6, 15.6)
        self.position[:, 1] = np.clip(self.position[:, 1], -7.9, 7.9)
        self.turn(np.linalg.norm(self.velocity, axis=1))

    def turn(self, pace: Array) -> None:
        rng = self.rng
        to_ball = self.ball[:2] - self.position
        wish = np.arctan2(to_ball[:, 1], to_ball[:, 0])
        moving = np.arctan2(self.velocity[:, 1], self.velocity[:, 0])
        wish = np.where(pace > 1.8, moving, wish)
        if self.carrier != NOBODY and pace[self.carrier] < 1.5:
            to_rim = self.rim - self.position[self.carrier]
            wish[self.carrier] = np.arctan2(to_rim[1], to_rim[0])
        if self.state == "hold" and self.carrier != NOBODY:
            wish[self.carrier] += -0.5 * np.sign(np.cos(wish[self.carrier]))
        turn = (wish - self.heading + np.pi) % (2 * np.pi) - np.pi
        self.heading += np.clip(turn, -6.0 * STEP_S, 6.0 * STEP_S) + rng.normal(0, 0.01, PEOPLE)
        self.stride += STEP_S * 2 * np.pi * pace / (0.9 + 0.32 * pace)
        self.lift_clock += STEP_S
        self.reach += np.clip(self.reach_wish - self.reach, -3.2 * STEP_S, 3.2 * STEP_S)
        defending = np.zeros(PEOPLE)
        defenders = np.arange((1 - self.attack) * 5, (1 - self.attack) * 5 + 5)
        near = np.abs(self.position[defenders, 0] - self.rim[0]) < 11
        defending[defenders] = np.where(near & (pace[defenders] < 3.2), 0.9, 0.2)
        self.crouch += np.clip(defending - self.crouch, -2.5 * STEP_S, 2.5 * STEP_S)

    def move_ball(self) -> None:
        self.spin += STEP_S * (9.0 if self.carrier == NOBODY else 3.0)
        if self.state in ("hold", "gather"):
            aim_at = self.hand_point(self.carrier)
            self.ball += (aim_at - self.ball) * 0.55
            if self.clock >= self.until:
                if self.state == "gather":
                    self.shoot()
                else:
                    self.decide()
            elif self.state == "gather" and self.clock > 0.16 and self.lift_clock[self.carrier] > 1:
                self.jump(self.carrier, 0.45)
                self.jump(self.nearest(self.position[self.carrier], 1 - self.attack), 0.3)
        elif self.state == "dribble":
            forward = self.facing(self.carrier)
            self.dribble_phase = (self.dribble_phase + STEP_S / 0.6) % 1
            fall = 1 - (2 * self.dribble_phase - 1) ** 2
            spot = (
                self.position[self.carrier] + forward * 0.36 + self.seen_side(self.carrier) * 0.40 - np.array([0, 0.1])
            )
            height = self.radius + (0.92 - self.radius) * fall
            self.ball += (np.array([*spot, height]) - self.ball) * np.array([0.6, 0.6, 0.85])
            if self.clock >= self.until and self.dribble_phase > 0.4 and self.dribble_phase < 0.65:
                self.decide()
        elif self.state == "pass":
            share = min(1.0, self.clock / self.flight_s)
            point = self.start + (self.hand_point(self.target) - self.start) * share
            if self.bounce_pass:
                low = self.radius
                point[2] = (
                    self.start[2] + (low - self.start[2]) * (share / 0.6) ** 1.3
                    if share < 0.6
                    else low + (self.hand_point(self.target)[2] - low) * (1 - ((1 - share) / 0.4) ** 1.6)
                )
            else:
                point[2] += 4 * 0.35 * share * (1 - share)
            self.ball = point
            if share >= 1:
                self.give(self.target)
        elif self.state == "shot":
            clock = min(self.clock, self.flight_s)
            self.ball = self.start + self.ball_velocity * clock - np.array([0, 0, 0.5 * GRAVITY * clock**2])
            if self.clock > 0.35:
                self.reach_wish[:] = 0
            if self.clock >= self.flight_s:
                self.bounce_off()
        else:
            self.fly_free()

    def fly_free(self) -> None:
        """A loose ball falls, bounces, and somebody takes it."""
        self.ball_velocity[2] -= GRAVITY * STEP_S
        self.ball = self.ball + self.ball_velocity * STEP_S
        if self.ball[2] < self.radius:
            self.ball[2] = 2 * self.radius - self.ball[2]
            self.ball_velocity *= np.array([0.9, 0.9, -0.74])
        for axis, limit in ((0, 15.0), (1, 7.6)):
            if abs(self.ball[axis]) > limit:
                self.ball[axis] = np.sign(self.ball[axis]) * limit
                self.ball_velocity[axis] *= -0.4
        teams = (0, 1) if self.loose_team == NOBODY else (self.loose_team,)
        for team in teams:
            person = self.nearest(self.ball[:2], team)
            gap = np.linalg.norm(self.position[person] - self.ball[:2])
            if (
                gap < 1.1
                and 2.0 < self.ball[2] < 3.0
                and self.clock < 0.9
                and not self.made
                and self.reach[person] < 0.1
            ):
                self.reach_wish[person] = 1
                self.jump(person, 0.5)
            reachable = 2.3 if self.reach_wish[person] > 0 else 1.6
            if gap < 0.75 and self.ball[2] < reachable and self.clock > 0.3:
                self.give(person)
                return


def simulate(rng: np.random.Generator, steps: int, ball_radius_m: float) -> Play:
    """Play basketball for ``steps`` steps of :data:`STEP_S`.

    Players steer towards spots of a half-court set (offence) or between their man and the rim
    (defence) with bounded acceleration and speed; the ball is dribbled, held, passed, shot and
    rebounds under gravity.
    """
    game = _Game(rng, ball_radius_m)
    game.ball = game.hand_point(game.carrier)
    for _ in range(25):
        game.step()
    rows: dict[str, list[object]] = {name: [] for name in Play.__dataclass_fields__}
    for _ in range(steps):
        game.step()
        rows["position"].append(game.position.copy())
        rows["heading"].append(game.heading.copy())
        rows["speed"].append(np.linalg.norm(game.velocity, axis=1))
        rows["stride"].append(game.stride.copy())
        rows["lift"].append([game.lift(person) for person in range(PEOPLE)])
        rows["reach"].append(game.reach.copy())
        rows["crouch"].append(game.crouch.copy())
        rows["ball"].append(game.ball.copy())
        rows["spin"].append(game.spin)
        rows["carrier"].append(game.carrier)
        rows["held"].append(game.state in ("hold", "gather"))
    return Play(**{name: np.array(values) for name, values in rows.items()})
