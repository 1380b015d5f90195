"""Which modules of the project a module imports, directly or not, read from the source."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"


def modules() -> dict[str, Path]:
    """All modules of the project by dotted name."""
    found = {}
    for path in (SOURCE / "courtside").rglob("*.py"):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def direct_imports(path: Path, known: dict[str, Path]) -> set[str]:
    """Modules of the project that a file names in an import, wherever in the file it stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name in known}


def all_imports(module: str) -> set[Path]:
    """Files of the project that run when ``module`` does, itself included."""
    known = modules()
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += direct_imports(known[name], known)
        # Importing a.b.c runs a and a.b as well.
        waiting += [parent for parent in known if name.startswith(f"{parent}.") and parent != "courtside"]
    return {known[name] for name in seen}
