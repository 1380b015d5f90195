import random

import polars as pl
import pytest

from courtside.quality.verdicts import decide


def table(rows, **more):
    """Frames from (blur, brightness, variance, ssim_1, ssim_2, ssim_3)."""
    names = ("blur", "brightness", "variance", "ssim_1", "ssim_2", "ssim_3")
    columns = {name: pl.Series([row[k] for row in rows], dtype=pl.Float64) for k, name in enumerate(names)}
    return pl.DataFrame({"frame": range(len(rows)), **columns}).with_columns(**more)


def verdicts(frames, **thresholds):
    return decide(frames, **thresholds)["verdict"].to_list()


GOOD = (500.0, 100.0, 900.0)


@pytest.mark.parametrize(
    ("measures", "verdict"),
    [
        (GOOD, "usable"),
        ((149.9, 100, 900), "blur"),
        ((150.0, 100, 900), "usable"),  # a threshold itself is still good
        ((500, 19.9, 900), "dark"),
        ((500, 20.0, 900), "usable"),
        ((500, 230.0, 900), "usable"),
        ((500, 230.1, 900), "bright"),
        ((500, 100, 4.9), "empty"),
        ((500, 100, 5.0), "usable"),
        ((0.0, 2.0, 1.0), "blur"),  # a black frame has no edges, and blur comes first
        ((500, 10, 1), "dark"),  # dark comes before empty
    ],
)
def test_single_filters(measures, verdict):
    assert verdicts(table([(*measures, None, None, None)])) == [verdict]


@pytest.mark.parametrize(
    ("similarities", "expected"),
    [
        # The second of a pair goes.
        ([(0.95, 0, 0), (0, 0, None)], "ud"),
        # Exactly the threshold is no duplicate.
        ([(0.89, 0, 0), (0, 0, None)], "uu"),
        # All alike: one in four stays, because a duplicate is no reference.
        ([(1, 1, 1)] * 9, "uddduDDDu".lower()),
        # Only the third next is alike.
        ([(0, 0, 0.9), (0, 0, 0), (0, 0, 0), (0, 0, 0)], "uuud"),
        # A chain: 1 goes for 0; 1 is no reference, so 2, like 1 but not like 0, stays.
        ([(0.9, 0, 0), (0.9, 0, 0), (0, 0, 0)], "udu"),
        # Unknown similarity removes nothing.
        ([(None, None, None)] * 3, "uuu"),
        # The table ends before the third next.
        ([(0, 0, 0), (1, 1, 1)], "uu"),
    ],
)
def test_duplicates(similarities, expected):
    letters = "".join(verdict[0] for verdict in verdicts(table([(*GOOD, *row) for row in similarities])))
    assert letters == expected


def test_removed_frames_are_no_reference():
    # Frame 0 is blurred; 1 is like 0 only, so it stays; 2 is like 1, so it goes.
    rows = [(10, 100, 900, 0.99, 0.5, 0), (*GOOD, 0.99, 0, 0), (*GOOD, 0, 0, 0)]
    assert verdicts(table(rows)) == ["blur", "usable", "duplicate"]


def test_a_removed_frame_keeps_its_first_verdict():
    # Frame 1 is blurred and like frame 0: blur was the earlier filter.
    assert verdicts(table([(*GOOD, 0.99, 0, 0), (10, 100, 900, 0, 0, 0)])) == ["usable", "blur"]


def test_thresholds_are_parameters():
    frames = table([(120, 240, 3, 0.8, 0, 0), (120, 240, 3, 0, 0, 0)])
    assert verdicts(frames) == ["blur", "blur"]
    assert verdicts(frames, blur_below=100) == ["bright", "bright"]
    assert verdicts(frames, blur_below=100, bright_above=250) == ["empty", "empty"]
    loose = {"blur_below": 100, "bright_above": 250, "empty_below": 1}
    assert verdicts(frames, **loose) == ["usable", "usable"]
    assert verdicts(frames, **loose, duplicate_above=0.7) == ["usable", "duplicate"]
    assert verdicts(frames, blur_below=100, bright_above=250, empty_below=1, dark_below=241) == ["dark", "dark"]


def plain_decide(rows):
    """The published rules word for word, one frame after the other."""
    result = []
    for blur, brightness, variance, *_ in rows:
        if blur < 150:
            result.append("blur")
        elif brightness < 20:
            result.append("dark")
        elif brightness > 230:
            result.append("bright")
        elif variance < 5:
            result.append("empty")
        else:
            result.append("usable")
    for index in range(len(rows)):
        if result[index] != "usable":
            continue
        for step in (1, 2, 3):
            similarity = rows[index][2 + step]
            later = index + step
            if later < len(rows) and result[later] == "usable" and similarity is not None and similarity > 0.89:
                result[later] = "duplicate"
    return result


def test_parity_with_the_rules_word_for_word():
    chance = random.Random(5)
    for _ in range(60):
        rows = [
            (
                chance.choice((10, 150, 400)),
                chance.choice((5, 20, 100, 100, 100, 240)),
                chance.choice((1, 5, 900, 900)),
                *(chance.choice((None, 0.5, 0.89, 0.95)) for _ in range(3)),
            )
            for _ in range(chance.randrange(0, 30))
        ]
        assert verdicts(table(rows)) == plain_decide(rows)


def test_videos_do_not_mix():
    # The last frames of a video have no next frame, whatever row follows.
    frames = table([(*GOOD, None, None, None), (*GOOD, 0.95, None, None), (*GOOD, None, None, None)])
    frames = frames.with_columns(video=pl.Series(["a", "b", "b"]), frame=pl.Series([0, 0, 1]))
    assert verdicts(frames) == ["usable", "usable", "duplicate"]


def test_an_earlier_verdict_is_replaced():
    assert verdicts(table([(*GOOD, None, None, None)], verdict=pl.lit("blur"))) == ["usable"]


def test_frames_out_of_order_are_refused():
    with pytest.raises(ValueError, match="ascending"):
        decide(table([(*GOOD, 0, 0, 0)] * 3).reverse())


def test_no_frames():
    assert verdicts(table([])) == []
