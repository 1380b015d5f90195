"""What a search for a tracker's parameters needs beside its trials: a start at the defaults, and a conclusion."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.metrics.bootstrap import paired_interval

PREFIX = "trackers."
RESULTS, DEFAULTS, TRIAL = "optimization_results.yaml", "defaults.json", "trial.json"
DIGITS = 4


def needed(arguments: Sequence[str]) -> None:
    """Check that what a search needs is installed.

    Raises:
        UserError: when Optuna's sweeper is not.
    """
    searches = any(argument.lstrip("+").startswith("sweep=") for argument in arguments)
    if searches and not importlib.util.find_spec("hydra_plugins.hydra_optuna_sweeper"):
        raise UserError("+sweep needs Optuna's sweeper for Hydra, which is not installed; install courtside[tune]")
    if searches:
        import optuna

        optuna.logging.set_verbosity(logging.WARNING)  # its start of a study says nothing to a person


def start_at_defaults(config: DictConfig, trial: Any) -> None:
    """Have Optuna try the values of ``conf/trackers/`` first of all that it has not drawn yet.

    Hydra's sweeper calls this for every trial (``hydra.sweeper.custom_search_space``) with the composed configuration
    and the ``optuna.Trial``. A search that did not know the defaults could end below them; most of a wide space is.

    Raises:
        UserError: when nothing that is searched is a parameter of the tracker.
    """
    if trial.number:
        return
    own = str(config.tracker)
    if config.tracker is not None and not any(name.split(".")[1] in _used(config, own) for name in trial.params):
        raise UserError(
            f"the sweep has no parameter of tracker={own}, but of {next(iter(trial.params))}; name one and the same "
            "tracker in tracker= and +sweep="
        )
    defaults = {name: OmegaConf.select(config, name) for name in trial.params}
    write_json(Path(config.hydra.sweep.dir) / DEFAULTS, defaults)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna 2 calls this experimental; Optuna 4 has it
        trial.study.enqueue_trial(defaults)


def _used(config: DictConfig, tracker: str) -> set[str]:
    """Return a tracker and those that it is made of: ``game`` has the parameters of others in its own."""
    values: Any = OmegaConf.to_container(config.trackers, resolve=False)
    return {tracker} | {name for name in values if f"${{{PREFIX}{name}}}" in values.get(tracker, {}).values()}


def tried() -> dict[str, Any]:
    """Return the parameters of trackers that the call or its sweep gives, by their full names."""
    if not HydraConfig.initialized():
        return {}
    given = (override.partition("=") for override in HydraConfig.get().overrides.task)
    return {name: yaml.safe_load(value) for name, _, value in given if name.startswith(PREFIX)}


def conclusion(sweep: Path, conf: Path) -> str:
    """Return what a search came to, and how to put it to use.

    Args:
        sweep: its folder.
        conf: the folder whose ``trackers/`` holds the defaults.
    """
    trials = [read_json(path) for path in sorted(sweep.glob(f"*/{TRIAL}"))]
    if not (sweep / RESULTS).is_file() or not trials:
        return f"{len(trials)} trials; they lie in {sweep}"  # a plain sweep, over values that somebody named
    best = yaml.safe_load((sweep / RESULTS).read_text(encoding="utf-8"))
    first = trials[0]
    reached = f"best of {len(trials)} trials on {first['shots']} shots: {first['objective']} {best['best_value']:.4f}"
    default = _of(trials, read_json(sweep / DEFAULTS)) if (sweep / DEFAULTS).is_file() else None
    if default is not None:
        reached += f"; the defaults have {default['value']:.4f}"
        if best["best_value"] <= default["value"]:
            return f"{reached}. Nothing that was tried is better: leave them ({sweep} has all trials)"
        reached += _how_sure(default, _of(trials, best["best_params"]))
    values = rounded(best["best_params"])
    lines = [reached, f"to use it, write into {conf}/trackers/, then `make params` and `dvc repro`:"]
    lines += [f"  {name.removeprefix(PREFIX).replace('.', '.yaml  ', 1)}: {value}" for name, value in values.items()]
    given = " ".join(f"{name}={value}" for name, value in values.items())
    lines += [
        "to see it on a video without changing a file:",
        f"  python -m courtside.stages.track -m video=NAME tracker={first['tracker']} {given}",
        f"all trials are in {sweep} and MLflow",
    ]
    return "\n".join(lines)


def _of(trials: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the trial that had these values; None where none had."""
    for trial in trials:
        if all(trial["parameters"].get(name) == value for name, value in parameters.items()):
            return trial
    return None


def _how_sure(default: Mapping[str, Any], best: Mapping[str, Any] | None) -> str:
    """Return in words whether a gain is more than these shots' luck; that it was chosen among many comes on top."""
    if best is None or default["draws"] is None or best["draws"] is None:
        return ""
    before, after = (np.array(trial["draws"], dtype=np.float64) for trial in (default, best))
    interval = paired_interval(before, after)
    if interval is None:
        return ""
    low, high = interval
    text = f"\nthe gain is {low:+.4f} to {high:+.4f} with other shots drawn (95 %)"
    return text + (": they do not tell it from luck, so do not expect it on other videos" if low <= 0 else "")


def rounded(values: Mapping[str, float]) -> dict[str, float]:
    """Return values with as many digits as a person would keep; whole numbers stay whole."""
    return {name: value if isinstance(value, int) else float(f"{value:.{DIGITS}g}") for name, value in values.items()}
