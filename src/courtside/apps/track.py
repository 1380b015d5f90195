"""``courtside track``: a video in, the same video with ball and players followed out, with no experiment around it."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.errors import UserError

if TYPE_CHECKING:
    from courtside.config import Config
    from courtside.video.reader import Frame

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_AHEAD_FRAMES = 4
_SOURCE = "input"


def add_command(commands: Commands) -> None:
    """Add ``track`` with its options."""
    command = commands.add_parser(
        "track",
        help="follow ball and players through a video",
        description="Find ball and players in any video with given weights, follow them, and write the video with "
        "boxes, identities and paths drawn in: H.264 as a browser plays it, 1280 × 720 pixels at 25 a second whatever "
        "comes in. Parameters of the tracker are those of params.yaml, where the current folder has one.",
    )
    command.add_argument("video", type=Path, metavar="VIDEO", help="a video file, or a folder of images")
    command.add_argument("output", type=Path, metavar="OUT.mp4", help="the video to write")
    command.add_argument("--weights", type=Path, required=True, metavar="FILE", help="of the detector")
    command.add_argument("--tracker", default="game", metavar="NAME", help="(default: %(default)s)")
    command.add_argument("--tracks", type=Path, metavar="FILE", help="also write the tracks as MOTChallenge text")
    command.add_argument(
        "--size", type=_size, default="1280x720", metavar="WxH", help="pixels, or `input` (default: %(default)s)"
    )
    command.add_argument(
        "--rate", type=_rate, default="25", metavar="N", help="pictures a second, or `input` (default: %(default)s)"
    )
    command.add_argument("--beside", action="store_true", help="show the input to the left of the output")
    command.add_argument(
        "--minimum-confidence",
        type=float,
        default=0.1,
        metavar="C",
        help="weaker boxes are not shown to the tracker, 0–1 (default: %(default)s)",
    )
    command.add_argument("--trail", type=int, default=25, metavar="N", help="frames of path (default: %(default)s)")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Do what the command line in ``options`` asks for."""
    from courtside.detectors.build import load_detector  # it needs PyTorch, which takes seconds to import
    from courtside.progress import Progress
    from courtside.trackers.registry import create
    from courtside.trackers.render import render_video
    from courtside.trackers.run import track_boxes
    from courtside.video.source import probe

    if options.output.suffix.lower() != ".mp4":
        raise UserError(f"{options.output}: only MP4 is written; end the name in .mp4")
    if options.output.resolve() == options.video.resolve():
        raise UserError(f"{options.output} is the video itself; give the output another name")
    info = probe(options.video)
    config = _own_config()
    own = config.trackers.get(options.tracker, {}) if config else {}
    tracker = create(options.tracker, {"frames_per_second": float(info.frames_per_second), **own})
    detector = load_detector(options.weights)
    seen = _Seen(info.frames)
    with Progress("detect", total=info.frames, unit="frames") as progress:
        boxes = seen.detect(detector, options.video, options.minimum_confidence, progress.update)
    frames, shots = seen.shots()
    features = _looks(options.video, boxes) if config and options.tracker in config.track.features else None
    tracks = track_boxes(boxes, frames, tracker, shots, features=features)
    with Progress("draw", total=info.frames, unit="frames") as progress:
        render_video(
            options.video,
            tracks,
            options.output,
            trail_length=options.trail,
            size=options.size,
            rate=options.rate,
            beside=options.beside,
            report=progress.update,
        )
    if options.tracks:
        _write_tracks(options.tracks, tracks, detector.labels)
    for line in seen.damage:
        print(line, file=sys.stderr)
    print(f"wrote {options.output}: {tracks['track'].n_unique()} tracks on {len(frames)} frames")


class _Seen:
    """What one pass over a video brings: the boxes, and where shots end."""

    def __init__(self, total: int) -> None:
        self.damage: list[str] = []
        self._total = total
        self._frames: list[int] = []
        self._signatures: list[Any] = []

    def detect(self, detector: Any, video: Path, minimum_confidence: float, report: Any) -> pl.DataFrame:
        """Return the boxes on all frames."""
        from courtside import boxes as boxes_table
        from courtside.detectors.detect import boxes_of
        from courtside.video.ahead import read_ahead
        from courtside.video.reader import read_frames

        stream = read_ahead(self._noted(read_frames(video, on_damage=self.damage.append)), _AHEAD_FRAMES)
        tables = [boxes_table.empty()]
        for found in detector.predict(stream, minimum_confidence):
            tables.append(boxes_of(found, _SOURCE, detector.labels, detector.architecture))
            report(found.frame + 1, self._total)
        return boxes_table.check(pl.concat(tables))

    def shots(self) -> tuple[list[int], list[int]]:
        """Return the frames that could be decoded and the shot of each."""
        from courtside.quality.shots import shot_numbers

        return self._frames, shot_numbers(np.stack(self._signatures)).tolist() if self._signatures else []

    def _noted(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        from courtside.quality.fingerprints import quarter, signature

        for frame in frames:
            luma = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
            self._frames.append(frame.index)
            self._signatures.append(signature(quarter(luma)))
            yield frame


def _own_config() -> Config | None:
    """Return what params.yaml of the current folder says, where there is one."""
    from courtside.apps.params import read_params

    path = Path("params.yaml")
    return read_params(path) if path.is_file() else None


def _looks(video: Path, boxes: pl.DataFrame) -> NDArray[np.float32]:
    """Return how the boxes look, for a tracker that wants to know: their colours, which need no weights."""
    from courtside.progress import Progress
    from courtside.trackers.appearance.features import HISTOGRAM, features_of

    with Progress("look", total=boxes["frame"].n_unique(), unit="frames") as progress:
        return features_of(HISTOGRAM, video, boxes, report=progress.update)


def _write_tracks(path: Path, tracks: pl.DataFrame, labels: tuple[str, ...]) -> None:
    from courtside.formats.mot import write_ground_truth

    write_ground_truth(path, tracks, {label: number for number, label in enumerate(labels, start=1)})


def _size(text: str) -> tuple[int, int] | None:
    if text == _SOURCE:
        return None
    found = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text)
    if found is None or any(int(part) < 16 for part in found.groups()):
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 1280x720, nor {_SOURCE!r}")
    return int(found[1]), int(found[2])


def _rate(text: str) -> Fraction | None:
    if text == _SOURCE:
        return None
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 1 <= rate <= 240:
        raise argparse.ArgumentTypeError(f"{text!r} is no rate from 1 to 240 such as 25 or 30000/1001, nor {_SOURCE!r}")
    return rate
