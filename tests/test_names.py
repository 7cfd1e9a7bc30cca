"""Names in the package: what is private stays in its module, and a class name means one thing."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from kelisim.studies.study import names

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


@pytest.mark.parametrize("path", MODULES)
def test_modules_and_functions_are_short(path: str) -> None:
    """A module of two topics and a function of two pages are read by nobody to the end."""
    assert len((PACKAGE / path).read_text(encoding="utf-8").splitlines()) <= 450
    functions = [
        node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = {node.name: size for node in functions if (size := (node.end_lineno or 0) - node.lineno + 1) > 80}
    assert long == {}


def test_few_lines_are_kept_from_the_formatter() -> None:
    """A line that is laid out by hand is laid out in as many ways as there are hands."""
    assert sum((PACKAGE / path).read_text(encoding="utf-8").count("# fmt: skip") for path in MODULES) < 60


def test_no_object_takes_the_state_of_another() -> None:
    """A copy made by hand misses what the class is given later, and shares what should be apart."""
    found = [path for path in MODULES if "__dict__.update" in (PACKAGE / path).read_text(encoding="utf-8")]
    assert found == []


ASKING = {"run", "run_study", "find", "create", "answer"}


def named_studies(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Studies that a module imports, asks by name, or compares the study of a result with."""
    for node in ast.walk(tree):
        texts: list[ast.expr] = []
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kelisim.studies."):
            yield node.lineno, str(node.module).split(".")[2]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ASKING:
            texts = node.args
        elif isinstance(node, ast.Compare) and ast.unparse(node.left).endswith(".study"):
            texts = [leaf for one in node.comparators for leaf in ast.walk(one) if isinstance(leaf, ast.expr)]
        for text in texts:
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield node.lineno, text.value


def test_a_study_is_named_only_where_it_lives() -> None:
    """What knows a study by name has to be found and changed for the next one."""
    known, found = set(names()), []
    for path in MODULES:
        inside = [part.removesuffix(".py") for part in path.split("/")]
        own = inside[1] if inside[0] == "studies" else ""
        found += [
            f"{path}:{line} {study}"
            for line, study in named_studies(tree_of(path))
            if study in known and study != own
        ]
    assert found == []


def test_a_named_study_is_seen() -> None:
    """A rule that sees nothing holds nothing."""
    source = "from kelisim.studies.fuel.study import Fuel\nrun('border', case)\nif results.study in ('balance',): pass"
    assert [study for _, study in named_studies(ast.parse(source))] == ["fuel", "border", "balance"]


def test_a_study_is_small_and_its_tests_mirror_it() -> None:
    """What a second study needs moves down before it is written again; tests are where one looks for them."""
    for folder in (PACKAGE / "studies").iterdir():
        files = [path.name for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(files) <= 5, f"{folder.name}: {files}"
    tests = {path.name for path in (PACKAGE.parent / "tests" / "studies").iterdir() if path.is_dir()}
    assert tests - {"__pycache__"} <= set(names())


def test_files_of_tests_have_names_of_their_own() -> None:
    """Of two files of tests with one name pytest reads only one, and stops."""
    found = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, count in found.items() if count > 1] == []
