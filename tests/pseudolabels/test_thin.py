"""Every n-th frame of each video, and those that must stay."""

import polars as pl
import pytest

from courtside.pseudolabels.thin import backgrounds_to_label, frames_to_label, thin

FRAMES = pl.DataFrame(
    {"video": ["one"] * 5 + ["two"] * 3, "frame": [3, 4, 7, 8, 9, 0, 1, 2]}, schema_overrides={"frame": pl.Int32}
)


@pytest.mark.parametrize(
    ("every", "keep", "expected"),
    [
        (1, [], [3, 4, 7, 8, 9, 0, 1, 2]),
        (2, [], [3, 7, 9, 0, 2]),  # counted among the rows of a video, not by number
        (3, [("one", 9), ("two", 0)], [3, 8, 9, 0]),  # kept once, in place
        (9, [("one", 0)], [3, 0]),  # a frame that is not there cannot be kept; 0 is the other video's first
    ],
)
def test_thinning(every, keep, expected):
    kept = pl.DataFrame(keep, schema={"video": pl.String, "frame": pl.Int32}, orient="row")
    result = thin(FRAMES, every, kept)
    assert result["frame"].to_list() == expected
    assert result.columns == FRAMES.columns


def test_a_round_is_asked_about_training_frames_thinned_and_all_of_validation():
    frames = pl.DataFrame(
        {
            "video": "one",
            "frame": range(12),
            "verdict": ["usable"] * 11 + ["blur"],
            "split": ["train"] * 6 + ["val"] * 6,
        }
    )
    labelled = pl.DataFrame({"video": "one", "frame": [1, 7, 11]})
    asked = frames_to_label(frames, labelled, 2)
    # 1 is known, 11 is blurred; 7 is known and asked all the same, for the audit.
    assert asked["frame"].to_list() == [0, 3, 5, 6, 7, 8, 9, 10]
    assert frames_to_label(frames, labelled, 1)["frame"].to_list() == [0, *range(2, 11)]


@pytest.mark.parametrize(
    ("labels", "every", "share", "below", "expected"),
    [
        (["ball", "player"], 1, 0.5, 0.1, [20, 22, 24, 26, 28]),
        (["ball", "player"], 1, 1.0, 0.1, list(range(20, 30))),
        (["ball", "player"], 2, 0.5, 0.1, [20, 25]),  # half as many are asked about
        (["ball", "player"], 1, 0.5, 0.05, [20, 21, 22, 23, 24]),
        (["ball", "player"], 1, 0.5, None, []),
        (["ball", "player"], 1, 0.0, 0.1, []),
        (["ball"], 1, 0.5, 0.1, []),  # the ball filter said it all
        (["player"], 1, 0.5, 0.1, []),  # and what it says is nothing about players
    ],
)
def test_backgrounds_are_asked_about_as_far_as_rounds_can_use_them(labels, every, share, below, expected):
    frames = pl.DataFrame(
        {
            "video": "one",
            "frame": range(40),
            "verdict": ["usable"] * 12 + ["blur"] * 8 + ["without_ball"] * 20,
            "split": ["train"] * 11 + ["val"] + ["train"] * 18 + ["val"] * 10,
            "ball_probability": [None] * 20 + [0.01] * 5 + [0.07] * 5 + [0.01] * 10,
        }
    )
    found = backgrounds_to_label(frames, labels, every, share=share, below=below)
    assert found["frame"].to_list() == expected
    labelled = pl.DataFrame({"video": "one", "frame": [1]})
    asked = frames_to_label(frames, labelled, every, found)["frame"].to_list()
    assert asked == sorted({*frames_to_label(frames, labelled, every)["frame"], *expected})
