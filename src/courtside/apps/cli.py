"""The command ``courtside``: what a person asks for beside the pipeline.

``courtside frames export …``, or ``python -m courtside.apps.cli frames export …`` where it is not installed. Run it
from the root of the repository.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from courtside.apps import collect, export, fetch, labels, review, score, track
from courtside.errors import UserError


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each module of a command adds its own and sets ``run`` to its function."""
    top = argparse.ArgumentParser(prog="courtside", description="Commands beside the pipeline of `dvc repro`.")
    topics = top.add_subparsers(title="topics", metavar="TOPIC", required=True)
    frames = topics.add_parser("frames", help="the videos' frames and their verdicts")
    export.add_command(frames.add_subparsers(title="commands", metavar="COMMAND", required=True))
    split = topics.add_parser("split", help="how frames are divided for learning and testing")
    command = split.add_subparsers(title="commands", metavar="COMMAND", required=True).add_parser(
        "inflation",
        help="measure what a split by single frames would have claimed",
        description="Train the first round's detector once more on a random split of the frames labelled by hand, and "
        "write its score beside the one on whole shots to reports/split/inflation.json. Run `dvc repro` first, and "
        "again afterwards: the report then shows both.",
    )
    command.set_defaults(run=_inflation)
    classify = topics.add_parser("classify", help="classifiers of frames")
    command = classify.add_subparsers(title="commands", metavar="COMMAND", required=True).add_parser(
        "by-source",
        help="measure how well the classifiers do on videos they have never seen",
        description="Train the classifiers that classify.classifiers names once for each group of videos, on the "
        "sorted frames of all the others, and write accuracy, precision and recall on that group, with intervals over "
        "shots, to reports/classify/by_source.json. Run `dvc repro` first, and again afterwards: the report then shows "
        "them. A call that was interrupted is gone on with by the next one.",
    )
    command.add_argument("--folds", type=int, metavar="N", help="groups of videos (default: every video is one)")
    command.set_defaults(run=_by_source)
    labels.add_commands(topics)
    collect.add_command(topics)
    fetch.add_command(topics)
    review.add_command(topics)
    track.add_command(topics)
    score.add_command(topics)
    return top


def _inflation(options: argparse.Namespace) -> None:
    from courtside.apps import inflation  # it needs PyTorch, which takes seconds to import

    inflation.run(options)


def _by_source(options: argparse.Namespace) -> None:
    from courtside.apps import by_source  # it needs PyTorch, which takes seconds to import

    by_source.run(options)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that ``arguments`` (by default those of the program) name."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except UserError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("courtside: interrupted; nothing is left half done")


if __name__ == "__main__":
    main()
