"""Boxes that look like nothing the sure ones of their label look like go; all others stay."""

import numpy as np
import polars as pl
import pytest

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.pseudolabels.looks import METHODS, LookSettings, oddness, remove_odd
from courtside.pseudolabels.pipeline import refine
from courtside.pseudolabels.settings import RefinementSettings

SURE = 60
BALL = LookSettings(labels=("ball",), components=3, clusters=2)


def planted(method="mahalanobis", *, seed=0, sure=SURE):
    """Sure boxes in two clusters of looks, then two weak ones: one in a cluster, one far from both.

    Returns:
        boxes table, a box a frame, and (n, 6) embeddings.
    """
    random = np.random.default_rng(seed)
    centres = np.zeros((2, 6))
    centres[0, 0] = centres[1, 1] = 1
    looks = centres[np.arange(sure) % 2] + random.normal(0, 0.02, (sure, 6))
    ordinary, odd = centres[0] + 0.01, np.array([0, 0, 1, 0, 0, 0])
    looks = np.vstack([looks, ordinary, odd + (method == "isolation_forest") * 2])
    found = pl.DataFrame(
        {
            "video": "game",
            "frame": range(sure + 2),
            "x1": 0.0,
            "y1": 0.0,
            "x2": 10.0,
            "y2": 10.0,
            "label": "ball",
            "score": [0.9] * sure + [0.3, 0.3],
            "source": "round",
        },
        schema_overrides=boxes_table.SCHEMA,
    )
    # What is odd lies in a direction that the sure boxes hardly know: it has to be among their components.
    looks[:sure, 2] += np.where(np.arange(sure) % 3 == 0, 0.1, 0)
    return boxes_table.check(found), looks


def kept(found, looks, settings, **more):
    given = {"sure_confidence": 0.65, **more}
    return remove_odd(found, found, looks, settings, **given)["frame"].to_list()


@pytest.mark.parametrize("method", METHODS)
def test_a_planted_outlier_goes_and_nothing_else(method):
    found, looks = planted(method)
    settings = LookSettings(labels=("ball",), method=method, components=3, clusters=2)
    assert kept(found, looks, settings) == list(range(SURE + 1))


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_numbers(method):
    found, looks = planted()
    reference = found["score"].to_numpy() > 0.5
    settings = LookSettings(method=method, components=3)
    first, again = (oddness(looks, reference, settings, seed=4) for _ in range(2))
    assert first.shape == (SURE + 2,)
    assert np.array_equal(first, again)


def test_mahalanobis_measures_by_the_spread_of_the_sure_boxes():
    random = np.random.default_rng(0)
    looks = np.vstack([random.normal(0, [3, 1], (4000, 2)), [[6, 0], [0, 2], [0, 6]]])
    odd = oddness(looks, np.arange(len(looks)) < 4000, LookSettings(components=2))
    assert odd[-3] == pytest.approx(2, rel=0.05)
    assert odd[-2] == pytest.approx(2, rel=0.05)
    assert odd[-1] == pytest.approx(6, rel=0.05)


def test_few_sure_boxes_judge_nobody():
    found, looks = planted(sure=49)
    assert len(kept(found, looks, BALL)) == 51
    assert len(kept(found, looks, LookSettings(labels=("ball",), components=3, minimum_reference=49))) == 50
    assert len(kept(*planted(), BALL, sure_confidence=0.95)) == SURE + 2
    assert len(kept(*planted(), BALL, sure_confidences={"ball": 0.95})) == SURE + 2
    assert kept(boxes_table.empty(), np.zeros((0, 6)), BALL) == []


def test_a_label_that_is_not_named_stays():
    found, looks = planted()
    assert len(kept(found, looks, LookSettings(labels=("player",)))) == SURE + 2
    assert len(kept(found, looks, LookSettings())) == SURE + 2


def test_each_label_is_judged_by_itself():
    """A player who looks like balls is odd, though balls are not."""
    found, looks = planted()
    players = found.with_columns(label=pl.lit("player"), x1=pl.lit(50.0, pl.Float32), x2=pl.lit(60.0, pl.Float32))
    shifted = looks + np.array([0, 0, 0, 5, 5, 0])
    shifted[-2] = looks[0]
    both = LookSettings(labels=("ball", "player"), components=3)
    seen = pl.concat([found, players])
    left = remove_odd(seen, seen, np.vstack([looks, shifted]), both, sure_confidence=0.65)
    assert left.filter(label="ball")["frame"].to_list() == list(range(SURE + 1))
    assert left.filter(label="player")["frame"].to_list() == list(range(SURE))


def test_boxes_whose_look_nobody_knows_stay_and_order_does_not_matter():
    found, looks = planted()
    moved = found.with_columns(
        pl.when(pl.col("frame") == SURE + 1).then(1.0).otherwise("x1").cast(pl.Float32).alias("x1")
    )
    assert len(remove_odd(moved, found, looks, BALL, sure_confidence=0.65)) == SURE + 2
    order = np.random.default_rng(1).permutation(len(looks))
    shuffled = remove_odd(found, found[order], looks[order], BALL, sure_confidence=0.65)
    assert shuffled["frame"].to_list() == list(range(SURE + 1))
    with pytest.raises(ValueError, match="3 embeddings for 62 boxes"):
        remove_odd(found, found, looks[:3], BALL, sure_confidence=0.65)


def test_the_step_is_audited():
    found, looks = planted()
    frames = found.select("video", "frame", shot=pl.lit(0, pl.Int32))
    limits = {"minimum_confidence": 0.2, "minimum_track_length": 1, "sure_boxes": 0}
    refined = refine(found, frames, RefinementSettings(**limits, looks=BALL), embeddings=looks)
    (step,) = [step for step in refined.steps if step.name == "looks"]
    assert (step.removed, step.added, step.moved) == (1, 0, 0)
    assert refined.boxes["frame"].to_list() == list(range(SURE + 1))
    assert "looks" not in [step.name for step in refine(found, frames, RefinementSettings(**limits)).steps]
    with pytest.raises(ValueError, match="needs the embeddings"):
        refine(found, frames, RefinementSettings(**limits, looks=BALL))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"method": "forest"}, r"method: 'forest' is none of isolation_forest, clusters, mahalanobis"),
        ({"tolerance": -0.1}, r"tolerance must be at least 0, not -0\.1"),
        ({"components": 0}, r"components must be at least 1, not 0"),
        ({"clusters": 0}, r"clusters must be at least 1"),
        ({"minimum_reference": 1}, r"minimum_reference must be at least 2"),
    ],
)
def test_impossible_settings_are_one_line(values, words):
    with pytest.raises(UserError, match=rf"label\.looks\.{words}"):
        LookSettings(**values)
