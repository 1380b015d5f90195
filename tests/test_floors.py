"""Imports go down only, and the domain knows nothing of DVC, Hydra or MLflow."""

import ast

import pytest

from imports import SOURCE, direct_imports, modules

FLOORS = {
    "stages": 4,
    "apps": 4,
    "report": 3,
    **dict.fromkeys(
        [
            "classifiers",
            "collecting",
            "datasets",
            "detectors",
            "metrics",
            "pseudolabels",
            "quality",
            "review",
            "sample",
            "single",
            "splits",
            "trackers",
        ],
        2,
    ),
    "formats": 1,
    "video": 1,
}
GROUND_OF_STAGES = {"courtside.config", "courtside.launch", "courtside.runs", "courtside.workspace", "courtside.layout"}
KNOWN = modules()
INNER = sorted(name for name in KNOWN if name != "courtside")


def floor(name):
    parts = name.split(".")
    if len(parts) > 1 and (SOURCE / "courtside" / parts[1]).is_dir():
        return FLOORS[parts[1]]
    return 0


@pytest.mark.parametrize("name", INNER)
def test_imports_go_down_only(name):
    for other in direct_imports(KNOWN[name], KNOWN):
        assert floor(other) <= floor(name), f"{name} imports {other}, which is a floor above it"


@pytest.mark.parametrize("name", [name for name in INNER if floor(name) in (1, 2)])
def test_the_domain_and_the_borders_know_no_dvc_hydra_or_mlflow(name):
    tree = ast.parse(KNOWN[name].read_text(encoding="utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {module.split(".")[0] for module in named} & {"dvc", "hydra", "mlflow", "omegaconf"}
    assert not direct_imports(KNOWN[name], KNOWN) & GROUND_OF_STAGES


@pytest.mark.parametrize("name", INNER)
def test_importing_runs_no_code(name):
    allowed = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.Assign, ast.AnnAssign, ast.If, ast.Expr)
    for node in ast.parse(KNOWN[name].read_text(encoding="utf-8")).body:
        assert isinstance(node, allowed), f"{name}, line {node.lineno}"
        if isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant), f"{name}, line {node.lineno}: a call at import"
        if isinstance(node, ast.If):
            assert ast.unparse(node.test) in ("__name__ == '__main__'", "TYPE_CHECKING"), f"{name}, line {node.lineno}"
