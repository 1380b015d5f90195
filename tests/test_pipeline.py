"""DVC, for real: what runs again and what does not."""

import re
import shutil

import pytest
import yaml

from courtside import layout
from courtside.files import read_json
from miniature import run

pytestmark = pytest.mark.pipeline


def ran(log):
    return re.findall(r"Running stage '([^']+)'", log)


@pytest.fixture
def changed_params(pipeline):
    """The miniature's parameters, to change; they and the lock are put back afterwards."""
    kept = {name: (pipeline / name).read_text(encoding="utf-8") for name in ("params.yaml", "dvc.lock")}
    values = yaml.safe_load(kept["params.yaml"])
    yield values
    for name, text in kept.items():
        (pipeline / name).write_text(text, encoding="utf-8")
    run(pipeline, "dvc", "checkout", "--force", "--quiet", check=False)


def save(pipeline, values):
    (pipeline / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")


def test_every_stage_ran_and_said_how_far_it_was(pipeline):
    log = (pipeline / "repro.log").read_text(encoding="utf-8")
    stages = {name.split("@")[0] for name in ran(log)}
    assert stages == set(yaml.safe_load((pipeline / "dvc.yaml").read_text())["stages"])
    assert "extract harbor: 150/150 frames" in log
    assert re.search(r"train yolo_n_40, 1 of 1 epochs", log)


def test_a_second_repro_runs_nothing(pipeline):
    done = run(pipeline, "dvc", "repro")
    assert ran(done.stdout) == []
    assert "up to date" in done.stdout


def test_a_changed_threshold_runs_clean_and_what_follows(pipeline, changed_params):
    changed_params["clean"]["duplicate_above"] = 0.9999
    save(pipeline, changed_params)
    would = ran(run(pipeline, "dvc", "repro", "--dry").stdout)
    assert {"clean@harbor", "clean@forge", "clean@summit"} <= set(would)
    assert not {name.split("@")[0] for name in would} & {"sample", "extract", "annotate"}


def test_a_new_video_runs_its_own_stages(pipeline, changed_params):
    new = pipeline / "data" / "videos" / "new.mp4"
    new.parent.mkdir(exist_ok=True)
    shutil.copy(pipeline / "data/sample/summit/video.mp4", new)
    changed_params["videos"]["new"] = {"path": "data/videos/new.mp4", "role": "infer"}
    changed_params["tracked"]["videos"].append("new")
    save(pipeline, changed_params)
    done = ran(run(pipeline, "dvc", "repro").stdout)
    its_own = {"extract@new", "clean@new", "observe@new", "track@new-bytetrack", "single@new"}
    assert its_own | {"report"} <= set(done)
    # Reading the labels and dividing the frames are run to find that nothing changed, and there it stops.
    assert set(done) <= its_own | {"annotate", "split", "compare", "report"}
    assert "overall" not in read_json(pipeline / layout.report("track", "new/bytetrack.json"))


def test_a_round_without_a_teacher_is_refused_before_anything_runs(pipeline, changed_params):
    changed_params["rounds"]["yolo_n_40"]["teacher"] = "yolo_n_99"
    save(pipeline, changed_params)
    before = (pipeline / layout.weights("yolo_n_40")).read_bytes()
    done = run(pipeline, "dvc", "repro", check=False)
    assert done.returncode != 0
    assert "yolo_n_99" in done.stderr
    assert (pipeline / layout.weights("yolo_n_40")).read_bytes() == before
