"""The pipeline in small: seconds of drawn video, one epoch, in a repository of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from courtside.apps.params import composed
from imports import ROOT

EXPERIMENT = """\
# @package _global_
experiment: mini
seed: 2
labels: [ball, player, referee]
input: data/sample
sample:
  label_every: 12
  sort_every: 2
  test_label_every: 10
  games:
    harbor: {look: harbor, seed: 1, seconds: 6}
    forge: {look: forge, seed: 2, seconds: 6}
    summit: {look: summit, seed: 3, seconds: 4}
videos:
  harbor: {path: data/sample/harbor/video.mp4, labels: data/sample/harbor/labels.xml,
           sorted: data/sample/harbor/sorted.csv}
  forge: {path: data/sample/forge/video.mp4, labels: data/sample/forge/labels.xml,
          sorted: data/sample/forge/sorted.csv}
  summit: {path: data/sample/summit/video.mp4, role: test, labels: data/sample/summit/labels.xml,
           tracks: data/sample/summit/gt/gt.txt, classes: {1: ball, 2: player, 3: referee}}
tracked: {videos: [summit], trackers: [bytetrack]}
observe: {minimum_confidence: 0.002}
compare: {trackers: [courtside, bytetrack, fairmot], weighed: [fairmot], overlap_weights: [0, 1]}
single: {trackers: [kcf], labels: [player]}
rounds:
  yolo_n_20: {teacher: gold, images: 20}
  yolo_n_40: {teacher: yolo_n_20, images: 40, weights: "data/champion/${.teacher}.pt", lr0: 0.0005,
              label_every: 4}
final_round: yolo_n_40
detector: {weights: data/weights/yolov8n_drawn.pt, image_size: 320, inference_size: 384}
classify: {keep_above: 0}
classifiers:
  yolov8n_cls: {weights: data/weights/yolov8n_drawn.pt, image_size: 128, head: {epochs: 0}, whole: {epochs: 1}}
train: {epochs: 1, batch: 8}
detect: {every: 2, minimum_confidence: 0.002}
label: {minimum_confidence: 0.003, candidate_confidence: 0.003, sure_boxes: 0}
evaluate: {bootstrap_resamples: 20, examples: 2}
"""


def make_repository(folder: Path) -> Path:
    """Return a repository with the project's pipeline, the miniature experiment and no data."""
    for name in ("conf", "src", ".dvc"):
        ignored = shutil.ignore_patterns("__pycache__", "tmp", "cache", "*.egg-info")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("dvc.yaml", ".gitignore", ".dvcignore"):
        shutil.copy(ROOT / name, folder)
    weights = folder / "data" / "weights"
    weights.mkdir(parents=True)
    for path in (ROOT / "data" / "weights").glob("yolov8n_drawn.pt"):
        shutil.copy(path, weights)
    (folder / "conf" / "experiment" / "mini.yaml").write_text(EXPERIMENT, encoding="utf-8")
    (folder / "params.yaml").write_text(composed(folder / "conf", ["experiment=mini"]), encoding="utf-8")
    run(folder, "git", "init", "--quiet")
    run(folder, "git", "add", ".")
    run(folder, "git", "-c", "user.name=test", "-c", "user.email=test@test", "commit", "--quiet", "-m", "start")
    return folder


def run(folder: Path, *command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a repository with this environment's programs first on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done
