"""A search for a tracker's parameters begins at the defaults and ends in words."""

import importlib.util
import sys
from types import SimpleNamespace

import pytest
import yaml
from omegaconf import OmegaConf

from courtside.apps import tune
from courtside.apps.tuning import conclusion, needed, rounded, start_at_defaults
from courtside.errors import UserError
from courtside.files import read_json, write_json

TRACKERS = {"sort": {"minimum_overlap": 0.3}, "game": {"people": "${trackers.sort}"}, "ball": {"gate": 6.0}}


class Study:
    """Keeps what Optuna is asked to try."""

    def __init__(self):
        self.asked = []

    def enqueue_trial(self, values):
        self.asked.append(values)


def start(folder, tracker, parameter, number=0):
    study = Study()
    config = OmegaConf.create({"tracker": tracker, "trackers": TRACKERS, "hydra": {"sweep": {"dir": str(folder)}}})
    start_at_defaults(config, SimpleNamespace(number=number, params={parameter: 0.2}, study=study))
    return study.asked


def test_the_defaults_are_tried_once(tmp_path):
    assert start(tmp_path, "sort", "trackers.sort.minimum_overlap") == [{"trackers.sort.minimum_overlap": 0.3}]
    assert read_json(tmp_path / "defaults.json") == {"trackers.sort.minimum_overlap": 0.3}
    assert start(tmp_path, "sort", "trackers.sort.minimum_overlap", number=1) == []


def test_a_sweep_of_another_tracker_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"no parameter of tracker=ball, but of trackers\.sort\.minimum_overlap"):
        start(tmp_path, "ball", "trackers.sort.minimum_overlap")
    # One that is part of the tracker is not another.
    assert start(tmp_path, "game", "trackers.sort.minimum_overlap")


def searched(folder, *values, spread=0.0):
    """Write a search over one parameter; the first of the values is its default. Scores vary with the shots drawn."""
    scores = dict(values)
    for number, (value, score) in enumerate(values):
        draws = [score - spread * number, score, score + spread * number]
        trial = {"tracker": "sort", "objective": "player/HOTA", "value": score, "shots": 2, "draws": draws}
        trial["parameters"] = {"trackers.sort.minimum_overlap": value}
        write_json(folder / str(number) / "trial.json", trial)
    best = max(scores, key=scores.get)
    results = {"best_params": {"trackers.sort.minimum_overlap": best}, "best_value": scores[best]}
    (folder / "optimization_results.yaml").write_text(yaml.dump(results))
    write_json(folder / "defaults.json", {"trackers.sort.minimum_overlap": values[0][0]})


def test_the_end_says_what_to_write(tmp_path):
    searched(tmp_path, (0.3, 0.5), (0.123456789, 0.6))
    text = conclusion(tmp_path, tmp_path / "conf")
    assert "best of 2 trials on 2 shots: player/HOTA 0.6000; the defaults have 0.5000" in text
    assert "sort.yaml  minimum_overlap: 0.1235\n" in text
    assert "tracker=sort trackers.sort.minimum_overlap=0.1235\n" in text


def test_the_end_says_how_sure_the_gain_is(tmp_path):
    searched(tmp_path / "sure", (0.3, 0.5), (0.1, 0.6), spread=0.05)
    text = conclusion(tmp_path / "sure", tmp_path)
    assert "+0.0525 to +0.1475" in text
    assert "luck" not in text
    searched(tmp_path / "unsure", (0.3, 0.5), (0.1, 0.6), spread=0.2)
    assert "do not tell it from luck" in conclusion(tmp_path / "unsure", tmp_path)


def test_the_end_says_when_the_defaults_are_best(tmp_path):
    searched(tmp_path, (0.3, 0.6), (0.1, 0.6), (0.2, 0.5))
    assert "leave them" in conclusion(tmp_path, tmp_path / "conf")


def test_a_plain_sweep_has_no_best(tmp_path):
    searched(tmp_path, (0.3, 0.6), (0.1, 0.6))
    (tmp_path / "optimization_results.yaml").unlink()
    assert conclusion(tmp_path, tmp_path / "conf").startswith("2 trials")


def test_rounding_keeps_whole_numbers():
    assert rounded({"a": 60, "b": 12.34567, "c": 0.000123456}) == {"a": 60, "b": 12.35, "c": 0.0001235}


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"install courtside\[tune\]"):
        needed(["-m", "+sweep=sort"])
    needed(["tracker=sort"])  # a single score needs nothing


def test_help_says_what_it_does(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["tune", "--help"])
    tune.main()
    said = capsys.readouterr().out
    assert said.startswith("Chooses the parameters of a tracker")
    assert "--hydra-help" in said
