"""Augmented pictures keep their boxes, and the boxes keep to what they are around."""

import numpy as np
import pytest
import torch

from courtside.detectors.augmentation import augment


def picture(*boxes):
    image = torch.zeros((3, 90, 160), dtype=torch.uint8)
    for x1, y1, x2, y2 in boxes:
        image[:, y1:y2, x1:x2] = 200
    return image, torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)


@pytest.mark.parametrize("seed", range(30))
def test_a_box_stays_around_its_bright_square(seed):
    image, boxes = picture((3, 60, 23, 80))
    changed, moved, kept = augment(image, boxes, 0.4, np.random.default_rng(seed))
    assert changed.shape == image.shape
    assert changed.dtype == torch.uint8
    assert kept.tolist() == [True]
    rows, columns = torch.nonzero(changed[0] > 70, as_tuple=True)
    seen = torch.stack([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).float()
    assert (seen - moved[0]).abs().max() <= 1.6


@pytest.mark.parametrize("seed", range(10))
def test_boxes_too_far_apart_for_the_zoom_are_cut_or_left_out(seed):
    image, boxes = picture((0, 0, 20, 20), (140, 70, 160, 90))
    _, moved, kept = augment(image, boxes, 0.9, np.random.default_rng(seed))
    assert len(moved) == kept.sum()
    assert (moved >= 0).all()
    assert (moved <= torch.tensor([160, 90, 160, 90])).all()
    assert (moved[:, 2:] > moved[:, :2]).all()


def test_a_picture_without_boxes():
    image, boxes = picture()
    changed, moved, kept = augment(image, boxes, 0.3, np.random.default_rng(0))
    assert changed.shape == image.shape
    assert moved.shape == (0, 4)
    assert kept.shape == (0,)


def test_the_same_state_gives_the_same_picture():
    image, boxes = picture((50, 20, 80, 50))
    first, again, other = (augment(image, boxes, 0.3, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])
