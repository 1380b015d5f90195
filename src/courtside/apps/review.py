"""``courtside review``: a page in the browser on which a person sorts frames and looks at boxes, key by key."""

from __future__ import annotations

import argparse
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from courtside.apps.asking import check_ranges
from courtside.apps.params import read_params
from courtside.errors import UserError

if TYPE_CHECKING:
    from courtside.apps.review_session import Session

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

# The page gets what it shows at the end before nobody answers any more.
_LAST_ANSWER_S = 0.4


def add_command(topics: Commands) -> None:
    """Add ``review`` with its options to the topics."""
    command = topics.add_parser(
        "review",
        help="sort frames and look at boxes in the browser, key by key",
        description="Open a page on this machine with three tasks: sort usable frames into ball and no ball; accept, "
        "reject and draw boxes of a round, on those frames first that tell most; look again at what the classifier "
        "doubts and at the boxes of lowest score. Every answer is on the disk at once, and a later start goes on where "
        "this one stopped. Sorted frames go into videos.NAME.sorted, boxes into videos.NAME.reviewed. Needs "
        "courtside[review].",
    )
    command.add_argument(
        "--video", action="append", metavar="NAME", help="with role learn; may be repeated (default: all of them)"
    )
    command.add_argument("--round", metavar="NAME", help="whose boxes (default: the last round)")
    command.add_argument("--budget", type=int, default=200, help="frames with boxes at most (default: %(default)s)")
    command.add_argument(
        "--apart", type=int, default=25, help="frames that lie nearer together are neighbours (default: %(default)s)"
    )
    command.add_argument("--port", type=int, help="to listen on (default: the first free one from 7860)")
    command.add_argument("--no-browser", action="store_true", help="only say where the page is")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Serve the page until a person quits."""
    from courtside.apps.review_page import Page  # with Gradio and tables it takes seconds to import
    from courtside.apps.review_session import Session
    from courtside.apps.review_tasks import learning_videos

    check_ranges(options, {"port": (1, 65535), "budget": (1, 1_000_000), "apart": (0, 1_000_000)})
    root = Path()
    config = read_params(root / "params.yaml")
    name = options.round or config.final_round
    if options.round and name not in config.rounds:
        raise UserError(f"round {name!r} is not in params.yaml; it has: {', '.join(config.rounds) or 'none'}")
    videos = learning_videos(config, root, options.video or [])
    session = Session(config, root, videos, name, budget=options.budget, frames_apart=options.apart)
    title = f"{config.experiment}{f', boxes of {name}' if name else ''}"
    try:
        page = Page(session, title, config.classify.labels, config.labels, options.port)
        try:
            print(f"courtside review: {page.address} (q on the page or Ctrl-C here ends it)", flush=True)
            if not options.no_browser:
                webbrowser.open(page.address)
            _wait(session)
        finally:
            page.close()
    finally:
        session.close()
    for line in session.results() or ["nothing was decided"]:
        print(line)


def _wait(session: Session) -> None:
    try:
        while not session.ended.wait(0.2):  # a wait without end would keep Ctrl-C waiting on some systems
            pass
        time.sleep(_LAST_ANSWER_S)
    except KeyboardInterrupt:
        print()
