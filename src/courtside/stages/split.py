"""Divides frames into train, val and test, and fails when a test frame has a near-twin among the others."""

from dataclasses import asdict

import polars as pl

from courtside import boxes, frames, layout
from courtside.config import GOLD, Config
from courtside.errors import UserError
from courtside.files import read_json, sha256, write_json
from courtside.launch import launch
from courtside.splits.assign import assign
from courtside.splits.leaks import nearest_pairs
from courtside.tables import read_table, write_table
from courtside.workspace import Workspace


def split(config: Config, workspace: Workspace) -> None:
    """Write what learning may see to ``data/split/learn`` and what only scores see to ``data/split/test``."""
    learn, test = config.videos_with_role("learn"), config.videos_with_role("test")
    labelled = read_table(workspace.input(layout.ANNOTATED_FRAMES))
    human = boxes.read(workspace.input(layout.ANNOTATED_BOXES))
    learn_frames = assign(_frames(workspace, list(learn)), labelled, val_share=config.split.val_share, seed=config.seed)
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
    sorted_frames = read_table(workspace.input(layout.ANNOTATED_SORTED))
    write_table(workspace.output(layout.LEARN_SORTED), sorted_frames.join(learn_frames, on=key, how="semi"))
    write_json(workspace.output(layout.LEARN_VIDEOS), _facts(workspace, list(learn)))
    gold = human.join(looked_at, on=key, how="semi")
    for target in (layout.LEARN_BOXES, layout.labels(GOLD)):  # for all rounds, and as the first one's teacher
        boxes.write(workspace.output(target), gold)
    test_looked_at = test_frames.join(labelled, on=key, how="semi")
    frames.write(workspace.output(layout.TEST_FRAMES), test_looked_at)
    boxes.write(workspace.output(layout.TEST_BOXES), human.join(test_looked_at, on=key, how="semi"))
    write_json(workspace.output(layout.TEST_VIDEOS), _facts(workspace, list(test)))
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
            "replays": learn_frames.filter(pl.col("replay_of").is_not_null()).select("video", "shot").n_unique(),
            "nearest": asdict(pairs[0]) if pairs else None,
            "nearest_val_train": asdict(within[0]) if within else None,
            "sha256": sha256(workspace.output(layout.LEARN_FRAMES)),
        },
    )


def _frames(workspace: Workspace, names: list[str]) -> pl.DataFrame:
    return pl.concat([frames.empty(), *(frames.read(workspace.input(layout.clean(name))) for name in names)])


def _facts(workspace: Workspace, names: list[str]) -> dict[str, object]:
    return {name: read_json(workspace.input(layout.extract_facts(name))) for name in names}


if __name__ == "__main__":
    launch(split)
