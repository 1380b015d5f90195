"""A tracker whose word is checked: it says how sure it is, when it has lost its object, and looks for it then."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from courtside.single.likeness import Gallery
from courtside.single.protocol import Box, Image, SingleTracker
from courtside.single.search import among_detections, by_template
from courtside.single.settings import CheckSettings

# Boxes that say how large the object lately was.
_SIZES = 15
# What confidence an object usually has is not taken for less, or a tracker that slides away slowly is never doubted.
_LEAST_USUAL = 0.6
# Frames between two looks that are remembered; neighbours show the same.
_LEARN_EVERY = 5
# Frames for which a lost object is thought to go on as it went.
_COASTING_FRAMES = 5
# How fast confidence falls beyond what is tolerated: standard deviations of a jump, in sizes, and of the logarithm of a
# size.
_JUMP_SPREAD, _SIZE_SPREAD = 1.0, 0.25


@dataclass(frozen=True)
class State:
    """What is known after a frame: ``box`` corners (4,), None where there is none; ``confidence`` 0–1; ``lost``."""

    box: Box | None
    confidence: float
    lost: bool


class CheckedTracker:
    """Wraps a tracker in a check and a search.

    Confidence is how much the box looks like the object (:mod:`courtside.single.likeness`), less where it jumps farther
    or changes its size faster than an object does, or leaves the picture. Few trackers say themselves that they are
    lost: CSRT reports success on every frame.

    Args:
        tracker: the tracker that is checked.
        settings: when it is believed.
    """

    def __init__(self, tracker: SingleTracker, settings: CheckSettings) -> None:
        self._tracker = tracker
        self._settings = settings
        self._gallery = Gallery(settings.gallery)
        self._sizes: deque[NDArray[np.float64]] = deque(maxlen=_SIZES)
        self._usual: deque[float] = deque(maxlen=_SIZES)
        self._place: NDArray[np.float64] = np.zeros(2)
        self._velocity: NDArray[np.float64] = np.zeros(2)
        self._weak = self._unseen = self._since_learning = 0
        self._lost = False

    def start(self, image: Image, box: Box) -> State:
        """Begin to follow what is in a box."""
        self._tracker.start(image, box)
        self._gallery.learn(image, box)
        self._restart(box)
        return State(box, 1.0, lost=False)

    def update(self, image: Image, candidates: NDArray[np.float64] | None = None) -> State:
        """Take the next picture.

        Args:
            image: BGR, (height, width, 3), uint8.
            candidates: corners and scores of a detector's boxes of that label, shape (n, 5); None where there is no
                detector, and a lost object is then looked for by what it looked like.
        """
        self._unseen += 1
        if not self._lost:
            box = self._tracker.update(image)
            confidence = 0.0 if box is None else self._gallery.likeness(image, box) * self._plausibility(image, box)
            self._weak = self._weak + 1 if confidence < self._doubtful() else 0
            if box is not None and self._weak < self._settings.patience:
                if not self._weak:
                    self._believe(image, box, confidence)
                return State(box, confidence, lost=False)
            self._lost = True
        found = self._search(image, candidates)
        if found is None:
            return State(None, 0.0, lost=True)
        box, confidence = found
        self._tracker.start(image, box)
        self._restart(box)
        return State(box, confidence, lost=False)

    def _restart(self, box: Box) -> None:
        self._lost, self._weak, self._unseen = False, 0, 0
        self._place, self._velocity = _centre(box), np.zeros(2)
        self._sizes.append(box[2:] - box[:2])

    def _believe(self, image: Image, box: Box, confidence: float) -> None:
        centre = _centre(box)
        self._velocity = 0.5 * self._velocity + 0.5 * (centre - self._place) / self._unseen
        self._place, self._unseen = centre, 0
        self._sizes.append(box[2:] - box[:2])
        self._usual.append(confidence)
        self._since_learning += 1
        if confidence >= self._settings.learn_above and self._since_learning >= _LEARN_EVERY:
            # What was learned by mistake would teach more of it: the look that a person gave has the last word.
            if self._gallery.likeness_to_first(image, box) >= self._doubtful():
                self._gallery.learn(image, box)
            self._since_learning = 0

    def _doubtful(self) -> float:
        """Return the confidence below which the object may be lost: a share of what it usually has.

        A player turns and runs and is never as like himself as a ball is.
        """
        usual = float(np.median(self._usual)) if self._usual else 1.0
        return self._settings.lost_below * max(usual, _LEAST_USUAL)

    def _plausibility(self, image: Image, box: Box) -> float:
        """Return how well place and size of a box go with those before, 0–1."""
        size = float(np.sqrt(np.prod(self._size())))
        now = float(np.sqrt(np.prod(box[2:] - box[:2])))
        expected = self._place + self._velocity * self._unseen
        jump = float(np.linalg.norm(_centre(box) - expected)) / size
        beyond = max(0.0, jump / self._unseen - self._settings.jump_tolerance) / _JUMP_SPREAD
        changed = max(0.0, abs(np.log(now / size)) - np.log(self._settings.size_tolerance)) / _SIZE_SPREAD
        height, width = image.shape[:2]
        seen = np.clip(np.minimum(box[2:], (width, height)) - np.maximum(box[:2], 0), 0, None)
        inside = float(np.prod(seen) / np.prod(box[2:] - box[:2]))
        return inside * float(np.exp(-0.5 * (beyond**2 + changed**2)))

    def _search(self, image: Image, candidates: NDArray[np.float64] | None) -> tuple[Box, float] | None:
        settings, size = self._settings, self._size()
        radius = (settings.reach + settings.reach_growth * self._unseen) * float(np.sqrt(np.prod(size)))
        place = self._place + self._velocity * min(self._unseen, _COASTING_FRAMES)
        if candidates is None:
            return by_template(image, self._gallery, place, radius, size, settings.found_above, self._unseen - 1)
        sure = candidates[candidates[:, 4] >= settings.detection_confidence]
        return among_detections(image, self._gallery, place, radius, sure, self._doubtful())

    def _size(self) -> NDArray[np.float64]:
        middle: NDArray[np.float64] = np.median(np.stack(self._sizes), axis=0)
        return middle


def _centre(box: Box) -> NDArray[np.float64]:
    return (box[:2] + box[2:]) / 2
