"""Divides frames into train, val and test, and fails when a test frame has a near-twin among the others."""

from dataclasses import asdict
from typing import Any

import polars as pl

from courtside import boxes, frames, layout
from courtside.config import GOLD, Config
from courtside.errors import UserError
from courtside.files import read_json, sha256, write_json, write_text
from courtside.launch import launch
from courtside.pseudolabels.fusion import nobody, write_ensemble
from courtside.splits.assign import assign
from courtside.splits.leaks import nearest_pairs
from courtside.splits.twins import twin_groups
from courtside.tables import read_table, write_table
from courtside.video.images import list_images
from courtside.workspace import Workspace


def split(config: Config, workspace: Workspace) -> None:
    """Write what learning may see to ``data/split/learn`` and what only scores see to ``data/split/test``."""
    learn, test = config.videos_with_role("learn"), config.videos_with_role("test")
    labelled = read_table(workspace.input(layout.ANNOTATED_FRAMES))
    human = boxes.read(workspace.input(layout.ANNOTATED_BOXES))
    facts = _facts(workspace, list(learn))
    folders = [name for name, video in learn.items() if video.shows and workspace.input(video.path).is_dir()]
    all_frames = _grouped(_frames(workspace, list(learn)), folders, config.split.leak_distance)
    learn_frames = assign(all_frames, labelled, val_share=config.split.val_share, seed=config.seed)
    groups = learn_frames.filter(pl.col("group").is_not_null()).select("video", "frame", "group")
    learn_frames = learn_frames.drop("group")
    test_frames = _frames(workspace, list(test)).with_columns(split=pl.lit("test"))
    usable = pl.col("verdict") == "usable"
    pairs = nearest_pairs(test_frames.filter(usable), learn_frames.filter(usable))
    leaks = [pair for pair in pairs if pair.distance <= config.split.leak_distance]
    if leaks:
        worst = leaks[0]
        raise UserError(
            f"{len(leaks)} test frames have a near-twin in training, the nearest {worst.video} frame {worst.frame} and "
            f"{worst.other_video} frame {worst.other_frame} ({worst.distance} of 256 bits differ); "
            "take one of the two videos out, or lower split.leak_distance"
        )
    key = ["video", "frame"]
    looked_at = labelled.join(learn_frames.filter(pl.col("split").is_not_null()), on=key, how="semi")
    frames.write(workspace.output(layout.LEARN_FRAMES), learn_frames)
    write_table(workspace.output(layout.LEARN_LABELLED), looked_at)
    in_classes = read_table(workspace.input(layout.ANNOTATED_SORTED)).join(learn_frames, on=key, how="semi")
    write_table(workspace.output(layout.LEARN_SORTED), in_classes)
    doubtful = _doubtful(groups, in_classes, config, workspace)
    write_text(workspace.output(layout.DOUBTFUL), doubtful.write_csv())
    if doubtful.height:
        print(f"split: {doubtful.height} pictures look like one of another class; {layout.DOUBTFUL} lists them")
    write_json(workspace.output(layout.LEARN_VIDEOS), facts)
    gold = human.join(looked_at, on=key, how="semi")
    for target in (layout.LEARN_BOXES, layout.labels(GOLD)):  # for all rounds, and as the first one's teacher
        boxes.write(workspace.output(target), gold)
    test_looked_at = test_frames.join(labelled, on=key, how="semi")
    frames.write(workspace.output(layout.TEST_FRAMES), test_looked_at)
    boxes.write(workspace.output(layout.TEST_BOXES), human.join(test_looked_at, on=key, how="semi"))
    write_json(workspace.output(layout.TEST_VIDEOS), _facts(workspace, list(test)))
    boxes.write(workspace.output(layout.detections(GOLD)), boxes.empty())
    write_ensemble(workspace.output(layout.ensemble(GOLD)), nobody())
    # Human labels are the truth: their first pupil has nobody to be compared with.
    write_table(workspace.output(layout.audit(GOLD)), pl.DataFrame(schema={"round": pl.String}))
    for target in layout.ROUND_REPORTS:  # `report` reads these folders, be there rounds or not
        write_text(workspace.output(target), "One folder a round or video; none where the experiment has no rounds.\n")
    train, val = (learn_frames.filter(usable & (pl.col("split") == name)) for name in ("train", "val"))
    within = nearest_pairs(val, train)
    write_json(
        workspace.output(layout.report("split", "metrics.json")),
        {
            "frames": {"train": train.height, "val": val.height, "test": test_frames.filter(usable).height},
            "labelled": {
                "train": looked_at.join(train, on=key, how="semi").height,
                "val": looked_at.join(val, on=key, how="semi").height,
                "test": test_looked_at.filter(usable).height,
            },
            "leaks": len(leaks),
            "sorted": {
                "train": in_classes.join(train, on=key, how="semi").height,
                "val": in_classes.join(val, on=key, how="semi").height,
            },
            "twins": _twin_counts(groups) if folders else None,
            "doubtful": doubtful.height,
            "replays": learn_frames.filter(pl.col("replay_of").is_not_null()).select("video", "shot").n_unique(),
            "nearest": asdict(pairs[0]) if pairs else None,
            "nearest_val_train": asdict(within[0]) if within else None,
            "sha256": sha256(workspace.output(layout.LEARN_FRAMES)),
        },
    )


def _grouped(table: pl.DataFrame, folders: list[str], distance: int) -> pl.DataFrame:
    """Add ``group``: the same number for pictures that look alike, of ``folders``; else null."""
    pictures = table.filter(pl.col("video").is_in(folders) & (pl.col("verdict") == "usable"))
    groups = pictures.select("video", "frame", group=pl.Series(twin_groups(pictures, distance)))
    return table.join(groups, on=["video", "frame"], how="left", maintain_order="left")


def _doubtful(groups: pl.DataFrame, in_classes: pl.DataFrame, config: Config, workspace: Workspace) -> pl.DataFrame:
    """Return the pictures that look like one of another class: one of the labels must be wrong."""
    found = groups.join(in_classes, on=["video", "frame"]).filter(pl.col("label").n_unique().over("group") > 1)
    images = {name: list_images(workspace.input(config.videos[name].path)) for name in found["video"].unique()}
    names = [images[video][frame].name for video, frame in found.select("video", "frame").iter_rows()]
    ordered = found.with_columns(image=pl.Series(names, dtype=pl.String)).sort("group", "video", "frame")
    return ordered.select("group", "video", "frame", "image", "label")


def _twin_counts(groups: pl.DataFrame) -> dict[str, int]:
    sizes = groups.group_by("group").len().filter(pl.col("len") > 1)["len"]
    return {"groups": len(sizes), "pictures": int(sizes.sum())}


def _frames(workspace: Workspace, names: list[str]) -> pl.DataFrame:
    return pl.concat([frames.empty(), *(frames.read(workspace.input(layout.clean(name))) for name in names)])


def _facts(workspace: Workspace, names: list[str]) -> dict[str, dict[str, Any]]:
    return {name: read_json(workspace.input(layout.extract_facts(name))) for name in names}


if __name__ == "__main__":
    launch(split)
