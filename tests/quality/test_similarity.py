import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from courtside.quality.similarity import similarity_to_next


def assert_parity(frames, tolerance=1e-5):
    """Every pair agrees with scikit-image, and nothing stands where there is no pair."""
    found = similarity_to_next(frames)
    assert found.shape == (len(frames), 3)
    for first in range(len(frames)):
        for distance in (1, 2, 3):
            value = found[first, distance - 1]
            if first + distance < len(frames):
                assert value == pytest.approx(
                    structural_similarity(frames[first], frames[first + distance]), abs=tolerance
                )
            else:
                assert np.isnan(value)


@settings(max_examples=30, deadline=None)
@given(
    width=st.integers(7, 90),
    height=st.integers(7, 60),
    count=st.integers(1, 6),
    seed=st.integers(0, 1000),
    low=st.integers(0, 250),
    spread=st.integers(1, 255),
)
def test_parity_on_random_frames(width, height, count, seed, low, spread):
    rng = np.random.default_rng(seed)
    assert_parity(
        [np.clip(rng.integers(low, low + spread, (height, width)), 0, 255).astype(np.uint8) for _ in range(count)],
        tolerance=1e-4,  # a frame of one bright, flat window has nothing to average its rounding over
    )


def test_parity_where_float32_is_weakest():
    # Bright, flat and almost alike: the sums are large and their differences tiny.
    rng = np.random.default_rng(0)
    assert_parity([np.full((60, 70), shade, dtype=np.uint8) for shade in (255, 255, 254, 0, 3)])
    assert_parity([np.clip(rng.normal(250, 1.5, (80, 90)), 0, 255).astype(np.uint8) for _ in range(4)])


@pytest.mark.parametrize("width", [1286, 1287, 1293, 2571])
def test_parity_across_tiles(width):
    # As wide as one tile of columns and wider, by one window and by more.
    base = np.random.default_rng(1).integers(0, 256, (40, width), dtype=np.uint8)
    assert_parity([np.roll(base, shift, 1) for shift in (0, 1, 3, 4, 9)])


def test_pairs_that_are_known_are_left_out():
    frames = np.random.default_rng(3).integers(0, 256, (7, 20, 30), dtype=np.uint8)
    whole, rest = similarity_to_next(frames), similarity_to_next(frames, known=3)
    later = np.arange(7)[:, None] + np.arange(1, 4)
    np.testing.assert_array_equal(rest, np.where(later >= 3, whole, np.nan))


def test_parity_on_real_frames(real_videos):
    from courtside.video.reader import read_luma

    for path in real_videos[:3]:
        assert_parity([luma.image for luma in read_luma(path, 20, 24)])


def test_equal_frames_are_similar_by_one():
    frame = np.random.default_rng(2).integers(0, 256, (40, 50), dtype=np.uint8)
    assert similarity_to_next([frame, frame])[0, 0] == pytest.approx(1, abs=1e-9)


def test_frames_smaller_than_the_window_have_no_similarity():
    assert np.isnan(similarity_to_next([np.zeros((6, 40), dtype=np.uint8)] * 3)).all()


def test_frames_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match="different shapes"):
        similarity_to_next([np.zeros((8, 8), dtype=np.uint8), np.zeros((8, 9), dtype=np.uint8)])
