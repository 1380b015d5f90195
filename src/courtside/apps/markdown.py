"""Tables in Markdown, and the place in a file that a command writes them to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from courtside.errors import UserError
from courtside.files import write_text


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a Markdown table; fractions with three decimals, None as a dash."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_text(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _text(cell: Any) -> str:
    if cell is None:
        return "–"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def replace_section(path: Path, name: str, text: str) -> None:
    """Replace what stands between ``<!-- NAME -->`` and ``<!-- end of NAME -->`` in a file, atomically.

    Raises:
        UserError: when the file is missing or does not hold the two lines once each.
    """
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if not path.is_file():
        raise UserError(f"{path} does not exist; name a Markdown file with the line {start}")
    content = path.read_text(encoding="utf-8")
    if content.count(start) != 1 or content.count(end) != 1:
        raise UserError(f"{path} must hold the lines {start} and {end} once each")
    before, rest = content.split(start)
    after = rest.split(end)[1]
    write_text(path, f"{before}{start}\n\n{text}\n\n{end}{after}")
