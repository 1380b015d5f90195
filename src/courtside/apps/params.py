"""Writes ``params.yaml``: what ``conf/`` composes to, for DVC to watch.

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

from courtside.config import from_dictionary
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
