"""Thresholds of "nothing" stand in one module, so that two tables cannot disagree on what is nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kelisim"
HOME = PACKAGE / "tolerances.py"
LOWER = (
    "case",
    "engine",
    "explain",
    "io",
    "lp",
    "model",
    "results",
    "units.py",
)  # literals are looked for too
WORDS = {"NONE", "NOTHING", "LITTLE", "LEAST", "USED", "DUST", "SMALL", "TINY", "INSIDE", "SAME", "ALIKE"}
LARGEST = 1e-3  # a smaller number is a threshold, whatever its name
OTHERS = {"TIE": "size of a tie", "LATE_PER_DAY": "share of a price", "_TWH": "MWh in a TWh"}


def number(node: ast.expr | None) -> float:
    """The number that is written there, else 0."""
    value = node.value if isinstance(node, ast.Constant) else 0.0
    return value if isinstance(value, float) else 0.0


def own_thresholds(source: str, literals: bool) -> list[str]:
    """Constants and, if asked for, numbers in comparisons that say what is nothing."""
    found = []
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name, value = ast.unparse(target), number(node.value)
            if name not in OTHERS and (0 < value <= LARGEST or (value and name.strip("_") in WORDS)):
                found.append(f"line {node.lineno}: {name} = {value:g}")
    for node in ast.walk(tree) if literals else []:
        if isinstance(node, ast.Compare):
            small = [n for n in ast.walk(node) if isinstance(n, ast.expr) and 0 < number(n) <= LARGEST]
            found += [f"line {node.lineno}: compares with {ast.unparse(n)}" for n in small]
    return found


@pytest.mark.parametrize(
    "path", sorted(set(PACKAGE.rglob("*.py")) - {HOME}), ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_no_module_has_a_threshold_of_its_own(path: Path) -> None:
    """A sum that is 0 in one table and 1e-5 in another sends the reader looking for an error."""
    literals = path.relative_to(PACKAGE).parts[0] in LOWER
    assert own_thresholds(path.read_text(encoding="utf-8"), literals) == []


def test_a_threshold_is_seen() -> None:
    """A search that finds nothing would let every module have its own again."""
    source = "NONE = 1.0  # MWh\nEPS: float = 1e-9\nMOST = 3\nSHARE = 0.5\nx = y > 1e-6 * z"
    expected = ["line 1: NONE = 1", "line 2: EPS = 1e-09", "line 5: compares with 1e-06"]
    assert own_thresholds(source, literals=True) == expected
