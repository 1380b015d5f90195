"""``courtside fetch``: videos at addresses, or those of Sports-1M that fit."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from courtside.apps import asking
from courtside.errors import UserError
from courtside.progress import Progress

if TYPE_CHECKING:
    from courtside.collecting.fetch import Wanted
    from courtside.collecting.sports1m import VideoLimits

    Topics = argparse._SubParsersAction[argparse.ArgumentParser]


RANGES = {
    "minimum_seconds": (0, 1_000_000),
    "maximum_seconds": (0, 1_000_000),
    "minimum_height": (1, 10_000),
    "maximum_height": (1, 10_000),
    "maximum_megabytes": (0.001, 1_000_000),
    "limit": (1, 10_000_000),
    **asking.RANGES,
}


def add_command(topics: Topics) -> None:
    """Add ``fetch`` with its options to the topics of the command line."""
    command = topics.add_parser(
        "fetch",
        help="fetch videos",
        description="Fetch videos: plain files, and pages of the sites that yt-dlp knows. FOLDER/manifest.jsonl says "
        "of each address what became of it; a second call goes on where the first one stopped. Mind whose the videos "
        "are.",
    )
    command.add_argument("addresses", nargs="*", metavar="ADDRESS", help="of a video")
    command.add_argument("--list", type=Path, metavar="FILE", help="a text file with one address a line")
    command.add_argument("--sports1m", type=Path, metavar="FILE", help="sports1m_train.json or another such file")
    command.add_argument("--labels", type=Path, metavar="FILE", help="labels.txt of Sports-1M")
    command.add_argument(
        "--label",
        action="append",
        default=[],
        metavar="NAME",
        help="of Sports-1M, by name (with --labels) or number; may be repeated (default: all)",
    )
    command.add_argument("--minimum-seconds", type=float, metavar="N", help="length of a video, at least")
    command.add_argument("--maximum-seconds", type=float, metavar="N", help="length of a video, at most")
    command.add_argument("--minimum-height", type=int, metavar="PIXELS", help="of a video")
    command.add_argument(
        "--maximum-height", type=int, default=1080, metavar="PIXELS", help="of several sizes (default: %(default)s)"
    )
    command.add_argument("--maximum-megabytes", type=float, metavar="N", help="of a video (default: any)")
    command.add_argument("--limit", type=int, metavar="N", help="how many videos shall be there (default: all)")
    command.add_argument(
        "--output", type=Path, default=Path("data/videos"), metavar="FOLDER", help="(default: %(default)s)"
    )
    asking.add_patience(command, things="video", pause="videos of a host", delay_s=2.0)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Do what the command line in ``options`` asks for.

    Raises:
        UserError: on a mistake in the options, a package that is missing, or when nothing came.
    """
    from courtside.collecting.fetch import fetch
    from courtside.collecting.manifest import Manifest
    from courtside.collecting.sports1m import VideoLimits
    from courtside.collecting.summary import failure_lines
    from courtside.collecting.videos import DownloadLimits, YtDlp

    _check(options)
    limits = VideoLimits(options.minimum_seconds, options.maximum_seconds, options.minimum_height)
    wanted = _wanted(options, limits)
    megabytes = options.maximum_megabytes
    download_limits = DownloadLimits(
        wanted=limits,
        maximum_height=options.maximum_height,
        maximum_bytes=None if megabytes is None else round(megabytes * 1e6),
        timeout_s=options.timeout,
    )
    videos = YtDlp(asking.turns(options), download_limits)
    with Manifest(options.output) as manifest, _Lines() as lines:
        tally = fetch(wanted, videos, manifest, download_limits.rules, options.limit, lines.report)
        listed = manifest.path
    for line in failure_lines([*tally.rejected, *tally.failures], listed):
        print(line, file=sys.stderr)
    there = tally.before + len(tally.kept)
    if not there:
        raise UserError(f"none of {len(wanted)} videos came; see the reasons in {listed}")
    print(
        f"{there} videos in {options.output}, {len(tally.kept)} of them new; {tally.duplicates} duplicates, "
        f"{len(tally.rejected)} unfit, {len(tally.failures)} failed; listed in {listed}"
    )


def _check(options: argparse.Namespace) -> None:
    asking.check_ranges(options, RANGES)
    if options.sports1m is None and (options.label or options.labels):
        raise UserError("--label and --labels choose among the videos of --sports1m FILE; give it too")
    if not (options.addresses or options.list or options.sports1m):
        raise UserError("there is nothing to fetch; give addresses, --list FILE or --sports1m FILE")


def _wanted(options: argparse.Namespace, limits: VideoLimits) -> list[Wanted]:
    """Return the videos that were asked for, those named on the command line first."""
    from courtside.collecting import sports1m
    from courtside.collecting.addresses import check_address, read_addresses
    from courtside.collecting.fetch import Wanted

    found = [Wanted(check_address(address, "the command line")) for address in options.addresses]
    if options.list is not None:
        found += [Wanted(address) for address in read_addresses(options.list)]
    if options.sports1m is not None:
        names = None if options.labels is None else sports1m.read_labels(options.labels)
        numbers = sports1m.label_numbers(options.label, names)
        for entry in sports1m.choose(sports1m.read_entries(options.sports1m), numbers, limits):
            found.append(Wanted(entry.address, ", ".join(sports1m.label_names(entry.labels, names))))
    return found


class _Lines:
    """A line of progress for each video, one after the other."""

    def __init__(self) -> None:
        self._name = ""
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.__exit__(kind, error, trace)

    def report(self, name: str, done: int, total: int | None) -> None:
        if self._progress is None or name != self._name:
            self.__exit__(None, None, None)
            self._name = name
            self._progress = Progress(f"fetch {name}", unit="MB").__enter__()
        self._progress.update(done, total)
