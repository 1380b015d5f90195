"""Options that commands which ask servers share, and the check of options that are numbers."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from courtside.errors import UserError

if TYPE_CHECKING:
    from courtside.collecting.patience import Turns

RANGES: Mapping[str, tuple[float, float]] = {"delay": (0, 3600), "attempts": (1, 20), "timeout": (0.1, 3600)}
"""Of the options that :func:`add_patience` adds, for :func:`check_ranges`."""


def add_patience(command: argparse.ArgumentParser, *, things: str, pause: str, delay_s: float) -> None:
    """Add how long to wait between requests and for an answer, and how often to ask.

    Args:
        command: gets the options.
        things: what is asked for, in the singular.
        pause: between what the delay lies.
        delay_s: its default.
    """
    command.add_argument(
        "--delay", type=float, default=delay_s, metavar="SECONDS", help=f"between {pause} (default: %(default)s)"
    )
    command.add_argument("--attempts", type=int, default=4, help=f"for each {things} (default: %(default)s)")
    command.add_argument(
        "--timeout", type=float, default=20.0, metavar="SECONDS", help="for an answer (default: %(default)s)"
    )


def turns(options: argparse.Namespace) -> Turns:
    """Return the turns in which servers are asked, as the options of :func:`add_patience` say."""
    from courtside.collecting.patience import Patience, Turns

    return Turns(Patience(delay_s=options.delay, attempts=options.attempts))


def check_ranges(options: argparse.Namespace, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Check options that are numbers; one that is None was not given.

    Args:
        options: the command line.
        ranges: name of an option as an attribute, to the lowest and highest value it may have.

    Raises:
        UserError: when a value is outside of its range.
    """
    for name, (lowest, highest) in ranges.items():
        value = getattr(options, name)
        if value is not None and not lowest <= value <= highest:
            raise UserError(f"--{name.replace('_', '-')} {value} is outside {lowest}–{highest}")
