"""What choosing the images of a round is worth on the sample: rounds taught by chosen images, scored on hidden truth.

``python bench/dataset_choice.py --root FOLDER`` trains the second round of the experiment `sample` from the champion
of the first, once a way of choosing and seed, in a repository in which the pipeline ran up to the labels of the first.
What counts is the detector's score on the validation shots of the learning games, on every third sound frame of them,
be there a ball or not, against the truth that the sample wrote down and no stage reads; the test games take no part. A
training that is in ``bench/results/dataset_choice.json`` already is not run again, so the script may be stopped at
any time; ``--workers`` of them run side by side. The table goes into docs/sample_run.md. Backgrounds need the teacher's
boxes of players on them, so the pipeline has to run with ``dataset.sure_background_below: 0.1``.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import clean
import numpy as np
import polars as pl

from courtside import boxes, frames, layout
from courtside.apps.markdown import replace_section, table
from courtside.apps.params import read_params
from courtside.config import Config, DatasetSettings
from courtside.datasets.diversity import SECONDS_APART, choose_diverse, chooser
from courtside.datasets.select import Choose, select
from courtside.datasets.write import write_dataset
from courtside.detectors.detect import detect
from courtside.detectors.protocol import Detector
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.formats.labels import read_labels
from courtside.metrics.detection import evaluate_detections
from courtside.pseudolabels.audit import count, figures
from courtside.stages.train import fit_settings_of, initial_detector
from courtside.tables import read_table

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results/dataset_choice.json"
KEY = ["video", "frame"]
EVERY = 3


@dataclass(frozen=True)
class Way:
    """A way of choosing: the settings of `dataset`, or a choice that the product does not have."""

    choice: str = "diverse"
    hard_weight: float = 0.0
    sure_background_below: float | None = None
    other: Callable[[int], Choose] | None = None
    soft: bool = False
    surest_share: float = 1.0


def first(seed: int) -> Choose:
    """The first frames."""
    return lambda candidates, number, taken: candidates.head(max(0, number))


def drawn(seed: int) -> Choose:
    """Any frames."""

    def choose(candidates: pl.DataFrame, number: int, taken: pl.DataFrame) -> pl.DataFrame:
        return candidates.sample(min(candidates.height, max(0, number)), seed=seed).sort(KEY)

    return choose


WAYS = {
    "even": Way("even"),
    "diverse": Way(),
    "even, surest half": Way("even", surest_share=0.5),
    "diverse, surest half": Way(surest_share=0.5),
    "diverse, hard_weight 2": Way(hard_weight=2.0),
    "diverse, backgrounds": Way(sure_background_below=0.1),
    "diverse, targets softened by scores": Way(soft=True),
    "drawn by lot": Way(other=drawn),
    "the first": Way(other=first),
}


class Sample:
    """What the pipeline left, and the truth."""

    def __init__(self, root: Path, round_name: str) -> None:
        self.root, self.round = root, round_name
        self.config: Config = read_params(root / "params.yaml")
        self.labelled = read_table(root / layout.LEARN_LABELLED)
        self.human = boxes.read(root / layout.LEARN_BOXES)
        teacher = self.config.rounds[round_name].teacher
        labels = boxes.read(root / layout.labels(teacher))
        self.teacher = labels.join(self.labelled, on=KEY, how="anti")
        self.found = boxes.read(root / layout.detections(teacher)).join(labels, on="source", how="semi")
        self.frames = frames.read(root / layout.CLASSIFIED_FRAMES)
        facts = read_json(root / layout.LEARN_VIDEOS)
        self.videos = {video: root / fact["path"] for video, fact in facts.items()}
        self.sizes = {video: (fact["width"], fact["height"]) for video, fact in facts.items()}
        truth = []
        for game in self.videos:
            path = root / f"data/sample/{game}/gt/gt.txt"
            if not path.is_file():
                raise UserError(f"{path} does not exist; this script is for the experiment `sample`")
            truth.append(read_labels(path, game, {1: "ball", 2: "player", 3: "referee"}, None, None, 0.0).boxes)
        self.truth = pl.concat(truth)
        sound = pl.col("verdict").is_in(["usable", "without_ball"]) & (pl.col("split") == "val")
        self.judged = self.frames.filter(sound).gather_every(EVERY)

    def chosen(self, way: Way, seed: int) -> pl.DataFrame:
        """Return the frames of the dataset."""
        settings: DatasetSettings = self.config.dataset
        expected = settings.expected_labels
        choose = way.other(seed) if way.other else None
        choose = choose or chooser(
            way.choice,
            self.frames,
            pl.concat([self.human, self.teacher]),
            self.found,
            self.sizes,
            expected or self.config.labels,
            hard_weight=way.hard_weight,
        )
        return select(
            self.frames,
            self.labelled,
            self.teacher,
            images=self.config.rounds[self.round].images,
            background_share=settings.background_share,
            expected_labels=expected,
            labels=self.config.labels,
            sure_background_below=way.sure_background_below,
            found=self.found,
            surest_share=way.surest_share,
            choose=choose,
        )

    def taught(self, chosen: pl.DataFrame, labels: Sequence[str]) -> float | int:
        """Return the F1 of labels on the frames that the teacher labelled."""
        rows = self.frames.join(chosen.filter(pl.col("source") == "teacher"), on=KEY, how="semi")
        return figures(count(self.teacher, self.truth, rows, labels, minimum_visibility=0.3))["f1"]

    def train(self, chosen: pl.DataFrame, seed: int, work: Path, soft: bool) -> dict[str, Any]:
        """Train a round and return its scores on the judged frames."""
        detector = self.taught_detector(chosen, seed, work, soft=soft)
        shutil.rmtree(work)
        return self.score(detector)

    def taught_detector(
        self, chosen: pl.DataFrame, seed: int, work: Path, *, soft: bool = False, tiles: tuple[int, int] | None = None
    ) -> Any:
        """Train a round on chosen images, and on their tiles where a size and overlap is given; return its detector."""
        config = replace(self.config, seed=seed)
        shutil.rmtree(work, ignore_errors=True)
        both = pl.concat([self.human, self.teacher]).join(chosen, on=KEY, how="semi")
        write_dataset(
            work / "dataset",
            chosen,
            both,
            self.videos,
            config.labels,
            jpeg_quality=config.dataset.jpeg_quality,
            report=lambda done, of: None,
            tiles=tiles,
        )
        detector: Any = initial_detector(config, self.round, self.root)
        with softened(both, config.labels) if soft else nullcontext():
            detector.fit(work / "dataset", fit_settings_of(config, self.round), work / "training", lambda epoch: None)
        detector.image_size = config.detector.inference_size or config.detector.image_size
        return detector

    def score(self, detector: Detector) -> dict[str, Any]:
        """Return a detector's scores on the judged frames."""
        found = detect(
            detector,
            self.judged,
            self.videos,
            minimum_confidence=self.config.evaluate.minimum_confidence,
            source=self.round,
            report=lambda done, of: None,
        )
        scores = evaluate_detections(self.truth, found, self.judged, self.config.labels, minimum_visibility=0.3)
        return scores.to_dict()


@contextmanager
def softened(labels: pl.DataFrame, names: Sequence[str]) -> Iterator[None]:
    """Make the loss want of each class no more than the mean score of the image's boxes of that class."""
    import torch

    from courtside.detectors import ultralytics_trainer

    wanted: dict[str, Any] = {}
    for (video, number), rows in labels.partition_by(KEY, as_dict=True).items():
        of_label = dict(rows.group_by("label").agg(pl.col("score").mean()).iter_rows())
        wanted[f"{video}_{number:06d}"] = torch.tensor([of_label.get(name, 1.0) for name in names])

    class Softened:
        def __init__(self, loss: Any) -> None:
            self.loss, self.assign = loss, loss.assigner
            self.wanted: Any = None
            loss.assigner = self.assigned

        def __getattr__(self, name: str) -> Any:
            return getattr(self.__dict__["loss"], name)

        def assigned(self, *arguments: Any, **options: Any) -> Any:
            kind, corners, scores, mask, index = self.assign(*arguments, **options)
            return kind, corners, scores * self.wanted.to(scores)[:, None, :], mask, index

        def __call__(self, predictions: Any, batch: Any) -> Any:
            sure = torch.ones(len(names))
            self.wanted = torch.stack([wanted.get(Path(path).stem, sure) for path in batch["im_file"]])
            return self.loss(predictions, batch)

    plain = ultralytics_trainer.score_in_full_precision

    def begin(engine: Any) -> None:
        engine.model.criterion = Softened(engine.model.init_criterion())
        plain(engine)

    with patch.object(ultralytics_trainer, "score_in_full_precision", begin):
        yield


def fingerprint(chosen: pl.DataFrame, labels: pl.DataFrame) -> str:
    """Return a hash of what a training is taught."""
    shown = labels.join(chosen, on=KEY, how="semi").select(*KEY, "label", *boxes.CORNERS, "score")
    digest = hashlib.sha256(chosen.select(*KEY, "source").write_csv().encode())
    digest.update(shown.sort(pl.all()).write_csv(float_precision=3).encode())
    return digest.hexdigest()[:12]


def speed() -> dict[str, float | int]:
    """Return how long choosing 10,000 of 100,000 frames takes: four games, shots of five seconds, a ball that moves."""
    rng, number, games = np.random.default_rng(0), 25_000, 4
    described = pl.concat(
        [
            pl.DataFrame(
                {
                    "video": [f"game_{game}"] * number,
                    "frame": np.arange(number, dtype=np.int32),
                    "shot": np.arange(number) // 125,
                    "time": np.arange(number) / 25 / SECONDS_APART,
                    "x": np.cumsum(rng.normal(0, 0.02, number)) % 2,
                    "y": np.cumsum(rng.normal(0, 0.02, number)) % 2,
                    "size": rng.normal(4, 0.2, number),
                    "others": rng.normal(1.6, 0.1, number),
                }
            )
            for game in range(games)
        ]
    )
    candidates = described.select(KEY)
    choose_diverse(candidates.head(20), 10, candidates.head(2), described=described)  # compiles
    begun = time.perf_counter()
    chosen = choose_diverse(candidates, 10_000, candidates.clear(), described=described)
    return {"candidates": candidates.height, "chosen": chosen.height, "seconds": round(time.perf_counter() - begun, 2)}


def main() -> None:
    """Train what is missing, print and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="a repository in which the pipeline ran")
    parser.add_argument("--round", default="yolo_n_220", help="(default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="(default: %(default)s)")
    parser.add_argument("--most", type=int, default=1000, help="trainings in this call (default: all that are missing)")
    parser.add_argument("--workers", type=int, default=1, help="trainings side by side (default: %(default)s)")
    options = parser.parse_args()
    try:
        sample = Sample(options.root, options.round)
        results = read_json(RESULTS) if RESULTS.is_file() else {"runs": []}
        wanted = [(name, seed) for seed in range(options.seeds) for name in WAYS]
        missing = [way for way in wanted if not is_known(sample, *way, results)]
        calls = [(options.root, options.round, *way) for way in missing[: options.most]]
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(options.workers, context, clean.take_share, (options.workers,)) as pool:
            for done in as_completed([pool.submit(train_one, *call) for call in calls]):
                keep(done.result(), results)
        if len(missing) <= options.most:
            results["speed"] = speed()
        publish(results, options, sample)
    except (UserError, FileNotFoundError) as error:
        sys.exit(f"error: {error}")


def mark_of(sample: Sample, chosen: pl.DataFrame) -> str:
    """Return the fingerprint of what a training on these frames is taught."""
    return fingerprint(chosen, pl.concat([sample.human, sample.teacher]))


def is_known(sample: Sample, name: str, seed: int, results: dict[str, Any]) -> bool:
    """Return whether the figures of this training are there, taught as it would be now."""
    known = [run for run in results["runs"] if (run["way"], run["seed"]) == (name, seed)]
    return bool(known) and known[0]["taught_with"] == mark_of(sample, sample.chosen(WAYS[name], seed))


def train_one(root: Path, round_name: str, name: str, seed: int) -> dict[str, Any]:
    """Train one way with one seed; return its figures."""
    sample, way = Sample(root, round_name), WAYS[name]
    chosen = sample.chosen(way, seed)
    begun = time.perf_counter()
    scores = sample.train(chosen, seed, root / f".courtside/dataset_choice/{name}_{seed}", way.soft)
    taught = chosen.filter(pl.col("source") == "teacher")
    return {
        "way": name,
        "seed": seed,
        "taught_with": mark_of(sample, chosen),
        "seconds": round(time.perf_counter() - begun),
        "taught": taught.height,
        "backgrounds": taught.join(sample.teacher.filter(pl.col("label") == "ball"), on=KEY, how="anti").height,
        "games": dict(sorted(taught["video"].value_counts().iter_rows())),
        "ball_labels_f1": round(sample.taught(chosen, ["ball"]), 4),
        "other_labels_f1": round(sample.taught(chosen, ["player", "referee"]), 4),
        "mAP50": round(scores["mAP50"], 4),
        "mAP50-95": round(scores["mAP50-95"], 4),
        "f1": round(scores["f1"], 4),
        "ball_AP50": round(scores["labels"]["ball"]["mAP50"], 4),
    }


def keep(run: dict[str, Any], results: dict[str, Any]) -> None:
    """Put the figures of a training in the place of older ones, and write all."""
    same, run = (run["way"], run["seed"]), {**run, **clean.origin(), "gpu": clean.card()}
    results["runs"] = [one for one in results["runs"] if (one["way"], one["seed"]) != same] + [run]
    results |= {**clean.origin(), "gpu": clean.card()}
    write_json(RESULTS, results)
    print(*same, run["mAP50"], run["mAP50-95"], run["ball_AP50"], f"{run['seconds']} s", flush=True)


def publish(results: dict[str, Any], options: argparse.Namespace, sample: Sample) -> None:
    """Write the results file and the table."""
    names = ("mAP50", "mAP50-95", "ball_AP50")
    rows, spreads = [], []
    for way, settings in WAYS.items():
        own = [run for run in results["runs"] if run["way"] == way]
        if not own:
            continue
        cells = []
        for name in names:
            values = [run[name] for run in own]
            cells.append(f"{statistics.mean(values):.3f} ({min(values):.3f}–{max(values):.3f})")
        if len(own) > 1:
            spreads.append((statistics.variance([run["mAP50"] for run in own]), len(own) - 1))
        chosen = sample.chosen(settings, 0)
        right = [float(sample.taught(chosen, labels)) for labels in (["ball"], ["player", "referee"])]
        rows.append([way, len(own), own[0]["backgrounds"], *right, *cells])
    head = ["chosen", "trainings", "backgrounds", "labels of the ball, F1", "of others, F1", *names]
    text = table(head, rows)
    if spreads:
        noise = float(np.sqrt(np.average([one for one, _ in spreads], weights=[freedom for _, freedom in spreads])))
        most = max(len([run for run in results["runs"] if run["way"] == way]) for way in WAYS)
        least = 2 * noise * float(np.sqrt(2 / most))
        results["noise"] = {"standard_deviation": round(noise, 4), "least_difference": round(least, 4)}
        text += (
            f"\n\nMeans of trainings with other seeds (least–most), round `{options.round}`. The mAP50 of one way "
            f"scatters by {noise:.3f} (standard deviation) from seed to seed, so means of {most} that differ by less "
            f"than {least:.3f} (two standard errors) tell nothing. {results['date']}, commit {results['commit']}, "
            f"{results['gpu'] or results['machine']}."
        )
    if "speed" in results:
        measured = results["speed"]
        text += f" Choosing {measured['chosen']:,} of {measured['candidates']:,} frames takes {measured['seconds']} s."
    write_json(RESULTS, results)
    replace_section(ROOT / "docs/sample_run.md", "dataset_choice", text)
    print(text)


if __name__ == "__main__":
    main()
