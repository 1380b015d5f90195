"""How far trackers are from the best one, with whole shots drawn anew."""

import pytest

from courtside.trackers.comparison import DETECTIONS, Contestant, Seen, behind_the_best, compare
from moving_object import row, table

# A box of half the size of the object is still found by one that asks for little overlap.
EASY, HARD = Contestant("easy", "sort", {"minimum_overlap": 0.1}), Contestant("hard", "sort", {"minimum_overlap": 0.9})
SAME = Contestant("same", "sort", {"minimum_overlap": 0.1})


def game(shots):
    """A player who goes on by a fifth of his size a frame, ten frames a shot."""
    frames = range(10 * shots)
    rows = [row(frame, 8 * (frame % 10), 100.0, label="player", track=frame // 10 + 1) for frame in frames]
    truth = table(*rows)
    boxes = table(*({**each, "track": None} for each in rows))
    return {"game": Seen(boxes, list(frames), {frame: frame // 10 for frame in frames}, 25.0)}, {"game": truth}


def test_who_is_worse_in_every_shot_is_worse_for_certain_and_who_is_alike_is_not():
    seen, truth = game(4)
    results = compare([EASY, HARD, SAME], seen, truth, ["player"], DETECTIONS)
    behind = behind_the_best(results, seen, truth, ["player"], resamples=50)
    assert set(behind) == {"overall", "player"}
    assert set(behind["player"]) == {"hard", "same"}
    gap = results[1].combined["player"]["HOTA"] - results[0].combined["player"]["HOTA"]
    assert gap < -0.1
    assert behind["player"]["hard"] == pytest.approx((gap, gap))  # the shots are alike, so drawing changes nothing
    assert behind["player"]["same"] == (0, 0)


def test_one_shot_says_nothing():
    seen, truth = game(1)
    results = compare([EASY, HARD], seen, truth, ["player"], DETECTIONS)
    assert behind_the_best(results, seen, truth, ["player"]) == {}
