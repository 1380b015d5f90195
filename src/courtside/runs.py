"""MLflow: one run per round and per tracker, with parameters, metrics, artifacts and the origin of every input."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from courtside.config import MLflowSettings
from courtside.errors import UserError
from courtside.files import sha256, write_text
from courtside.workspace import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

LIMIT_BATCH = 100
"""Parameters that MLflow takes at once. One call and one transaction a value took ten times as long."""
LIMIT_PARAMETER_CHARACTERS = 500
LIMIT_TAG_CHARACTERS = 5000


class Run:
    """An open MLflow run."""

    def __init__(self, client: MlflowClient, run_id: str) -> None:
        self._client = client
        self.id = run_id

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Log parameters; nested mappings and dataclasses become names with dots."""
        from mlflow.entities import Param

        known = self._client.get_run(self.id).data.params
        new = [
            Param(name, str(value)[:LIMIT_PARAMETER_CHARACTERS])
            for name, value in _flat(parameters).items()
            if name not in known  # MLflow refuses to change one, and a resumed run says them again
        ]
        for first in range(0, len(new), LIMIT_BATCH):
            self._client.log_batch(self.id, params=new[first : first + LIMIT_BATCH])

    def log_metrics(self, metrics: Mapping[str, float | None], step: int | None = None) -> None:
        """Log metrics, after an epoch when ``step`` is given; None is left out."""
        from mlflow.entities import Metric

        now = time.time_ns() // 1_000_000
        # MLflow allows no parentheses or percent signs in names.
        new = [
            Metric(re.sub(r"[^\w\-. /]", "_", name), float(value), now, step or 0)
            for name, value in metrics.items()
            if value is not None
        ]
        for first in range(0, len(new), LIMIT_BATCH):
            self._client.log_batch(self.id, metrics=new[first : first + LIMIT_BATCH])

    def log_artifact(self, path: Path, folder: str | None = None) -> None:
        """Copy a file into the run's artifacts."""
        self._client.log_artifact(self.id, str(path), folder)

    def describe(self, stage: str, text: str) -> None:
        """Write what a stage says about the run into its description, beside what other stages say.

        Args:
            stage: whose text it is; a second one takes the place of the first. Texts stand in the order of these names.
            text: Markdown.
        """
        prefix = "about."
        self._client.set_tag(self.id, f"{prefix}{stage}", text[:LIMIT_TAG_CHARACTERS])
        tags = self._client.get_run(self.id).data.tags
        parts = [value for key, value in sorted(tags.items()) if key.startswith(prefix) and value]
        self._client.set_tag(self.id, "mlflow.note.content", "\n\n".join(parts))

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags, which MLflow shows as columns beside other runs."""
        for key, value in tags.items():
            self._client.set_tag(self.id, key, value)

    def register(self, model: str, weights: Path, tags: Mapping[str, str]) -> None:
        """Make weights a version of a registered model, with the run's origin as tags; a second call adds none.

        Args:
            model: name of the registered model; made where there is none.
            weights: the file; it becomes an artifact of the run.
            tags: kept with the version, besides ``sha256`` of the file and what the run knows of its commit and inputs.
        """
        from mlflow.exceptions import MlflowException

        digest = sha256(weights)
        try:
            self._client.create_registered_model(model)
        except MlflowException:  # it is there
            self._client.get_registered_model(model)
        known = [version for version in self._versions(model, digest) if version.run_id == self.id]
        if not known:
            self.log_artifact(weights, "weights")
            source = f"{self._client.get_run(self.id).info.artifact_uri}/weights"
            known = [self._client.create_model_version(model, source, run_id=self.id)]
        run_tags = self._client.get_run(self.id).data.tags
        origin = {key: value for key, value in run_tags.items() if key == "git_commit" or key.startswith("dvc.")}
        for key, value in {**origin, **tags, "sha256": digest}.items():
            self._client.set_model_version_tag(model, known[0].version, key, value)

    def set_champion(self, model: str, weights: Path) -> None:
        """Give the alias ``champion`` to the latest registered version of these weights, where there is one."""
        versions = self._versions(model, sha256(weights))
        if versions:
            latest = max(versions, key=lambda version: int(version.version))
            self._client.set_registered_model_alias(model, "champion", latest.version)

    def _versions(self, model: str, digest: str) -> list[ModelVersion]:
        return [
            version
            for version in self._client.search_model_versions(f"name='{model}'")
            if version.tags.get("sha256") == digest
        ]


@contextmanager
def open_run(
    settings: MLflowSettings,
    workspace: Workspace,
    *,
    name: str,
    stage: str,
    inputs: Sequence[str] = (),
    run_id: str | None = None,
) -> Iterator[Run]:
    """Open a run, or go on with the run ``run_id`` where it still exists, and close it at the end of the block.

    In a sweep the run is a child of one parent run for the whole sweep. A block that raises leaves the
    run behind as failed.

    Args:
        settings: where runs go.
        workspace: the stage call's folders.
        name: name of the run: the round's or the tracker's.
        stage: name of the stage, kept as a tag.
        inputs: paths DVC tracks; the hashes that dvc.lock has for them are kept as tags.
        run_id: a run to go on with.

    Raises:
        UserError: when the tracking server cannot be reached or refuses.
    """
    uri = tracking_uri(settings, workspace.root)
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    _check_reachable(uri)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    try:
        client = MlflowClient(tracking_uri=uri)
        tags = {"stage": stage, **_origin(workspace.root, inputs)}
        existing = _existing(client, run_id)
        if existing is None:
            run = Run(client, _create(client, settings, workspace, name, tags))
        else:
            run = Run(client, existing)
            run.set_tags(tags)
            client.update_run(run.id, status="RUNNING")
    except (MlflowException, OSError, UserError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UserError(f"MLflow at {uri} refused: {reason}; check mlflow.tracking_uri or its folder") from None
    try:
        yield run
    except BaseException:
        client.set_terminated(run.id, status="FAILED")
        raise
    client.set_terminated(run.id, status="FINISHED")


def tracking_uri(settings: MLflowSettings, root: Path) -> str:
    """Return the address of the tracking store; a relative sqlite path is taken from ``root``."""
    uri = os.environ.get("MLFLOW_TRACKING_URI") or settings.tracking_uri
    prefix = "sqlite:///"
    if uri.startswith(prefix) and not uri.startswith(f"{prefix}/"):
        return f"{prefix}{root.resolve() / uri.removeprefix(prefix)}"
    return uri


def _check_reachable(uri: str) -> None:
    if not uri.startswith(("http://", "https://")):
        return
    try:
        urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=5).close()
    except urllib.error.HTTPError:
        return  # it answers; whether it refuses shows at the first real call
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise UserError(
            f"MLflow at {uri} cannot be reached ({reason}); start it with `make ui`, "
            "or unset MLFLOW_TRACKING_URI to use the local database"
        ) from None


def _existing(client: MlflowClient, run_id: str | None) -> str | None:
    from mlflow.exceptions import MlflowException

    if run_id is None:
        return None
    try:
        return str(client.get_run(run_id).info.run_id)
    except MlflowException:  # the outputs came from DVC's cache, made on another machine
        return None


def _create(
    client: MlflowClient, settings: MLflowSettings, workspace: Workspace, name: str, tags: Mapping[str, str]
) -> str:
    experiment = client.get_experiment_by_name(settings.experiment)
    experiment_id = experiment.experiment_id if experiment else client.create_experiment(settings.experiment)
    parent_tags = {}
    if workspace.sweep:
        note = workspace.sweep / "mlflow_parent.txt"
        if not note.is_file():
            parent = client.create_run(experiment_id, run_name=f"sweep {workspace.sweep.name}", tags={"stage": "sweep"})
            client.set_terminated(parent.info.run_id)
            write_text(note, parent.info.run_id)
        parent_tags["mlflow.parentRunId"] = note.read_text(encoding="utf-8").strip()
    return str(client.create_run(experiment_id, run_name=name, tags={**tags, **parent_tags}).info.run_id)


def _origin(root: Path, inputs: Sequence[str]) -> dict[str, str]:
    tags = {"git_commit": git_commit(root) or "none"}
    lock = root / "dvc.lock"
    if not inputs or not lock.is_file():
        return tags
    stages = (yaml.safe_load(lock.read_text(encoding="utf-8")) or {}).get("stages", {})
    hashes = {out["path"]: out["md5"] for stage in stages.values() for out in stage.get("outs", []) if out.get("md5")}
    return tags | {f"dvc.{path}": hashes[path] for path in inputs if path in hashes}


def git_commit(root: Path) -> str | None:
    """Return the commit that is checked out, with ``+changes`` behind it where tracked files differ from it."""
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return f"{commit}+changes" if _git(root, "status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if is_dataclass(value) and not isinstance(value, type):
            flat |= _flat(asdict(value), f"{prefix}{name}.")
        elif isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat
