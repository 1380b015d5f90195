"""``courtside split inflation`` trains once more on a random split, and the report takes its figures up."""

import shutil
import sys

import pytest

from courtside import layout
from courtside.files import read_json
from courtside.report.collect_frames import collect_split
from miniature import run

pytestmark = pytest.mark.pipeline
COMMAND = (sys.executable, "-m", "courtside.apps.cli", "split", "inflation")


def test_both_splits_are_scored_on_as_many_images(pipeline, tmp_path):
    for name in ("data/split", "data/dataset", "data/train", "data/weights", "reports/split"):
        shutil.copytree(pipeline / name, tmp_path / name)
    (tmp_path / "data" / "sample").symlink_to(pipeline / "data" / "sample")
    shutil.copy(pipeline / "params.yaml", tmp_path)
    done = run(tmp_path, *COMMAND)
    assert "split at random" in done.stdout
    result = read_json(tmp_path / layout.report("split", "inflation.json"))
    assert result["round"] == "yolo_n_20"
    assert result["shots"]["images"] == result["random"]["images"]
    assert 0 <= result["random"]["mAP50"] <= 1
    rows = collect_split(tmp_path).inflation
    assert [row.map50 for row in rows] == [result["shots"]["mAP50"], result["random"]["mAP50"]]
    # What was measured on another split is out of date.
    metrics = tmp_path / layout.report("split", "metrics.json")
    metrics.write_text(metrics.read_text().replace(result["split"], "0" * 64))
    assert collect_split(tmp_path).inflation == ()


def test_before_the_pipeline_has_run_it_says_so(pipeline, tmp_path):
    shutil.copy(pipeline / "params.yaml", tmp_path)
    done = run(tmp_path, *COMMAND, check=False)
    assert done.returncode == 1
    assert "dvc repro" in done.stderr
    assert "Traceback" not in done.stderr
