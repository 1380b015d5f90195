"""Runs a stage: composes its configuration with Hydra, checks it, and turns a user's mistake into one line."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from courtside.config import Config, from_dictionary
from courtside.errors import UserError
from courtside.workspace import Workspace

Stage = Callable[[Config, Workspace], float | None]
HELP = "Any value of conf/ may follow as key=value. --cfg job shows all, --hydra-help Hydra's own options."
OPTIONS_WITH_VALUE = ("-cd", "--config-dir", "-cn", "--config-name", "-cp", "--config-path", "-p", "--package")


def launch(stage: Stage) -> Path | None:
    """Run ``stage`` as the program: ``python -m courtside.stages.NAME [Hydra options] [key=value …]``.

    The configuration is composed from ``conf/`` in the current folder, or, with ``-cd . -cn params``,
    taken from ``params.yaml`` as DVC does. ``-m`` sweeps; then the value that ``stage`` returns is what
    a Hydra sweeper optimises. Exits with status 1 and one line on a :class:`UserError`.

    Returns:
        The folder of the sweep; None without one.
    """
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(f"{(stage.__globals__['__doc__'] or '').strip()}\n\n{HELP}")
        return None
    name = stage.__module__.rsplit(".", 1)[-1]
    if name == "__main__":
        name = Path(sys.argv[0]).stem
    try:
        return _compose_and_run(stage, name)
    except UserError as error:
        sys.exit(f"error: {error}")
    except (HydraException, OmegaConfBaseException) as error:
        sys.exit(f"error: configuration: {' '.join(str(error).split())}")
    except KeyboardInterrupt:
        sys.exit(f"{name}: interrupted; run again to go on")


def _compose_and_run(stage: Stage, name: str) -> Path | None:
    root = Path()  # relative, so that messages name files as the person knows them
    if not (root / "conf").is_dir():
        raise UserError(f"{root.resolve()} has no conf/ folder; run from the root of the Courtside repository")
    os.environ["HYDRA_FULL_ERROR"] = "1"  # makes Hydra raise, so that its messages become one line here too
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    sys.argv[1:] = _ordered(
        [
            *sys.argv[1:],
            "hydra.output_subdir=null",
            "hydra.run.dir=.",
            "hydra/job_logging=disabled",
            "hydra/hydra_logging=disabled",
            f"hydra.sweep.dir=multirun/{name}/{time.strftime('%Y-%m-%d_%H-%M-%S')}",
        ]
    )
    failures: list[UserError] = []
    sweeps: list[Path] = []

    @hydra.main(version_base=None, config_path=str(root.resolve() / "conf"), config_name="config")
    def main(values: DictConfig) -> float | None:
        runtime = HydraConfig.get()
        workspace = Workspace(root=root, outputs=root)
        if runtime.mode == RunMode.MULTIRUN:
            sweep = root / runtime.sweep.dir
            workspace = Workspace(root=root, outputs=sweep / runtime.sweep.subdir, sweep=sweep)
            sweeps[:] = [sweep]
        try:
            return stage(from_dictionary(values), workspace)
        except UserError as error:  # raised past Hydra below, which would add lines of its own
            if runtime.mode == RunMode.MULTIRUN and not runtime.sweeper._target_.endswith("BasicSweeper"):
                sys.exit(f"error: {error}")  # a search learns nothing from jobs that fail alike
            failures.append(error)
            return None

    main()
    if failures:
        raise failures[0]
    return sweeps[0] if sweeps else None


def _ordered(arguments: list[str]) -> list[str]:
    """Return options first and overrides last: Hydra's parser does not take them mixed."""
    options: list[str] = []
    overrides: list[str] = []
    for argument in arguments:
        is_value = bool(options) and options[-1] in OPTIONS_WITH_VALUE
        (options if argument.startswith("-") or is_value else overrides).append(argument)
    return [*options, *overrides]
