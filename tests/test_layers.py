"""Imports point down: which part of kelisim may import which.

errors <- units, lp, ledger <- case <- model, results <- engine <- studies <- web <- cli
                                       results <- io, report           <- web
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kelisim"

MAY_IMPORT = {
    "errors": "",
    "units": "errors",
    "lp": "errors",
    "ledger": "errors",
    "case": "errors units",
    "model": "errors units case lp",
    "results": "errors units case",
    "engine": "errors units case lp model results",
    "studies": "errors units case results ledger engine",
    "io": "errors units case results",
    "report": "errors units case results",
    "web": "errors units case results engine studies io report",
    "cli": "errors units case results engine studies io report web",
}


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and target of each import from this package, those inside functions and for types only too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "kelisim" else [module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
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


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


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
    ],
)
def test_wrong_imports_are_seen(layer: str, source: str, message: str) -> None:
    """A test of the layers that sees nothing would be worse than none."""
    assert message in " ".join(mistakes(layer, source))


def test_right_imports_pass() -> None:
    """The layers must not be in the way of what they allow."""
    lines = ["import numpy", "from kelisim import __version__, units", "from kelisim.case.case import Case"]
    assert mistakes("model", "\n".join([*lines, "from kelisim.model import links"])) == []
