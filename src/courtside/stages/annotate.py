"""Reads human labels, in whatever form they come, into tables."""

from pathlib import Path

import polars as pl

from courtside import boxes, layout
from courtside.config import Config, VideoSettings
from courtside.errors import UserError
from courtside.files import read_json
from courtside.formats import sorted_frames
from courtside.formats.labels import Annotations, read_labels
from courtside.launch import launch
from courtside.tables import write_table
from courtside.video.images import list_images, sizes
from courtside.workspace import Workspace


def annotate(config: Config, workspace: Workspace) -> None:
    """Write boxes and frames a person looked at, tracks a person drew, and frames a person sorted."""
    labelled = {name: video for name, video in config.videos.items() if video.labels or video.reviewed}
    if not any(video.role == "learn" for video in labelled.values()):
        raise UserError("no video with role learn has labels; name a labels file in videos.NAME.labels")
    read = {name: _labels(name, video, config, workspace) for name, video in labelled.items()}
    tracked = {
        name: _read(name, str(video.tracks), video, config, workspace).boxes
        for name, video in config.videos.items()
        if video.tracks
    }
    found = pl.concat([annotations.boxes for annotations in read.values()])
    learned = found.filter(pl.col("video").is_in([name for name in labelled if config.videos[name].role == "learn"]))
    if learned.is_empty():
        raise UserError("the labels of the learning videos hold no box of the wanted labels; check videos.NAME.classes")
    boxes.write(workspace.output(layout.ANNOTATED_BOXES), found)
    boxes.write(workspace.output(layout.ANNOTATED_TRACKS), pl.concat([boxes.empty(), *tracked.values()]))
    looked_at = {name: annotations.frames for name, annotations in read.items()}
    write_table(workspace.output(layout.ANNOTATED_FRAMES), _frame_table(looked_at))
    write_table(workspace.output(layout.ANNOTATED_SORTED), _sorted_table(config, workspace, read))


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
    facts = read_json(workspace.input(layout.extract_facts(name)))
    path = Path(video.path)
    images = list_images(workspace.input(str(path))) if facts["codec"] == "images" else None
    return read_labels(
        workspace.input(source),
        name,
        video.classes or dict(enumerate(config.labels)),
        images=images,
        sizes=sizes(images) if images else None,
        minimum_visibility=config.annotate.minimum_visibility if source != video.tracks else 0.0,
        frames=facts["frames"],
    )


def _frame_table(looked_at: dict[str, list[int]]) -> pl.DataFrame:
    rows = [(name, frame) for name, numbers in looked_at.items() for frame in numbers]
    return pl.DataFrame(rows, schema={"video": pl.String, "frame": pl.Int32}, orient="row").sort("video", "frame")


def _sorted_table(config: Config, workspace: Workspace, read: dict[str, Annotations]) -> pl.DataFrame:
    """Frames known to show the ball or not: sorted by hand, or labelled with boxes."""
    schema = {"video": pl.String, "frame": pl.Int32, "ball": pl.Boolean}
    rows = []
    for name, annotations in read.items():
        with_ball = set(annotations.boxes.filter(pl.col("label") == "ball")["frame"].to_list())
        rows += [(name, frame, frame in with_ball) for frame in annotations.frames]
    from_boxes = pl.DataFrame(rows, schema=schema, orient="row")
    by_hand = [
        sorted_frames.read(workspace.input(video.sorted), name) for name, video in config.videos.items() if video.sorted
    ]
    return pl.concat([*by_hand, from_boxes]).unique(["video", "frame"], keep="first").sort("video", "frame")


if __name__ == "__main__":
    launch(annotate)
