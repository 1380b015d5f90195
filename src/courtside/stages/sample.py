"""Draws the default input: broadcast-like games with exact truth for every stage."""

from pathlib import Path

from courtside import layout
from courtside.config import Config
from courtside.executor import map_in_processes
from courtside.files import atomic_path, write_text
from courtside.launch import launch
from courtside.progress import Progress
from courtside.sample.game import draw_game
from courtside.sample.looks import named_looks
from courtside.sample.settings import GameSettings
from courtside.workspace import Workspace


def sample(config: Config, workspace: Workspace) -> None:
    """Draw every game of ``sample.games`` into a folder of its name."""
    looks = named_looks()
    tests = config.videos_with_role("test")
    settings = config.sample
    games = [
        GameSettings(
            name=name,
            seed=game.seed,
            seconds=game.seconds,
            look=looks[game.look],
            label_every=settings.test_label_every if name in tests else settings.label_every,
            sort_every=settings.sort_every,
            label_minimum_visibility=settings.label_minimum_visibility,
        )
        for name, game in settings.games.items()
    ]
    with atomic_path(workspace.output(layout.SAMPLE)) as folder:
        folder.mkdir()
        write_text(folder / "README.txt", "Games drawn by courtside.stages.sample; see sample in params.yaml.\n")
        with Progress("sample", total=len(games), unit="games") as progress:
            map_in_processes(
                _draw, [(game, folder / game.name) for game in games], workers=None, report=progress.update
            )


def _draw(job: tuple[GameSettings, Path]) -> None:
    game, folder = job
    folder.mkdir()
    draw_game(game, folder, lambda done, total: None)


if __name__ == "__main__":
    launch(sample)
