"""On real clips the verdicts are those of the published method, which reads a JPEG of every frame."""

import importlib.util

import cv2
import numpy as np
import polars as pl
import pytest
from skimage.metrics import structural_similarity

from courtside.quality.measures import measure_video
from courtside.quality.verdicts import decide
from imports import ROOT

FRAMES = 60
AGREEMENT = 0.995
# How far our measure of a frame may lie from that of its JPEG, and so how near a threshold two verdicts may differ:
# the JPEG adds and loses detail, and it holds FFmpeg's conversion to BGR, which rounds down.
MARGINS = {"blur": 0.08, "brightness": 2.0, "variance": 0.03, "ssim": 0.01}


@pytest.fixture(scope="module")
def bench():
    """The benchmark's own form of the published method, so that there is one."""
    specification = importlib.util.spec_from_file_location("bench_clean", ROOT / "bench" / "clean.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=["outdoor_shot_540p.mp4", "outdoor_practice_656x712.mp4"])
def clip(request, real_videos, bench, tmp_path_factory):
    """Our measures of the first frames of a clip, and JPEGs of them."""
    path = next(path for path in real_videos if path.name == request.param)
    table = measure_video(path).head(FRAMES)
    return table, bench.write_images(path, tmp_path_factory.mktemp("images"), FRAMES)


def test_verdicts_agree(clip, bench):
    # A frame's verdict depends on the frames before it alone, so cutting both short changes none.
    table, files = clip
    ours = decide(table)["verdict"].to_list()
    published = bench.judge_images(files)
    assert len(ours) == len(published) == FRAMES
    apart = [index for index in range(FRAMES) if ours[index] != published[index]]
    assert len(apart) <= (1 - AGREEMENT) * FRAMES or all(is_close_call(table, index) for index in apart), [
        (index, ours[index], published[index], table.row(index)) for index in apart
    ]


def is_close_call(table, index):
    """Whether a measure of the frame, or its similarity to one before it, lies within the margin of a threshold."""
    row = table.row(index, named=True)
    before = [table[f"ssim_{step}"][index - step] for step in (1, 2, 3) if index >= step]
    return (
        abs(row["blur"] / 150 - 1) < MARGINS["blur"]
        or min(abs(row["brightness"] - 20), abs(row["brightness"] - 230)) < MARGINS["brightness"]
        or abs(row["variance"] / 5 - 1) < MARGINS["variance"]
        or any(abs(similarity - 0.89) < MARGINS["ssim"] for similarity in before)
    )


def test_measures_agree_within_the_margins(clip):
    table, files = clip
    images = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in files]
    theirs = pl.DataFrame(
        {
            "blur": [cv2.Laplacian(image, cv2.CV_64F).var() for image in images],
            "brightness": [float(np.mean(image)) for image in images],
            "variance": [float(np.var(image)) for image in images],
        }
    )
    assert abs(table["blur"] / theirs["blur"] - 1).max() < MARGINS["blur"]
    assert abs(table["brightness"] - theirs["brightness"]).max() < MARGINS["brightness"]
    assert abs(table["variance"] / theirs["variance"] - 1).max() < MARGINS["variance"]
    for step in (1, 2, 3):
        for index in range(0, FRAMES - step, 7):
            similarity = structural_similarity(images[index], images[index + step])
            assert abs(table[f"ssim_{step}"][index] - similarity) < MARGINS["ssim"]
