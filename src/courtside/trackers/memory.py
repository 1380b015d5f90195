"""How tracks have looked: what a box that may be theirs is compared with."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32]


class Memory(Protocol):
    """How each track of a list has looked, in the list's order."""

    def begin(self, features: Features) -> None:
        """Append tracks that begin, (n, d)."""
        ...

    def add(self, rows: NDArray[np.int64], features: Features) -> None:
        """Tracks were seen and look like that."""
        ...

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Forget all tracks but those."""
        ...

    def distances(self, features: Features) -> NDArray[np.float64]:
        """Return the cosine distance of every track and every box, (n, m), 0–2."""
        ...


class Gallery:
    """Keeps the last features of each track; a box is as far from it as from the most alike of them.

    Wojke et al. 2017, "Simple Online and Realtime Tracking with a Deep Association Metric", equation 2.

    Args:
        size: how many features are kept of a track.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._features = np.empty((0, size, 0), dtype=np.float32)
        self._seen = np.empty(0, dtype=np.int64)
        self._slots = np.empty(0, dtype=np.int64)

    def begin(self, features: Features) -> None:
        """Append tracks that begin, (n, d)."""
        free = np.setdiff1d(np.arange(len(self._seen)), self._slots)
        if missing := max(0, len(features) - len(free)):
            # Twice as many as are needed, so that a game does not copy all of it for each new track.
            more = missing + len(self._seen)
            free = np.append(free, len(self._seen) + np.arange(more))
            grown = np.zeros((len(self._seen) + more, self._size, features.shape[1]), dtype=np.float32)
            grown[: len(self._seen)] = self._features if len(self._seen) else 0
            self._features, self._seen = grown, np.append(self._seen, np.zeros(more, dtype=np.int64))
        slots = free[: len(features)]
        self._seen[slots] = 0
        first = len(self._slots)
        self._slots = np.append(self._slots, slots)
        self.add(np.arange(first, len(self._slots)), features)

    def add(self, rows: NDArray[np.int64], features: Features) -> None:
        """Tracks were seen and look like that."""
        slots = self._slots[rows]
        self._features[slots, self._seen[slots] % self._size] = features
        self._seen[slots] += 1

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Forget all tracks but those."""
        self._slots = self._slots[kept]

    def distances(self, features: Features) -> NDArray[np.float64]:
        """Return the cosine distance of every track and every box, (n, m), 0–2."""
        if not len(self._slots) or not len(features):
            return np.empty((len(self._slots), len(features)))
        filled = min(self._size, int(self._seen[self._slots].max()))
        alike = self._features[self._slots, :filled] @ features.T
        alike[np.arange(filled) >= self._seen[self._slots, None]] = -np.inf
        result: NDArray[np.float64] = 1.0 - alike.max(axis=1).astype(np.float64)
        return np.clip(result, 0, 2)


class Smoothed:
    """Keeps one feature a track, which follows what is seen slowly.

    Zhang et al. 2021, "FairMOT", section 3.5 (after Wang et al. 2020, "Towards Real-Time Multi-Object Tracking").

    Args:
        momentum: the share of a track's feature that stays when it is seen again, 0–1.
    """

    def __init__(self, momentum: float) -> None:
        self._momentum = momentum
        self._features = np.empty((0, 0), dtype=np.float32)

    def begin(self, features: Features) -> None:
        """Append tracks that begin, (n, d)."""
        self._features = np.vstack([self._features, features]) if len(self._features) else features.copy()

    def add(self, rows: NDArray[np.int64], features: Features) -> None:
        """Tracks were seen and look like that."""
        mixed = self._momentum * self._features[rows] + (1 - self._momentum) * features
        self._features[rows] = mixed / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-12)

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Forget all tracks but those."""
        self._features = self._features[kept]

    def distances(self, features: Features) -> NDArray[np.float64]:
        """Return the cosine distance of every track and every box, (n, m), 0–2."""
        if not len(self._features) or not len(features):
            return np.empty((len(self._features), len(features)))
        return np.clip(1.0 - (self._features @ features.T).astype(np.float64), 0, 2)
