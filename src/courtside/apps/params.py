"""Writes ``params.yaml``: what ``conf/`` composes to, for DVC to watch; and reads it for other commands.

``python -m courtside.apps.params [key=value …]``, for example ``experiment=nba``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import yaml
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from courtside.config import Config, from_dictionary
from courtside.errors import UserError
from courtside.files import write_text

HEADER = "# Composed from conf/ by `make params`; change conf/, not this file.\n"


def composed(conf: Path, overrides: Sequence[str] = ()) -> str:
    """Return the text of ``params.yaml``.

    Args:
        conf: the folder with ``config.yaml``.
        overrides: Hydra overrides.

    Raises:
        UserError: when the configuration does not compose or does not pass its checks.
    """
    try:
        with initialize_config_dir(str(conf.resolve()), version_base=None):
            values = compose("config", overrides=list(overrides))
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(f"configuration: {error}") from None
    from_dictionary(values)
    content = OmegaConf.to_container(values, resolve=True)
    return HEADER + yaml.dump(content, Dumper=_NoAliases, sort_keys=False, width=120)


def read_params(path: Path) -> Config:
    """Return the configuration that ``params.yaml`` holds.

    Raises:
        UserError: when the file is missing, is no YAML, or does not pass the configuration's checks.
    """
    if not path.is_file():
        raise UserError(f"{path} does not exist; run from the root of the Courtside repository, after `make params`")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path} is no valid YAML ({error}); run `make params`") from None
    if not isinstance(values, dict):
        raise UserError(f"{path} is no mapping; run `make params`")
    return from_dictionary(values)


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def main() -> None:
    """Write ``params.yaml`` in the current folder."""
    try:
        write_text(Path("params.yaml"), composed(Path("conf"), sys.argv[1:]))
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
