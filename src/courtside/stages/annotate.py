"""Reads human labels, in whatever form they come, into tables."""

from pathlib import Path

import polars as pl

from courtside import boxes, frames, layout
from courtside.config import Config, VideoSettings
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.formats import sorted_frames
from courtside.formats.labels import Annotations, read_labels
from courtside.launch import launch
from courtside.tables import write_table
from courtside.video.images import list_images, sizes
from courtside.video.source import IMAGES
from courtside.workspace import Workspace


def annotate(config: Config, workspace: Workspace) -> None:
    """Write boxes and frames a person looked at, tracks a person drew, and frames a person sorted into classes."""
    labelled = {name: video for name, video in config.videos.items() if video.labels or video.reviewed}
    learning = [name for name in labelled if config.videos[name].role == "learn"]
    if config.learns_from_people() and not learning:
        raise UserError(
            "no video with role learn has labels; name a labels file in videos.NAME.labels, or begin with a round of 0 "
            "images, which uses weights as they come"
        )
    read = {name: _labels(name, video, config, workspace) for name, video in labelled.items()}
    tracked = {
        name: _read(name, str(video.tracks), video, config, workspace).boxes
        for name, video in config.videos.items()
        if video.tracks
    }
    found = pl.concat([boxes.empty(), *(annotations.boxes for annotations in read.values())])
    if learning and config.rounds and found.filter(pl.col("video").is_in(learning)).is_empty():
        raise UserError("the labels of the learning videos hold no box of the wanted labels; check videos.NAME.classes")
    in_classes = _sorted_table(config, workspace, read)
    dropped = pl.col("label") == sorted_frames.DROPPED
    kept = in_classes.filter(~dropped)
    if not config.rounds and kept.is_empty():
        raise UserError(
            "there is nothing to learn from: no rounds, and no frame is sorted into classes; name what a folder of "
            "pictures shows in videos.NAME.shows, or a file of sorted frames in videos.NAME.sorted"
        )
    boxes.write(workspace.output(layout.ANNOTATED_BOXES), found)
    boxes.write(workspace.output(layout.ANNOTATED_TRACKS), pl.concat([boxes.empty(), *tracked.values()]))
    looked_at = {name: annotations.frames for name, annotations in read.items()}
    write_table(workspace.output(layout.ANNOTATED_FRAMES), _frame_table(looked_at))
    write_table(workspace.output(layout.ANNOTATED_SORTED), kept)
    counts = dict(kept.group_by("label").len().sort("label").iter_rows())
    without = in_classes.height - kept.height
    write_json(
        workspace.output(layout.report("annotate", "metrics.json")),
        {
            "labelled_frames": sum(map(len, looked_at.values())),
            "boxes": dict(found.group_by("label").len().sort("label").iter_rows()),
            "sorted_frames": counts,
            "dropped_frames": without,
        },
    )
    if without:
        print(f"annotate: frames that a person dropped, which teach the classifier nothing: {without}")


def _labels(name: str, video: VideoSettings, config: Config, workspace: Workspace) -> Annotations:
    """Read what was labelled first, and put what came back from a review in its place."""
    found = [
        _read(name, source, video, config, workspace) for source in (video.labels, video.reviewed) if source is not None
    ]
    result = found[0]
    for later in found[1:]:
        kept = result.boxes.filter(~pl.col("frame").is_in(later.frames))
        both = sorted({*result.frames, *later.frames})
        result = Annotations(pl.concat([kept, later.boxes]).sort("frame", maintain_order=True), both)
    return result


def _read(name: str, source: str, video: VideoSettings, config: Config, workspace: Workspace) -> Annotations:
    images, count = _extent(name, video, workspace)
    return read_labels(
        workspace.input(source),
        name,
        video.classes or dict(enumerate(config.labels)),
        images=images,
        sizes=sizes(images) if images else None,
        minimum_visibility=config.annotate.minimum_visibility if source != video.tracks else 0.0,
        frames=count,
    )


def _extent(name: str, video: VideoSettings, workspace: Workspace) -> tuple[list[Path] | None, int]:
    """Return the pictures of a video that is a folder, or None for a video file; and its number of frames."""
    facts = read_json(workspace.input(layout.extract_facts(name)))
    return list_images(workspace.input(video.path)) if facts["codec"] == IMAGES else None, facts["frames"]


def _frame_table(looked_at: dict[str, list[int]]) -> pl.DataFrame:
    rows = [(name, frame) for name, numbers in looked_at.items() for frame in numbers]
    return pl.DataFrame(rows, schema={"video": pl.String, "frame": pl.Int32}, orient="row").sort("video", "frame")


def _sorted_table(config: Config, workspace: Workspace, read: dict[str, Annotations]) -> pl.DataFrame:
    """Frames whose class is known, or that a person dropped: what was sorted by hand counts before all else."""
    labels = config.classify.labels
    by_hand, shown, from_boxes = [], [], []
    for name, video in config.videos.items():
        if video.sorted:
            images, count = _extent(name, video, workspace)
            source = workspace.input(video.sorted)
            by_hand.append(sorted_frames.read(source, name, labels, images=images, frames=count))
        if video.shows:
            numbers = frames.read(workspace.input(layout.extract_frames(name)))["frame"].to_list()
            shown += [(name, frame, video.shows) for frame in numbers]
    if sorted_frames.are_ball_or_none(labels):
        for name, annotations in read.items():
            with_ball = set(annotations.boxes.filter(pl.col("label") == sorted_frames.BALL)["frame"].to_list())
            from_boxes += [
                (name, frame, sorted_frames.BALL if frame in with_ball else sorted_frames.NO_BALL)
                for frame in annotations.frames
            ]
    known = (pl.DataFrame(rows, schema=sorted_frames.SCHEMA, orient="row") for rows in (shown, from_boxes))
    return pl.concat([*by_hand, *known]).unique(["video", "frame"], keep="first").sort("video", "frame")


if __name__ == "__main__":
    launch(annotate)
