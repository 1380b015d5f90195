"""The command ``courtside``: what a person asks for beside the pipeline.

``courtside frames export …``, or ``python -m courtside.apps.cli frames export …`` where it is not installed. Run it
from the root of the repository.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from courtside.apps import export
from courtside.errors import UserError


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each module of a command adds its own and sets ``run`` to its function."""
    top = argparse.ArgumentParser(prog="courtside", description="Commands beside the pipeline of `dvc repro`.")
    topics = top.add_subparsers(title="topics", metavar="TOPIC", required=True)
    frames = topics.add_parser("frames", help="the videos' frames and their verdicts")
    export.add_command(frames.add_subparsers(title="commands", metavar="COMMAND", required=True))
    return top


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
