"""Imports point down: which part of kelisim may import which.

errors, tolerances, catalog <- units, lp, ledger, screening <- case <- model, results <- engine, explain, report, agreement <- studies <- web <- cli
                                                   results <- io                                      <- web
                                           ledger, results <- compliance              <- studies
The few things that a lower part hands on to a higher one stand in kelisim/late.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from kelisim.late import LATE, late

PACKAGE = Path(__file__).parents[1] / "kelisim"

ALL = "errors tolerances catalog late units lp ledger screening case model results compliance explain engine agreement report studies io web"
MAY_IMPORT = {
    "errors": "",
    "tolerances": "",
    "catalog": "",
    "late": "",
    "units": "errors tolerances",
    "lp": "errors tolerances",
    "ledger": "errors tolerances",
    "screening": "errors tolerances",
    "case": "errors tolerances late units",
    "model": "errors tolerances late units case lp",
    "results": "errors tolerances catalog late units case",
    "compliance": "errors tolerances catalog late units ledger case results",
    "explain": "errors tolerances late units case results",
    "engine": "errors tolerances late units case lp model results",
    "agreement": "errors tolerances late units case ledger results engine",
    "report": "errors tolerances catalog late units case results",
    "studies": "errors tolerances catalog late units case lp ledger model results compliance explain engine agreement report",
    "io": "errors tolerances late units case results",
    "web": ALL,
    "cli": ALL,
}


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and target of each import from this package: those inside functions, for types only, and by name too.

    In a module that calls import_module every text that begins like a module of this package is an import.
    """
    by_name = "import_module" in source
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "kelisim" else [module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif by_name and isinstance(node, ast.Constant) and re.match(r"kelisim\.[\w.]+$", str(node.value)):
            names = [str(node.value)]
        else:
            continue
        yield from ((node.lineno, name) for name in names if name.split(".")[0] in ("kelisim", ""))


def mistakes(layer: str, source: str) -> list[str]:
    """What the file of this layer imports and should not, a sentence each."""
    may = {layer, *MAY_IMPORT[layer].split()}
    found = []
    for line, name in imports(source):
        target = name.split(".")[1] if name.startswith("kelisim.") else ""
        if name.startswith("."):
            found.append(
                f"line {line}: relative import of {name!r}; write it from the top: kelisim.{layer}..."
            )
        elif target in MAY_IMPORT:
            if target not in may:
                allowed = MAY_IMPORT[layer] or "nothing"
                found.append(f"line {line}: {layer} may not import {target}; it may import {allowed}")
        elif target != "__version__":
            found.append(
                f"line {line}: imports {name!r}; name the module that has it, the public names are for users"
            )
    return found


LOADERS = {PACKAGE / "__init__.py", PACKAGE / "late.py"}  # tables of what is loaded when it is asked for
FILES = sorted(set(PACKAGE.rglob("*.py")) - LOADERS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_down(path: Path) -> None:
    """A layer that reaches up can no longer be tested, understood or replaced alone."""
    layer = path.relative_to(PACKAGE).with_suffix("").parts[0]
    assert layer in MAY_IMPORT, (
        f"{layer} is no layer: give it a line in MAY_IMPORT, and a reason in docs/decisions/"
    )
    assert mistakes(layer, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("layer", "source", "message"),
    [
        ("case", "from kelisim.model.build import build", "line 1: case may not import model"),
        ("lp", "import kelisim.case.case as c", "line 1: lp may not import case"),
        ("errors", "from kelisim import units", "it may import nothing"),
        ("io", "def f():\n    import kelisim.engine", "line 2: io may not import engine"),
        ("case", "if TYPE_CHECKING:\n    from kelisim.io import read", "line 2: case may not import io"),
        ("case", "from .schema import Table", "relative import of '.schema'"),
        ("web", "from kelisim import Case", "name the module that has it"),
        ("web", "import kelisim", "name the module that has it"),
        ("lp", 'import_module("kelisim.io").read()', "line 1: lp may not import io"),
        (
            "case",
            'import_module(HOME[x])\nHOME = {"x": "kelisim.report.maps"}',
            "line 2: case may not import report",
        ),
        ("model", 'import_module(f"kelisim.studies.{name}")', "line 1: model may not import studies"),
    ],
)
def test_wrong_imports_are_seen(layer: str, source: str, message: str) -> None:
    """A test of the layers that sees nothing would be worse than none."""
    assert message in " ".join(mistakes(layer, source))


def test_right_imports_pass() -> None:
    """The layers must not be in the way of what they allow."""
    lines = ["import numpy", "from kelisim import __version__, units", "from kelisim.case.case import Case"]
    assert mistakes("model", "\n".join([*lines, "from kelisim.model import links"])) == []


@pytest.mark.parametrize("name", LATE)
def test_late_imports_are_few_and_there(name: str) -> None:
    """A table that grows would be the layers undone by another door."""
    assert len(LATE) <= 8
    assert late(name) is getattr(import_module(LATE[name]), name)
