"""Pictures that a child would tell apart."""

import numpy as np
import pytest

from courtside.classifiers.protocol import Examples


@pytest.fixture(scope="session")
def drawn():
    """Return a function that draws examples of some classes: grey noise, with a square in all but the first."""
    colors = [None, (20, 120, 250), (250, 60, 20)]

    def draw(count, seed, labels=2, size=48):
        random = np.random.default_rng(seed)
        images = random.integers(90, 130, (count, size, size, 3), dtype=np.uint8)
        classes = np.arange(count) % labels
        for image, kind in zip(images, classes, strict=True):
            if colors[kind]:
                y, x = random.integers(0, size - 16, 2)
                image[y : y + 16, x : x + 16] = colors[kind]
        return Examples(images, np.arange(count), classes.astype(np.int64))

    return draw
