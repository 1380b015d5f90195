"""A repository whose stages seem to have run: small, but with every file and key the page reads."""

import json
import shutil

import cv2
import numpy as np
import polars as pl
import pytest

from courtside import frames
from courtside.datasets.label_shares import SHARES, describe, distributions
from courtside.report.settings import PageSettings, PlannedRound
from courtside.video.writer import VideoWriter

ROUNDS = ("yolo_n_100", "yolo_n_200", "yolo_n_400")
LABELS = ("ball", "player", "referee")
THRESHOLDS = {
    "blur_below": 150.0,
    "dark_below": 20.0,
    "bright_above": 230.0,
    "empty_below": 5.0,
    "duplicate_above": 0.89,
}


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def clip(number, usable, blur, duplicate, without_ball=0, dark=0):
    total = usable + blur + duplicate + without_ball + dark
    return {
        "clip": number,
        "total": total,
        "usable": usable,
        "blur": blur,
        "dark": dark,
        "bright": 0,
        "empty": 0,
        "duplicate": duplicate,
        "without_ball": without_ball,
    }


def summary(video, *clips):
    return {
        "video": video,
        "clips": list(clips),
        "total": {k: sum(c[k] for c in clips) for k in clips[0] if k != "clip"},
    }


def curves(level):
    points = np.linspace(0, 1, 101)
    precision = np.clip(1 - (points / level) ** 8 * 0.3, 0, 1) * (points <= level)
    rise, fall = np.clip(points / 0.25, 0, 1), np.clip((1 - points) / 0.3, 0, 1)
    return {
        "recall": points.tolist(),
        "precision": precision.tolist(),
        "confidence": points.tolist(),
        "f1": (level * rise**0.4 * fall**0.6).tolist(),
        "precision_at_confidence": (1 - (1 - level) * (1 - points)).tolist(),
        "recall_at_confidence": (level * fall**0.5).tolist(),
    }


def write_dataset(reports, name, images):
    random = np.random.default_rng(images)
    rows = [
        ("train", f"image{number % images}", label, *random.normal([0.5, 0.55, size, 1.8 * size], size / 3).clip(0, 1))
        for label, size, number_of_boxes in (
            ("ball", 0.02, images),
            ("player", 0.05, 9 * images),
            ("referee", 0.05, 50),
        )
        for number in range(number_of_boxes)
    ]
    shares = pl.DataFrame(rows, schema=SHARES, orient="row")
    listed = pl.DataFrame(
        {"split": ["train"] * images + ["val"] * 35, "source": ["human"] * 85 + ["teacher"] * (images - 50)}
    )
    write(reports / f"dataset/{name}/metrics.json", describe(shares, listed, LABELS))
    write(reports / f"dataset/{name}/labels.json", distributions(shares, LABELS))


def write_rounds(reports):
    for number, name in enumerate(ROUNDS):
        level = 0.72 + 0.1 * number
        scores = {
            label: {
                "AP50": level + shift,
                "AP50-95": 0.6 * (level + shift),
                "precision": min(0.99, level + shift + 0.03),
                "recall": level + shift - 0.05,
                "f1": level + shift - 0.01,
            }
            for label, shift in zip(LABELS, (-0.17, 0.05, 0.03), strict=True)
        }
        matrix = [[60 + number, 0, 0, 9], [0, 700, 12, 40], [0, 9, 150, 5], [31 - number, 60, 20, 0]]
        write(
            reports / f"evaluate/{name}/metrics.json",
            {
                "mAP50": level - 0.0301,
                "mAP50-95": 0.6 * level,
                "precision": level + 0.0123,
                "recall": level - 0.0456,
                "f1": level - 0.0078,
                "confidence": 0.314,
                "full_precision_confidence": None if number == 0 else 0.9 + number / 100,
                "confusion": {"tp": 910 + number, "fp": 75, "fn": 132},
                "images": 131,
                "mlflow_run_id": f"aaaa{number}",
                "labels": scores,
                "mAP50_interval": [level - 0.09, level + 0.01],
                "confusion_matrix": {
                    "labels": [*LABELS, "background"],
                    "raw": matrix,
                    "normalized": (np.array(matrix) / np.array(matrix).sum(axis=0)).tolist(),
                },
            },
        )
        write(
            reports / f"evaluate/{name}/curves.json",
            {"all": curves(level), **{label: curves(scores[label]["AP50"]) for label in LABELS}},
        )
        write(
            reports / f"evaluate/{name}/resamples.json",
            {"seed": 7, "groups": 9, "mAP50": [level - 0.05 + 0.001 * draw for draw in range(40)]},
        )
        write_dataset(reports, name, 85 + 100 * number)
        epochs = 8 - number
        write(
            reports / f"train/{name}/metrics.json",
            {
                "round": name,
                "detector": "yolov8n",
                "teacher": "gold" if not number else ROUNDS[number - 1],
                "images": {"train": 85 + 100 * number, "val": 35},
                "human_images": 120,
                "epochs": [
                    {
                        "epoch": epoch + 1,
                        "train_box_loss": 2 / (epoch + 1),
                        "train_class_loss": 1 / (epoch + 1),
                        "val_box_loss": 2.2 / (epoch + 1.2),
                        "val_class_loss": 1.2 / (epoch + 1),
                        "mAP50": level * (1 - 0.7 ** (epoch + 1)),
                        "mAP50-95": None if epoch == 0 else 0.6 * level * (1 - 0.7 ** (epoch + 1)),
                    }
                    for epoch in range(epochs)
                ],
                "mlflow_run_id": f"bbbb{number}",
            },
        )
        write(
            reports / f"label/{name}/metrics.json",
            {
                "before": {"precision": 0.8, "recall": 0.6, "f1": 0.686, "mean_iou": 0.71, "boxes": 5120},
                "after": {
                    "precision": 0.9,
                    "recall": 0.65,
                    "f1": 0.755 - 0.1 * number,
                    "mean_iou": None,
                    "boxes": 4987,
                },
                "steps": [
                    {"name": "confidence", "removed": 812, "added": 0, "moved": 0},
                    {"name": "gaps", "removed": 0, "added": 311, "moved": 4},
                ],
                "frames": {"labelled": 1203, "audited": 35},
                "accepted": number == 0,
            },
        )


def write_tracks(reports):
    values = {
        "MOTA": 0.8123,
        "IDF1": 0.7345,
        "HOTA": 0.6567,
        "precision": 0.95,
        "recall": 0.87,
        "false_positives": 181,
        "false_negatives": 502,
        "switches": 17,
        "fragmentations": 29,
        "mostly_tracked": 9,
        "partially_tracked": 3,
        "mostly_lost": 1,
        "MOTP": 0.8,
    }
    for tracker in ("bytetrack", "sort"):
        parts = {"overall": values, **dict.fromkeys(LABELS, values)}
        parts["ball"] = {**values, "MOTA": -0.114, "IDF1": None}
        write(reports / f"track/summit/{tracker}.json", {**parts, "fps": 23.4, "mlflow_run_id": f"cccc_{tracker}"})
    write(reports / "track/tidal/bytetrack.json", {"fps": 21.0, "mlflow_run_id": "cccc_tidal"})
    with VideoWriter(reports / "track/summit/bytetrack.mp4", 160, 90, 25) as writer:
        for number in range(20):
            image = np.full((90, 160, 3), 60, np.uint8)
            cv2.circle(image, (10 + 7 * number, 45), 6, (0, 140, 255), -1)
            writer.write(image)


def write_compared(reports):
    def entry(hota, idf1, switches, fps):
        scores = {"HOTA": hota, "MOTA": 0.7, "IDF1": idf1, "AssA": 0.6, "switches": switches, "predicted_boxes": 50}
        ball = {"within": [{"unit": "diameters", "radius": 1.0, "F1": idf1 / 2}], "longest_gap_frames": switches}
        under = {"condition": "fast_motion", "boxes": 31, "recall": hota / 2, "switches": 2}
        under |= {"switches_per_thousand": 64.5, "first_loss": {"tidal": 8}}
        return {
            "scores": {"overall": scores, "ball": {**scores, "HOTA": None}},
            "ball": ball,
            "conditions": [{**under, "condition": "all"}, under],
            "fps": fps,
        }

    steps = [
        {"overlap_weight": weight, "scores": {"overall": {"HOTA": 0.5 + weight / 10, "IDF1": 0.6, "MOTA": None}}}
        for weight in (0.0, 0.5, 1.0)
    ]
    trackers = {
        "sort": {"features": None, "detections": entry(0.51, 0.61, 40, 900.4), "truth": entry(0.8, 0.81, 9, 800)},
        "deepsort": {
            "features": "histogram",
            "detections": entry(0.62, 0.72, 12, 300),
            "truth": entry(0.9, 0.91, 3, 200),
        },
    }
    found = {
        "videos": ["summit", "tidal"],
        "trackers": trackers,
        "behind_the_best": {"overall": {"sort": [-0.1512, 0.004]}},
        "overlap_weights": {"deepsort": steps},
        "convention": {"CLEAR": "as py-motmetrics"},
        "mlflow_run_id": "eeee",
    }
    write(reports / "compare/metrics.json", found)
    losses = [
        {"file": f"{name}.jpg", "condition": name, "video": "tidal", "frame": 8, "label": "ball", "track": 1}
        for name in ("fast_motion", "small")
    ]
    write(reports / "compare/first_losses/losses.json", {"tracker": "deepsort", "losses": losses})
    cv2.imwrite(str(reports / "compare/first_losses/fast_motion.jpg"), np.full((32, 48, 3), 90, np.uint8))


def write_single(reports):
    row = {"auc": 0.321, "precision_20px": 0.456, "failed": 40, "failed_said": 12, "fps": 28.4}
    found = {
        "objects": [{"label": "ball", "track": 1, "first_frame": 3, "frames": 90}],
        "trackers": {"csrt": {"alone": {**row, "failed_said": 0}, "checked": {**row, "auc": 0.5}}},
    }
    write(reports / "single/summit/metrics.json", found)
    write(reports / "single/tidal/metrics.json", {"objects": [], "trackers": {}})
    folder = reports / "single/summit/plots"
    folder.mkdir()
    cv2.imwrite(str(folder / "success.png"), np.full((90, 160, 3), 200, np.uint8))


def write_examples(reports):
    folder = reports / f"evaluate/{ROUNDS[-1]}/examples"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "summit_000010.jpg"), np.full((720, 1280, 3), 90, np.uint8))
    entry = {"file": "summit_000010.jpg", "video": "summit", "frame": 10, "caption": "summit <frame> 10 & more"}
    (folder / "examples.json").write_text(json.dumps([entry]), encoding="utf-8")


def write_frames(root):
    random = np.random.default_rng(0)
    for name in ("harbor", "summit"):
        rows = 120
        table = pl.DataFrame(
            {
                "video": [name] * rows,
                "frame": pl.Series(range(rows), dtype=pl.Int32),
                "clip": pl.Series([0] * rows, dtype=pl.Int32),
                "time_s": [number / 25 for number in range(rows)],
                "shot": pl.Series([0] * rows, dtype=pl.Int32),
                "blur": random.lognormal(6, 1, rows),
                "brightness": random.normal(110, 25, rows).clip(0, 255),
                "variance": random.normal(2000, 300, rows),
                "ssim_1": [*random.uniform(0.3, 1, rows - 1), None],
                "hash": [bytes(32)] * rows,
                "verdict": ["usable"] * (rows - 7) + ["blur"] * 7,
            }
        )
        frames.write(root / f"data/clean/{name}.parquet", table)


@pytest.fixture
def root(finished, tmp_path):
    """A copy that the test may change."""
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    return tmp_path


def classifier(name, loss, run_id):
    return {
        "name": name,
        "architecture": name,
        "parameters": 1_519_906,
        "epochs": 12,
        "train_loss": loss / 2,
        "val_loss": loss,
        "error_rate": 0.06,
        "accuracy": 0.94,
        "images_per_s": 81.3,
        "labels": {
            "no_ball": {"precision": 0.793, "recall": 0.719, "support": 32},
            "ball": {"precision": 0.96, "recall": 0.973, "support": 223},
        },
        "matrix": [[23, 6], [9, 217]],
        "normalized": [[0.719, 0.027], [0.281, 0.973]],
        "mlflow_run_id": run_id,
    }


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    reports = folder / "reports"
    write(reports / "clean/harbor.json", summary("harbor", clip(0, 900, 130, 260), clip(1, 411, 60, 129, dark=3)))
    write(reports / "clean/summit.json", summary("summit", clip(0, 300, 40, 60)))
    filtered = summary("harbor", clip(0, 781, 130, 260, without_ball=119), clip(1, 352, 60, 129, 59, dark=3))
    write(reports / "classify/clips.json", [filtered])
    write(
        reports / "split/metrics.json",
        {
            "frames": {"train": 987, "val": 324, "test": 300},
            "labelled": {"train": 85, "val": 35, "test": 131},
            "leaks": 0,
            "nearest": {"video": "summit", "frame": 12, "other_video": "harbor", "other_frame": 345, "distance": 61},
            "nearest_val_train": None,
        },
    )
    write(
        reports / "classify/metrics.json",
        {
            "top1": 0.9412,
            "precision": 0.9587,
            "recall": 0.9731,
            "confusion": {"tp": 217, "fp": 9, "fn": 6, "tn": 23},
            "images": {"train": 640, "val": 255},
            "labels": ["no_ball", "ball"],
            "classifier": "mobilenet",
            "filter": {"applied": True, "reason": "23 without and 6 with a ball, a gain", "taken_out": 171},
            "classifiers": [classifier("resnet", 0.4, "cccc"), classifier("mobilenet", 0.2, "dddd")],
            "mlflow_run_id": "dddd",
        },
    )
    write_rounds(reports)
    write_tracks(reports)
    write_compared(reports)
    write_single(reports)
    write_examples(reports)
    write_frames(folder)
    return folder


@pytest.fixture
def settings():
    return PageSettings(
        experiment="sample",
        videos={"harbor": "learn", "summit": "test"},
        rounds=tuple(
            PlannedRound(name, "yolov8n", images, teacher)
            for name, images, teacher in zip(ROUNDS, (120, 220, 320), ("gold", *ROUNDS), strict=False)
        ),
        tracked_videos=("summit", "tidal"),
        trackers=("bytetrack", "sort"),
        thresholds=THRESHOLDS,
        commit="0123456789abcdef0123456789abcdef01234567",
        date="2026-03-01",
        parameters={"seed": 7, "train": {"lr0": 0.001, "freeze": None}, "labels": list(LABELS)},
    )
