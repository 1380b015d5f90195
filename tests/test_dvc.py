"""dvc.yaml names every stage, and every stage's code."""

import re

import pytest
import yaml

from courtside.apps.params import composed
from imports import ROOT, SOURCE, all_imports

PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
STAGES = {name: stage.get("do", stage) for name, stage in PIPELINE["stages"].items()}
PACKAGE = SOURCE / "courtside"


def test_stages_modules_and_tests_have_the_same_names():
    modules = {path.stem for path in (PACKAGE / "stages").glob("*.py")} - {"__init__"}
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "stages").glob("test_*.py")}
    assert set(STAGES) == modules
    assert modules <= tests


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_runs_its_module(name):
    assert re.match(rf"python -m courtside\.stages\.{name} \$\{{with\}}", STAGES[name]["cmd"])


@pytest.mark.parametrize("name", STAGES)
def test_deps_cover_all_code_that_a_stage_imports(name):
    covered = [ROOT / dependency for dependency in STAGES[name]["deps"] if dependency.startswith("src/")]
    for path in sorted(all_imports(f"courtside.stages.{name}")):
        if path.name == "__init__.py" and path.parent in (PACKAGE, PACKAGE / "stages"):
            continue  # a docstring and nothing else; see below
        assert any(path == place or place in path.parents for place in covered), f"{name}: add {path} to its deps"


@pytest.mark.parametrize("name", STAGES)
def test_deps_name_no_code_that_a_stage_does_not_import(name):
    needed = all_imports(f"courtside.stages.{name}")
    for dependency in STAGES[name]["deps"]:
        if dependency.startswith("src/"):
            place = ROOT / dependency
            assert any(path == place or place in path.parents for path in needed), f"{name}: drop {dependency}"


@pytest.mark.parametrize("name", STAGES)
def test_deps_stand_there_once(name):
    assert len(STAGES[name]["deps"]) == len(set(STAGES[name]["deps"]))


@pytest.mark.parametrize("path", sorted((ROOT / "conf" / "experiment").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_experiment_has_the_parameters_that_stages_watch(path):
    values = yaml.safe_load(composed(ROOT / "conf", [f"experiment={path.stem}"]))
    watched = {name for stage in STAGES.values() for name in stage["params"] if "${" not in name}
    for name in sorted(watched):
        found = values
        for part in name.split("."):
            assert part in found, f"{path.stem}: {name} is missing; DVC would refuse to run"
            found = found[part]


@pytest.mark.parametrize("path", [PACKAGE / "__init__.py", PACKAGE / "stages" / "__init__.py"])
def test_packages_that_no_dep_names_hold_no_code(path):
    lines = path.read_text(encoding="utf-8").strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith('"""')
