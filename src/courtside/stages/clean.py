"""Decides from the measures alone which frames are usable."""

from dataclasses import asdict

from courtside import frames, layout
from courtside.config import Config
from courtside.files import write_json
from courtside.launch import launch
from courtside.quality.summary import clip_table, total_row
from courtside.quality.verdicts import decide
from courtside.workspace import Workspace


def clean(config: Config, workspace: Workspace) -> None:
    """Write the verdicts of ``video`` (of every video where none is named) and the table of its clips."""
    names = [config.chosen_video()] if config.video else list(config.videos)
    for name in names:
        table = decide(frames.read(workspace.input(layout.extract_frames(name))), **asdict(config.clean))
        frames.write(workspace.output(layout.clean(name)), table)
        clips = clip_table(table)
        summary = {"video": name, "clips": clips, "total": total_row(clips)}
        write_json(workspace.output(layout.report("clean", f"{name}.json")), summary)


if __name__ == "__main__":
    launch(clean)
