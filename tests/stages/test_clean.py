"""Verdicts and the table of clips."""

import polars as pl
import pytest

from courtside import frames, layout
from courtside.files import read_json
from miniature import run

pytestmark = pytest.mark.pipeline


def test_the_table_counts_the_verdicts(pipeline):
    table = frames.read(pipeline / layout.clean("harbor"))
    summary = read_json(pipeline / layout.report("clean", "harbor.json"))
    assert summary["video"] == "harbor"
    for verdict in frames.VERDICTS:
        assert summary["total"][verdict] == table.filter(pl.col("verdict") == verdict).height
    assert summary["total"]["total"] == table.height == sum(clip["total"] for clip in summary["clips"])


def test_the_drawn_defects_are_found(pipeline):
    defects = pl.read_csv(pipeline / layout.sample_script("harbor")).with_columns(pl.col("frame").cast(pl.Int32))
    table = frames.read(pipeline / layout.clean("harbor")).join(defects, on="frame")
    sound = table.filter(pl.col("defect") == "none")
    blurred = table.filter(pl.col("defect") == "blur")
    assert (sound["verdict"] != "blur").mean() > 0.95
    assert (blurred["verdict"] == "blur").mean() > 0.95


def test_a_sweep_changes_nothing_dvc_tracks(pipeline):
    # Without -cn params a sweep composes from conf/, where the miniature is an experiment of its own.
    command = ["python", "-m", "courtside.stages.clean", "experiment=mini", "-m", "clean.blur_below=1,100000"]
    run(pipeline, *command)
    results = sorted((pipeline / "multirun" / "clean").glob("*/*/reports/clean/harbor.json"))
    assert [read_json(path)["total"]["blur"] for path in results] == [0, 150]
    assert "Data and pipelines are up to date" in run(pipeline, "dvc", "status").stdout
