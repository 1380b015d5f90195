"""Builds the one page that shows it all."""

from dataclasses import asdict
from datetime import UTC, datetime

from courtside import layout
from courtside.config import Config
from courtside.launch import launch
from courtside.report.collect import collect
from courtside.report.page import render, write
from courtside.report.settings import PageSettings, PlannedRound
from courtside.runs import git_commit
from courtside.workspace import Workspace


def report(config: Config, workspace: Workspace) -> None:
    """Gather what all stages left, and write the page."""
    rounds = tuple(
        PlannedRound(name, settings.architecture or config.detector.architecture, settings.images, settings.teacher)
        for name, settings in config.rounds.items()
    )
    settings = PageSettings(
        experiment=config.experiment,
        videos={name: video.role for name, video in config.videos.items()},
        rounds=rounds,
        tracked_videos=tuple(config.tracked.videos),
        trackers=tuple(config.tracked.trackers),
        thresholds=asdict(config.clean),
        commit=git_commit(workspace.root),
        date=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        final_round=config.final_round,
        parameters=asdict(config),
        video_bytes_limit=round(config.report.video_megabytes * 1e6),
        examples=config.evaluate.examples,
    )
    target = workspace.output(layout.PAGE)
    write(target, render(collect(workspace.root, settings)))
    print(f"report: {target}")


if __name__ == "__main__":
    launch(report)
