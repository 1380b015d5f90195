"""``courtside collect``: images by search term, a folder for each class."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from courtside.apps import asking
from courtside.config import NAME
from courtside.errors import UserError
from courtside.progress import Progress

if TYPE_CHECKING:
    from courtside.collecting.collect import Tally
    from courtside.collecting.protocol import Source

    Topics = argparse._SubParsersAction[argparse.ArgumentParser]

SOURCES = ("duckduckgo", "folder", "list")
RANGES = {
    "count": (1, 1_000_000),
    "minimum_side": (1, 100_000),
    "maximum_megapixels": (0.001, 1000),
    "maximum_megabytes": (0.001, 10_000),
    "near_bits": (-1, 256),
    "parallel": (1, 16),
    **asking.RANGES,
}


def add_command(topics: Topics) -> None:
    """Add ``collect`` with its options to the topics of the command line."""
    command = topics.add_parser(
        "collect",
        help="collect images by search term",
        description="Collect images, a folder for each class: FOLDER/NAME/0123456789abcdef.jpg. FOLDER/manifest.jsonl "
        "says of each address what became of it; a second call goes on where the first one stopped. Mind whose the "
        "images are.",
    )
    command.add_argument("--source", choices=SOURCES, default="duckduckgo", help="(default: %(default)s)")
    command.add_argument(
        "--class",
        dest="classes",
        action="append",
        required=True,
        metavar="NAME=TERM",
        help="a class and what to ask the source for: a search term; a folder of images; or a text file with one "
        "address a line. May be repeated, for one class too",
    )
    command.add_argument(
        "--output", type=Path, default=Path("data/images"), metavar="FOLDER", help="(default: %(default)s)"
    )
    command.add_argument("--count", type=int, default=100, help="images of each class (default: %(default)s)")
    command.add_argument(
        "--minimum-side", type=int, default=128, metavar="PIXELS", help="width and height (default: %(default)s)"
    )
    command.add_argument(
        "--maximum-megapixels", type=float, default=50.0, metavar="N", help="of an image (default: %(default)s)"
    )
    command.add_argument(
        "--maximum-megabytes", type=float, default=20.0, metavar="N", help="of a file (default: %(default)s)"
    )
    command.add_argument(
        "--near-bits",
        type=int,
        default=16,
        metavar="BITS",
        help="images are the same where their difference hashes differ in at most so many of 256 bits; -1: only where "
        "all bytes are equal (default: %(default)s)",
    )
    command.add_argument("--license", help="any, Public, Share, ShareCommercially, Modify or ModifyCommercially")
    command.add_argument("--parallel", type=int, default=4, help="hosts asked at once, 1–16 (default: %(default)s)")
    asking.add_patience(command, things="image", pause="requests to a host", delay_s=1.0)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Do what the command line in ``options`` asks for.

    Raises:
        UserError: on a mistake in the options, a package that is missing, or when nothing came.
    """
    from courtside.collecting.collect import ImageLimits, collect, known_pictures
    from courtside.collecting.manifest import Manifest
    from courtside.collecting.summary import failure_lines

    asking.check_ranges(options, RANGES)
    classes = parse_classes(options.classes)
    limits = ImageLimits(
        count=options.count,
        minimum_side=options.minimum_side,
        maximum_pixels=round(options.maximum_megapixels * 1e6),
        near_bits=None if options.near_bits < 0 else options.near_bits,
        parallel=options.parallel,
    )
    tallies: dict[str, Tally] = {}
    with closing(_source(options)) as source:
        for terms in classes.values():
            for term in terms:
                source.find(term)  # a wrong one is told of before anything is asked for
        with Manifest(options.output) as manifest:
            gallery = known_pictures(manifest, limits.near_bits)
            for label, terms in classes.items():
                with Progress(f"collect {label}", total=options.count, unit="images") as progress:
                    tallies[label] = collect(label, terms, source, manifest, gallery, limits, progress.update)
            listed = manifest.path
    failures = [failure for tally in tallies.values() for failure in tally.failures]
    for line in failure_lines(failures, listed):
        print(line, file=sys.stderr)
    for label, tally in tallies.items():
        print(
            f"{label}: {tally.before + tally.kept} images, {tally.kept} of them new; "
            f"{tally.duplicates} duplicates, {tally.rejected} unfit, {len(tally.failures)} failed"
        )
    if not any(tally.before + tally.kept for tally in tallies.values()):
        raise UserError(f"no image came from {options.source}; see the reasons in {listed}, or ask for other terms")
    print(f"{sum(tally.kept for tally in tallies.values())} new images in {options.output}, listed in {listed}")


def parse_classes(given: list[str]) -> dict[str, list[str]]:
    """Return the terms of each class from ``NAME=TERM`` texts, both in the order given.

    Raises:
        UserError: when a text has no ``=``, a name is none that a label may have, or a term is empty.
    """
    classes: dict[str, list[str]] = {}
    for text in given:
        name, _, term = (part.strip() for part in text.partition("="))
        if not NAME.fullmatch(name) or not term:
            raise UserError(
                f"--class {text!r} is not NAME=TERM; the name is of lower-case letters, digits and underscores"
            )
        classes.setdefault(name, []).append(term)
    return classes


def _source(options: argparse.Namespace) -> Source:
    from courtside.collecting.addresses import AddressList
    from courtside.collecting.download import Downloader
    from courtside.collecting.folder import Folder
    from courtside.collecting.search import LICENSES, DuckDuckGo, duckduckgo

    maximum_bytes = round(options.maximum_megabytes * 1e6)
    if options.license is not None and (options.source != "duckduckgo" or options.license not in LICENSES):
        raise UserError(f"--license is for --source duckduckgo, and one of {', '.join(LICENSES)}")
    if options.source == "folder":
        return Folder(maximum_bytes=maximum_bytes)
    search = None
    if options.source == "duckduckgo":
        search = duckduckgo(license_image=options.license, timeout_s=max(1, round(options.timeout)))
    turns = asking.turns(options)
    downloader = Downloader(turns, maximum_bytes=maximum_bytes, timeout_s=options.timeout)
    return AddressList(downloader) if search is None else DuckDuckGo(search, downloader, turns)
