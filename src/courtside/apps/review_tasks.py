"""The tasks of `courtside review`: which frames, from which tables, and where the answers go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from courtside import boxes, frames, layout
from courtside.apps.hand_over import most_telling, training_frames
from courtside.config import Config
from courtside.errors import UserError
from courtside.review.box_task import BoxTask
from courtside.review.boxes import from_table
from courtside.review.class_task import ClassTask
from courtside.review.drafts import Drafts
from courtside.review.order import KEY, lowest_scores, most_doubtful, spread
from courtside.review.pictures import Pictures
from courtside.review.questions import Key
from courtside.review.reviewed_store import ReviewedStore
from courtside.review.sorted_store import SortedStore
from courtside.tables import read_table
from courtside.video.images import list_images
from courtside.workspace import Workspace

ITEM_COLUMNS = ("video", "frame", "label", "predicted", "probability", "loss")


def learning_videos(config: Config, root: Path, asked: Sequence[str]) -> list[str]:
    """Return the videos to review: those asked for, or all that may be learned from and have been cleaned.

    Raises:
        UserError: on a video that is unknown or must not be learned from, or when none has been cleaned.
    """
    learn = config.videos_with_role("learn")
    for name in asked:
        if name not in learn:
            raise UserError(f"video {name!r} is none with role learn in params.yaml; those are: {', '.join(learn)}")
    if asked:
        return list(dict.fromkeys(asked))
    cleaned = [name for name in learn if (root / layout.clean(name)).exists() or (root / layout.LEARN_FRAMES).exists()]
    if not cleaned:
        raise UserError("no video with role learn has been cleaned yet; run `dvc repro` first")
    return cleaned


def sorted_path(config: Config, root: Path, video: str) -> Path:
    """Return where a video's sorted frames go; what the pipeline draws itself is not written over."""
    named = config.videos[video].sorted
    if named is None or named.startswith(f"{layout.SAMPLE}/"):
        return root / f"data/labels/{video}_sorted.csv"
    return root / named


def reviewed_path(config: Config, root: Path, video: str) -> Path:
    """Return where a video's reviewed boxes go."""
    return root / (config.videos[video].reviewed or f"data/labels/{video}_reviewed.xml")


class Stores:
    """The answers of all tasks, each file opened once, when a task first needs it."""

    def __init__(self, config: Config, root: Path, videos: Sequence[str]) -> None:
        self._config = config
        self._root = root
        self._videos = videos
        self._sorted: SortedStore | None = None
        self._reviewed: ReviewedStore | None = None
        self._drafts: dict[str, Drafts] = {}

    @property
    def sorted(self) -> SortedStore:
        """The sorted frames."""
        if self._sorted is None:
            paths = {video: sorted_path(self._config, self._root, video) for video in self._videos}
            named = {video: self._config.videos[video].sorted for video in self._videos}
            begin_with = {video: self._root / name for video, name in named.items() if name}
            self._sorted = SortedStore(paths, self._config.classify.labels, begin_with)
        return self._sorted

    def confirmed(self) -> SortedStore:
        """Return the answers to what the classifier doubts, by which a later start knows what was asked."""
        paths = {video: self._root / f"data/labels/{video}_confirmed.csv" for video in self._videos}
        return SortedStore(paths, self._config.classify.labels)

    @property
    def reviewed(self) -> ReviewedStore:
        """The reviewed boxes."""
        if self._reviewed is None:
            paths = {video: reviewed_path(self._config, self._root, video) for video in self._videos}
            sources = {video: self._root / self._config.videos[video].path for video in self._videos}
            images = {video: list_images(path) for video, path in sources.items() if path.is_dir()}
            self._reviewed = ReviewedStore(paths, images, self._config.labels)
        return self._reviewed

    def drafts(self, round_name: str) -> Drafts:
        """Return what was begun on the boxes of a round."""
        if round_name not in self._drafts:
            path = Workspace(self._root, self._root).scratch("review") / f"{round_name}.json"
            self._drafts[round_name] = Drafts(path, self._config.labels)
        return self._drafts[round_name]

    def results(self) -> list[str]:
        """Return a line for each file with answers: how many, where, and what is to be done with it."""
        lines: list[str] = []
        if self._sorted is not None and self._sorted.changes:
            named = {video: self._config.videos[video].sorted for video in self._videos}
            lines += self._told("sorted", self._sorted.labels, self._sorted.path, named)
        if self._reviewed is not None and self._reviewed.changes:
            named = {video: self._config.videos[video].reviewed for video in self._videos}
            lines += self._told("reviewed", self._reviewed.frames, self._reviewed.path, named)
        return lines

    def _told(
        self, kind: str, answers: Iterable[Key], path: Callable[[str], Path], named: Mapping[str, str | None]
    ) -> Iterator[str]:
        counts = Counter(key.video for key in answers)
        for video in self._videos:
            if counts[video]:
                line = f"{kind} frames of {video}: {counts[video]:,}, in {path(video)}"
                known = self._root / (named[video] or "") == path(video)
                yield line if known else f"{line}; name it in videos.{video}.{kind}"


def sort_task(config: Config, root: Path, videos: Sequence[str], stores: Stores, pictures: Pictures) -> ClassTask:
    """Return the task of sorting usable frames into the classifier's classes.

    Raises:
        UserError: when a video has not been cleaned, or no frame of it is usable.
    """
    split = root / layout.LEARN_FRAMES
    known = frames.read(split) if split.exists() else frames.empty()
    tables = []
    for video in videos:
        of_video = known.filter(pl.col("video") == video)
        tables.append(of_video if of_video.height else frames.read(root / layout.clean(video)))
    usable = pl.concat(tables).filter(pl.col("verdict") == "usable").select(KEY)
    if usable.is_empty():
        raise UserError(f"no frame of {', '.join(videos)} is usable; look at reports/index.html, section cleaning")
    return ClassTask(_keys(spread(usable)), config.classify.labels, stores.sorted, pictures)


def doubted_frames_task(
    config: Config, root: Path, videos: Sequence[str], stores: Stores, pictures: Pictures
) -> ClassTask:
    """Return the task of looking again at what a person said and the classifier doubts.

    Raises:
        UserError: when `classify` has not run, or has written no such table.
    """
    source = root / layout.CLASSIFIED_ITEMS
    table = read_table(source)
    if missing := [column for column in ITEM_COLUMNS if column not in table.columns]:
        raise UserError(f"{source} has no column {', '.join(missing)}; delete it and run `dvc repro`")
    labels = config.classify.labels
    items = table.filter(pl.col("video").is_in(list(videos)) & pl.col("label").is_not_null()).unique(KEY, keep="first")
    said, about = {}, {}
    for video, frame, label, predicted, probability, _ in items.select(ITEM_COLUMNS).iter_rows():
        said[Key(video, frame)] = label
        about[Key(video, frame)] = f"labelled {label}; the classifier says {predicted} ({probability:.0%})"
    return ClassTask(
        _keys(most_doubtful(items)),
        labels,
        stores.sorted,
        pictures,
        confirmed=stores.confirmed(),
        said=said,
        about=about,
    )


def boxes_task(
    config: Config,
    root: Path,
    videos: Sequence[str],
    stores: Stores,
    pictures: Pictures,
    round_name: str,
    *,
    doubtful: bool,
    budget: int,
    frames_apart: int,
) -> BoxTask:
    """Return the task of looking at a round's boxes on training frames.

    Args:
        config: the configuration.
        root: the repository.
        videos: whose frames.
        stores: get the answers.
        pictures: the frames.
        round_name: whose boxes.
        doubtful: by the score of the least certain box, instead of by what a look at the frame would tell.
        budget: frames at most.
        frames_apart: frames that lie nearer together are neighbours, where ``doubtful`` is not set.

    Raises:
        UserError: when a stage that is needed has not run, or no frame is left.
    """
    workspace = Workspace(root, root)
    found = boxes.read(workspace.input(layout.labels(round_name))).filter(pl.col("label").is_in(config.labels))
    asked = training_frames(config, workspace, round_name).filter(pl.col("video").is_in(list(videos)))
    about: dict[Key, str] = {}
    if doubtful:
        chosen = lowest_scores(found, asked).head(budget)
        about = {Key(video, frame): f"lowest score {score:.0%}" for video, frame, score in chosen.iter_rows()}
    else:
        chosen = most_telling(config, workspace, found, asked, budget=budget, frames_apart=frames_apart)
        for video, frame, uncertainty, disagreement in chosen.select(*KEY, "uncertainty", "disagreement").iter_rows():
            doubt = "; detector and track disagree" if disagreement else ""
            about[Key(video, frame)] = f"uncertainty {uncertainty:.0%}{doubt}"
    if chosen.is_empty():
        raise UserError("no frame is left to look at: all are near labelled ones; lower --apart")
    proposals = from_table(found.join(chosen.select(KEY), on=KEY, how="semi"))
    return BoxTask(
        _keys(chosen),
        proposals,
        config.labels,
        stores.reviewed,
        stores.drafts(round_name),
        pictures,
        about=about,
        doubtful=doubtful,
    )


def _keys(table: pl.DataFrame) -> list[Key]:
    return [Key(video, frame) for video, frame in table.select(KEY).iter_rows()]
