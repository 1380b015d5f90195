import numpy as np
import pytest

from courtside.video.levels import expand_levels


@pytest.mark.parametrize("turns", [0, 1])
def test_every_level_is_expanded_and_rounded(turns):
    levels = np.rot90(np.arange(256, dtype=np.uint8).reshape(4, 64), turns)
    expanded = np.empty(levels.shape, dtype=np.uint8)
    expand_levels(levels, expanded)
    exact = (levels.astype(float) - 16) * 255 / 219
    np.testing.assert_array_equal(expanded, np.clip(np.round(exact), 0, 255))
