"""Says what did not come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def failure_lines(failures: Sequence[tuple[str, str]], manifest: Path, most: int = 20) -> list[str]:
    """Return a line for each thing that did not come, and one that says where the rest of a long list stands.

    Args:
        failures: addresses and reasons.
        manifest: the file that lists them all.
        most: how many to name.
    """
    lines = [f"{address}: {reason}" for address, reason in failures[:most]]
    if len(failures) > most:
        lines.append(f"and {len(failures) - most} more, listed in {manifest}")
    return lines
