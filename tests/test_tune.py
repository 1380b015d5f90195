"""Parameters of trackers are chosen on videos that nothing is tested on, in the ranges that stand beside them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import yaml
from hydra_plugins.hydra_optuna_sweeper._impl import create_params_from_overrides

from courtside import boxes, frames, layout
from courtside.apps.params import composed
from courtside.apps.tune import main, tune
from courtside.config import from_dictionary
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.trackers.observed_files import ObservedFiles
from courtside.workspace import Workspace
from imports import ROOT

CONF = ROOT / "conf"
OTHERS = ("canyon", "garden", "forge")
OWN = [*(f"~tune.videos.{name}" for name in OTHERS), "tune.videos.harbor.tracks=gt/gt.txt"]
RANGE = re.compile(r"^([a-z_]+): (\S+)\s+#.*; (-?[\d.]+)–(-?[\d.]+)$", re.MULTILINE)


def ranges_beside_defaults(tracker):
    """Return the ranges of the comments, as the sweeper writes them: for Optuna the end of a `range` belongs to it."""
    found = {}
    text = (CONF / "trackers" / f"{tracker}.yaml").read_text(encoding="utf-8").replace("−", "-")
    for name, default, low, high in RANGE.findall(text):
        whole = re.fullmatch(r"\d+", default)
        found[f"trackers.{tracker}.{name}"] = f"range({low}, {high})" if whole else f"interval({low}, {high})"
    return found


@pytest.mark.parametrize("path", sorted((CONF / "trackers").glob("*.yaml")), ids=lambda path: path.stem)
def test_what_is_swept_stands_beside_the_default(path):
    expected = ranges_beside_defaults(path.stem)
    sweep = CONF / "sweep" / path.name
    swept = yaml.safe_load(sweep.read_text(encoding="utf-8"))["hydra"]["sweeper"]["params"] if sweep.is_file() else {}
    assert swept == expected
    distributions, _ = create_params_from_overrides([f"{name}={values}" for name, values in swept.items()])
    for name, values in swept.items():
        ends = [float(end) for end in re.findall(r"[\d.]+", values)]
        assert [distributions[name].low, distributions[name].high] == ends, name


@pytest.fixture(scope="module")
def tracking_store(tmp_path_factory):
    """MLflow takes seconds to make a database; one does for all."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db"


def observed(root):
    return ObservedFiles(root / layout.observed("harbor")).boxes


@pytest.fixture
def repository(tmp_path, monkeypatch, tracking_store):
    """One player walks past, seen by the champion with a score of 0.6; the second half validates."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking_store)
    shutil.copytree(CONF, tmp_path / "conf")
    numbers = list(range(20))
    left = [10.0 + 3 * number for number in numbers]
    common = {"video": "harbor", "frame": numbers}
    seen = {**common, "x1": left, "y1": 50.0, "x2": [x + 30 for x in left], "y2": 130.0}
    seen |= {"label": "player", "score": 0.6, "source": "round"}
    boxes.write(make(observed(tmp_path)), pl.DataFrame(seen, schema_overrides=boxes.SCHEMA))
    measured = {**common, "clip": 0, "time_s": [number / 25 for number in numbers], "shot": 0, "hash": b""}
    measured |= dict.fromkeys(("blur", "brightness", "variance"), 0.0)
    table = pl.DataFrame(measured, schema_overrides=frames.SCHEMA)
    frames.write(make(tmp_path / layout.extract_frames("harbor")), table)
    sides = ["train" if number < 10 else "val" for number in numbers]
    frames.write(make(tmp_path / layout.LEARN_FRAMES), table.with_columns(pl.Series("split", sides)))
    write_json(tmp_path / layout.extract_facts("harbor"), {"frames": 20, "frames_per_second": 25.0})
    truth = make(tmp_path / "gt" / "gt.txt")
    truth.write_text("".join(f"{number + 1},1,{10 + 3 * number},50,30,80,1,2,1\n" for number in numbers))
    return tmp_path


def make(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def configured(*overrides):
    return from_dictionary(yaml.safe_load(composed(CONF, ["tracker=bytetrack", *OWN, *overrides])))


def test_a_trial_is_scored_against_the_truth(repository):
    workspace = Workspace(repository, repository)
    sure = tune(configured("tune.objective=player/MOTA", "tune.shots=all"), workspace)
    assert sure == pytest.approx(0.95, abs=0.051)  # a frame or two until a track is confirmed
    blind = tune(configured("tune.objective=player/MOTA", "track.minimum_confidence=0.7"), workspace)
    assert blind == 0


def test_only_the_shots_that_are_named_are_scored(repository):
    seen = observed(repository)
    boxes.write(seen, boxes.read(seen).filter(pl.col("frame") >= 10))  # nothing is seen in the first half
    workspace = Workspace(repository, repository)
    found = {
        shots: tune(configured("tune.objective=player/recall", f"tune.shots={shots}"), workspace)
        for shots in ("val", "train", "all")
    }
    assert found == {"val": pytest.approx(0.9), "train": 0, "all": pytest.approx(0.45)}


def test_a_video_that_no_round_learned_from_counts_whole(repository):
    workspace = Workspace(repository, repository)
    (repository / layout.LEARN_FRAMES).unlink()
    assert tune(configured("videos.harbor.role=infer"), workspace) > 0
    with pytest.raises(UserError, match=r"frames\.parquet"):
        tune(configured(), workspace)


def test_shots_that_are_not_there(repository):
    source = repository / layout.LEARN_FRAMES
    frames.write(source, frames.read(source).with_columns(split=pl.lit("train")))
    with pytest.raises(UserError, match=r"has no val frame of harbor; run `dvc repro split`, or set tune\.shots=all"):
        tune(configured(), Workspace(repository, repository))
    with pytest.raises(UserError, match=r"tune\.shots: 'some' is none of val, train, all"):
        configured("tune.shots=some")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["tune.objective=player/hota"], "tune.objective: 'player/hota' is no score of harbor"),
        (["tune.objective=crowd/HOTA"], "tune.objective: 'crowd/HOTA' is no score of harbor"),
    ],
)
def test_an_unknown_objective(repository, overrides, message):
    with pytest.raises(UserError, match=re.escape(message)):
        tune(configured(*overrides), Workspace(repository, repository))


def test_what_nobody_observed_is_said(repository):
    observed(repository).unlink()
    with pytest.raises(UserError, match=r"run `python -m courtside\.stages\.observe video=harbor` once"):
        tune(configured(), Workspace(repository, repository))


def test_nothing_is_tuned_on_a_test_video():
    with pytest.raises(UserError, match="summit has the role test"):
        configured("+tune.videos.summit={tracks: gt.txt}")


SEARCH = ["-m", "tracker=bytetrack", "+sweep=bytetrack", "hydra.sweeper.n_trials=4", *OWN]


def test_optuna_sweeps_and_says_what_was_best(repository):
    command = [sys.executable, "-m", "courtside.apps.tune", *SEARCH]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (results,) = repository.glob("multirun/tune/*/optimization_results.yaml")
    best = yaml.safe_load(results.read_text())
    swept = yaml.safe_load((CONF / "sweep/bytetrack.yaml").read_text())["hydra"]["sweeper"]["params"]
    assert set(best["best_params"]) == set(swept)
    assert 0 < best["best_value"] <= 1
    assert done.stdout.count("tune bytetrack: overall/HOTA") == 4
    trials = [read_json(path) for path in results.parent.glob("*/trial.json")]
    defaults = read_json(results.parent / "defaults.json")
    assert [trial["parameters"] for trial in trials].count(defaults) == 1
    assert "best of 4 trials on 1 shots: overall/HOTA" in done.stdout


def test_a_search_ends_at_the_first_trial_that_fails(repository, monkeypatch, capsys):
    observed(repository).unlink()
    monkeypatch.chdir(repository)
    monkeypatch.setattr(sys, "argv", ["tune", *SEARCH])
    with pytest.raises(SystemExit, match=r"run `python -m courtside\.stages\.observe video=harbor` once"):
        main()
    assert len(list(repository.glob("multirun/tune/*/*/"))) == 1
    assert capsys.readouterr().err == ""
