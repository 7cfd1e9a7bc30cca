"""Names in the package: what is private stays in its module, and a class name means one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kelisim"
MODULES = [path.relative_to(PACKAGE).as_posix() for path in sorted(PACKAGE.rglob("*.py"))]


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def private_imports(tree: ast.Module) -> list[str]:
    """Private names and private modules of this package that a module imports."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "kelisim":
            words = [*str(node.module).split("."), *(alias.name for alias in node.names)]
            found += [
                f"line {node.lineno}: {word}"
                for word in words
                if word.startswith("_") and word != "__version__"
            ]
    return found


@pytest.mark.parametrize("path", MODULES)
def test_no_private_name_is_imported(path: str) -> None:
    """Who changes a private function looks for its uses in its own module only."""
    assert private_imports(tree_of(path)) == []


def test_a_private_import_is_seen() -> None:
    """A rule that sees nothing holds nothing."""
    source = "from kelisim.io._settings import x\nfrom kelisim.units import _y, z\nfrom os import _exit"
    assert private_imports(ast.parse(source)) == ["line 1: _settings", "line 2: _y"]


def test_a_public_class_name_stands_once() -> None:
    """Two classes of one name are mixed up by readers, and by searches through the code."""
    homes = defaultdict(list)
    for path in MODULES:
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(path)
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


@pytest.mark.parametrize("path", TREES)
def test_modules_and_functions_are_short(path: str) -> None:
    """A module of two topics and a function of two pages are read by nobody to the end."""
    assert len((PACKAGE / path).read_text(encoding="utf-8").splitlines()) <= 450
    functions = [
        node for node in ast.walk(TREES[path]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = {node.name: size for node in functions if (size := (node.end_lineno or 0) - node.lineno + 1) > 80}
    assert long == {}


def test_few_lines_are_kept_from_the_formatter() -> None:
    """A line that is laid out by hand is laid out in as many ways as there are hands."""
    assert sum((PACKAGE / path).read_text(encoding="utf-8").count("# fmt: skip") for path in TREES) < 60


def test_no_object_takes_the_state_of_another() -> None:
    """A copy made by hand misses what the class is given later, and shares what should be apart."""
    found = [path for path in TREES if "__dict__.update" in (PACKAGE / path).read_text(encoding="utf-8")]
    assert found == []
