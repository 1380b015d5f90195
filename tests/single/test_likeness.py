"""How much a box looks like the object."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside.single.likeness import Gallery
from moving_object import box_at, floor, picture


@pytest.fixture(scope="module")
def gallery():
    gallery = Gallery(4)
    gallery.learn(picture(100, 100), box_at(100, 100))
    return gallery


def test_the_same_look_is_wholly_alike(gallery):
    assert gallery.likeness(picture(100, 100), box_at(100, 100)) == pytest.approx(1.0, abs=1e-3)
    assert gallery.likeness(picture(220, 30), box_at(220, 30)) > 0.9


def test_floor_is_not_alike(gallery):
    image = floor()
    worst = max(gallery.likeness(image, box_at(x, y)) for x in range(0, 280, 40) for y in range(0, 200, 40))
    assert worst < 0.5


def test_a_flat_box_and_nothing_learned_are_no_likeness(gallery):
    assert gallery.likeness(np.full((240, 320, 3), 200, dtype=np.uint8), box_at(10, 10)) < 0.3
    assert Gallery(3).likeness(picture(10, 10), box_at(10, 10)) == 0.0


def test_half_a_size_beside_is_less_alike_than_an_eighth(gallery):
    image = picture(100, 100)
    assert gallery.likeness(image, box_at(105, 100)) > 0.85 > gallery.likeness(image, box_at(120, 100))


def test_a_box_is_placed_on_the_object(gallery):
    placed = gallery.placed(picture(100, 100), box_at(104, 97))
    assert placed == pytest.approx(box_at(100, 100), abs=1.7)


def test_what_was_learned_of_the_surroundings_counts_against_a_box():
    wary, trusting = Gallery(4), Gallery(4)
    image = picture(100, 100)
    wary.learn(image, box_at(100, 100))
    trusting._first = wary.looks[0]
    beside = box_at(100 + 26, 100)
    assert wary.likeness(image, beside) < trusting.likeness(image, beside)


def test_the_gallery_keeps_the_first_look_and_the_latest():
    gallery = Gallery(2)
    for place in (100, 20, 60, 140):
        gallery.learn(picture(place, 100), box_at(place, 100))
    assert len(gallery.looks) == 3
    assert gallery.likeness_to_first(picture(10, 10), box_at(10, 10)) > 0.9


@settings(max_examples=40, deadline=None)
@given(st.floats(-60, 340), st.floats(-60, 260), st.floats(0.5, 300), st.floats(0.5, 300))
def test_likeness_is_a_share_wherever_the_box_is(x, y, width, height):
    gallery = Gallery(2)
    gallery.learn(picture(100, 100), box_at(100, 100))
    assert 0.0 <= gallery.likeness(picture(100, 100), np.array([x, y, x + width, y + height])) <= 1.0
