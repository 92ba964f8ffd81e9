"""The project's own source, parsed once, for the tests that read code instead of running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the repository's root, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    def named_calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call whose function is a plain or dotted name, with that name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and (name := dotted(node.func)):
                yield name, node


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """All Python files below the given folders (or single files)."""
    files: list[Path] = []
    for folder in folders:
        place = REPOSITORY / folder
        files += [place] if place.suffix == ".py" else sorted(place.rglob("*.py"))
    return tuple(_parse(file) for file in files)


def _parse(file: Path) -> Source:
    text = file.read_text(encoding="utf-8")
    return Source(str(file.relative_to(REPOSITORY)), text, ast.parse(text, str(file)))


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a name or attribute chain, or an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def imported(tree: ast.AST) -> Iterator[str]:
    """The full name of every module that is imported anywhere below ``tree``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
