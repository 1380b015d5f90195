"""Validation frames where nobody labelled any."""

import polars as pl
import pytest

from courtside import boxes
from courtside.datasets.stand_ins import stand_ins

KEY = {"video": pl.String, "frame": pl.Int32}


def material(count=10, labelled=()):
    """Frames 0–9 train, 10–19 validate; the teacher has a box on every even frame; 18 is blurred."""
    frames = pl.DataFrame(
        {
            "video": "game",
            "frame": range(2 * count),
            "verdict": ["blur" if number == 18 else "usable" for number in range(2 * count)],
            "split": ["train"] * count + ["val"] * count,
        }
    ).with_columns(pl.col("frame").cast(pl.Int32))
    teacher = boxes.check(
        pl.DataFrame(
            [
                {"video": "game", "frame": number, "x1": 0.0, "y1": 0.0, "x2": 9.0, "y2": 9.0}
                | {"label": "ball", "score": 0.9, "source": "round"}
                for number in range(0, 2 * count, 2)
            ],
            schema_overrides=boxes.SCHEMA,
        )
    )
    by_hand = pl.DataFrame([("game", number) for number in labelled], schema=KEY, orient="row")
    return frames, by_hand, teacher


@pytest.mark.parametrize(
    ("count", "wanted"), [(0, []), (1, [10]), (2, [10, 16]), (3, [10, 14, 16]), (9, [10, 12, 14, 16])]
)
def test_what_the_teacher_labelled_stands_in_spread_evenly(count, wanted):
    chosen = stand_ins(*material(), count=count)
    assert chosen["frame"].to_list() == wanted
    assert chosen.columns == ["video", "frame", "split", "source"]
    assert set(chosen["split"]) <= {"val"}
    assert set(chosen["source"]) <= {"teacher"}


def test_one_frame_that_a_person_labelled_is_enough():
    assert stand_ins(*material(labelled=[13]), count=5).is_empty()


def test_labels_of_frames_that_are_no_use_are_no_help():
    assert stand_ins(*material(labelled=[3, 18]), count=5).height == 4


def test_a_teacher_that_saw_nothing_has_nothing_to_say():
    frames, labelled, teacher = material()
    assert stand_ins(frames, labelled, teacher.clear(), count=5).is_empty()
