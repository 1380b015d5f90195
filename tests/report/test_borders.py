"""The frames shown beside a threshold are those nearest to it, and no two of them neighbours."""

from dataclasses import replace

import cv2
import numpy as np
import polars as pl
import pytest

from courtside import frames, layout
from courtside.report.collect_borders import APART, collect_borders, nearest

FRAMES = 120


@pytest.fixture
def filmed(root):
    """The repository with the pictures of one of its videos; the other's are gone."""
    folder = root / "pictures"
    folder.mkdir()
    for number in range(FRAMES):
        cv2.imwrite(str(folder / f"{number:03}.png"), np.full((36, 64, 3), number, np.uint8))
    facts = root / layout.extract_facts("harbor")
    facts.parent.mkdir(parents=True)
    facts.write_text('{"path": "pictures"}', encoding="utf-8")
    table = frames.read(root / layout.clean("harbor")).with_columns(
        blur=pl.col("frame").cast(pl.Float64) + 100, brightness=pl.lit(90.0), ssim_1=pl.col("frame") / FRAMES
    )
    frames.write(root / layout.clean("harbor"), table)
    return root


def test_nearest_on_both_sides_and_apart():
    table = pl.DataFrame(
        {
            "video": ["a"] * 5 + ["b"] * 2,
            "frame": [0, 1, APART, 2 * APART, 3 * APART, 0, 1],
            "blur": [9.0, 9.5, 8.0, 11.0, None, 10.0, float("nan")],
        }
    )
    below, above = nearest(table, "blur", 10.0)
    assert below == [("a", 1, 9.5)]  # both others below lie within APART of it
    assert above == [("b", 0, 10.0), ("a", 2 * APART, 11.0)]


def test_a_threshold_has_its_frames_and_those_of_lost_videos_are_left_out(filmed, settings):
    borders = {border.key: border for border in collect_borders(filmed, settings)}
    assert set(borders) == set(settings.thresholds)
    blur = borders["blur_below"]
    assert blur.threshold == 150.0
    assert [picture.caption for picture in blur.removed] == ["harbor 49: 149", "harbor 24: 124"]
    assert [picture.caption for picture in blur.kept] == ["harbor 50: 150", "harbor 75: 175", "harbor 100: 200"]
    assert {(picture.width, picture.height) for picture in blur.kept} == {(64, 36)}  # never enlarged
    assert borders["dark_below"].removed == ()
    assert len(borders["dark_below"].kept) == 3


def test_of_similarity_both_frames_are_shown(filmed, settings):
    similar = {border.key: border for border in collect_borders(filmed, settings)}["duplicate_above"]
    first = similar.removed[0]
    assert first.caption == "harbor 107: 0.8917"
    assert first.width == 2 * similar.kept[0].height * 64 // 36


def test_without_any_video_there_is_nothing_to_show(root, settings):
    assert collect_borders(root, replace(settings, videos={"harbor": "learn"})) == ()
