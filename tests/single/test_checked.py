"""The check of a tracker: when it is doubted, when lost, and where the object is found again."""

import numpy as np
import pytest

from courtside.single.checked import CheckedTracker
from courtside.single.settings import CheckSettings
from moving_object import box_at, picture


class Scripted:
    """A tracker that returns given boxes, and remembers where it was started."""

    name = "scripted"

    def __init__(self, *boxes):
        self.boxes = list(boxes)
        self.starts = []

    def start(self, image, box):
        self.starts.append(np.array(box))

    def update(self, image):
        return self.boxes.pop(0)


def begun(*boxes, **settings):
    tracker = Scripted(*boxes)
    checked = CheckedTracker(tracker, CheckSettings(**settings))
    checked.start(picture(100, 100), box_at(100, 100))
    return tracker, checked


NOWHERE = np.empty((0, 5))


def test_a_tracker_that_is_right_is_believed():
    _, checked = begun(*(box_at(100 + 4 * step, 100) for step in range(1, 6)))
    states = [checked.update(picture(100 + 4 * step, 100)) for step in range(1, 6)]
    assert all(state.confidence > 0.8 and not state.lost for state in states)


def test_a_tracker_that_says_success_on_floor_is_lost_after_its_patience():
    _, checked = begun(*[box_at(100, 100)] * 3, patience=3)
    states = [checked.update(picture(), NOWHERE) for _ in range(4)]
    assert [state.lost for state in states] == [False, False, True, True]
    assert states[0].confidence < 0.5
    assert states[2].box is None


def test_a_tracker_that_gives_up_is_lost_at_once():
    _, checked = begun(None)
    assert checked.update(picture(), NOWHERE).lost


def test_a_jump_and_a_sudden_size_are_doubted():
    # The square really is where the box is, but it was 3 sizes away a frame before, and is no longer believed at once.
    _, checked = begun(box_at(240, 100), jump_tolerance=1.0)
    assert checked.update(picture(240, 100)).confidence < 0.2
    _, checked = begun(np.array([60.0, 60.0, 180.0, 180.0]), size_tolerance=1.5)
    assert checked.update(picture(100, 100)).confidence < 0.2


def test_it_is_found_again_by_its_look_in_a_window_that_grows():
    tracker, checked = begun(None, *[box_at(180, 100)] * 5, reach=0.2, reach_growth=0.5)
    states = [checked.update(picture(180, 100)) for _ in range(6)]
    found = next(number for number, state in enumerate(states) if not state.lost)
    # 80 pixels are two sizes: reach + 0.5 a frame gets there in the fourth frame; its size may be tried in the fifth.
    assert found in (3, 4)
    assert states[found].box == pytest.approx(box_at(180, 100), abs=8)
    assert tracker.starts[-1] == pytest.approx(states[found].box)


def test_it_is_found_again_among_detections():
    _, checked = begun(None)
    candidates = np.array(
        [
            [*box_at(20, 20), 0.99],  # floor, whatever the detector thinks
            [*box_at(150, 110), 0.2],  # the object, of which it is not sure
            [*box_at(151, 111), 0.8],  # the object
        ]
    )
    state = checked.update(picture(150, 110), candidates)
    assert not state.lost
    assert state.box == pytest.approx(box_at(151, 111))


@pytest.mark.parametrize(("x", "lost"), [(150, False), (280, True)])  # 50 and 180 pixels of 3.5 sizes
def test_detections_out_of_reach_are_others(x, lost):
    _, checked = begun(None, reach=3.0)
    candidates = np.array([[*box_at(x, 100), 0.9]])
    assert checked.update(picture(x, 100), candidates).lost is lost


def test_floor_is_never_learned():
    # The tracker slides off the square onto the floor and stays there for long.
    _, checked = begun(*[box_at(100 + min(4 * step, 60), 100) for step in range(40)])
    states = [checked.update(picture(100, 100), NOWHERE) for _ in range(40)]
    assert states[-1].lost
    assert checked._gallery.likeness(picture(), box_at(160, 100)) < 0.5
