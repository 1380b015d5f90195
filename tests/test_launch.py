"""A user's mistake ends in one line and status 1, before any work starts."""

import os
import shutil
import subprocess
import sys

import pytest

from imports import ROOT


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository")
    shutil.copytree(ROOT / "conf", folder / "conf")
    shutil.copy(ROOT / "params.yaml", folder)
    return folder


def call(repository, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=repository,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["clean", "clean.blur_below=sharp"], ["clean.blur_below", "sharp"]),
        (["clean", "clean.blur_belw=100"], ["clean.blur_belw"]),
        (["clean", "clean.dark_below=999"], ["clean.dark_below", "0–255"]),
        (["clean", "experiment=nowhere"], ["experiment/nowhere", "sample"]),
        (["clean", "-cd", ".", "-cn", "params", "video=nowhere"], ["nowhere", "harbor"]),
        (["clean", "-cd", ".", "-cn", "params", "video=harbor"], ["data/extract/harbor/frames.parquet", "dvc repro"]),
        (["clean", "-m", "clean.blur_below=100,150"], ["data/extract", "dvc repro"]),  # a sweep fails as well
        (["extract", "video=harbor"], ["data/sample/harbor/video.mp4"]),  # no video
        (["dataset", "round=yolo_x_1"], ["yolo_x_1", "yolo_n_110"]),
        (["dataset", "rounds.yolo_n_110.teacher=nobody"], ["nobody", "gold"]),
    ],
)
def test_one_line(repository, arguments, words):
    stage, *others = arguments
    done = call(repository, f"courtside.stages.{stage}", *others)
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert done.returncode == 1
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0]
    assert not (repository / "data").exists()


def test_outside_a_repository_it_says_so(tmp_path):
    done = call(tmp_path, "courtside.stages.clean")
    assert done.returncode == 1
    assert "no conf/ folder" in done.stderr
