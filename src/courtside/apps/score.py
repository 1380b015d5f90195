"""``courtside score``: the scores of a tracker's output against truth, both MOTChallenge text."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Topics = argparse._SubParsersAction[argparse.ArgumentParser]


def add_command(topics: Topics) -> None:
    """Add ``score`` with its options to the topics of the command line."""
    command = topics.add_parser(
        "score",
        help="score a tracker's output",
        description="Score a tracker's output against truth, both MOTChallenge text: MOTA, IDF1, HOTA and what belongs "
        "to them, by sequence, by class and combined. Scores are fractions; combined ones are made of summed counts.",
    )
    command.add_argument(
        "truth", type=Path, metavar="TRUTH", help="a text file; or a folder of NAME/gt/gt.txt, or of NAME.txt"
    )
    command.add_argument(
        "predictions",
        type=Path,
        metavar="PREDICTIONS",
        help="a text file, or a folder of NAME.txt",
    )
    command.add_argument(
        "--classes",
        metavar="NAMES",
        help="names of the classes by number: ball,player from 1, or 1:ball,2:player; of lines without a class "
        "--classes=-1:player (default: gt/labels.txt, or the numbers)",
    )
    command.add_argument(
        "--offset",
        type=int,
        default=0,
        metavar="N",
        help="add N to the frame numbers of PREDICTIONS: 1 if they count from 0 and the truth from 1",
    )
    command.add_argument(
        "--minimum-visibility",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="true boxes of which less can be seen neither count as missed nor as found (default: %(default)s)",
    )
    command.add_argument(
        "--iou", type=float, default=0.5, metavar="SHARE", help="what overlap is a match (default: %(default)s)"
    )
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Print the scores as the command line says."""
    from courtside.apps import track_scores  # its libraries take seconds to import

    track_scores.run(options)
