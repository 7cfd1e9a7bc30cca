"""Each block of the problem as a tiny case whose whole problem can be read: tests/golden/<block>.lp.

UPDATE_GOLDEN=1 writes the files again; read the difference before it is handed in.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import kelisim.model
from kelisim import catalog
from kelisim.case.case import Case
from kelisim.engine import Engine, Rules
from kelisim.lp.problem import Problem
from kelisim.model import corridor
from kelisim.model.build import compile_case
from kelisim.model.measures import laid

DAY = date(2024, 1, 1)
ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "golden"
MODEL = Path(next(iter(kelisim.model.__path__)))
MODULES = (
    "places",
    "links",
    "assets",
    "commitment",
    "storages",
    "markets",
    "contracts",
    "streams",
    "resources",
    "duties",
    "rules",
    "measures",
    "help",
    "parts",
    "transit",
)


def _cases() -> dict[str, Callable[[], Case]]:
    """Golden cases by the block they are for: links_flow_back is for links.flow_back."""
    found = {}
    for name in MODULES:
        module = importlib.import_module(f"tests.cases.{name}")
        for label, value in vars(module).items():
            if (
                inspect.isfunction(value)
                and value.__module__ == module.__name__
                and (name not in ("help", "parts", "streams") or label.startswith(f"{name}_"))
                and not label.startswith("_")
            ):
                found[label.replace("_", ".", 1)] = value
    return found


CASES = _cases()
# cases of a rule that changes the prices of a block, or of parts of the day, that make no block of their own
VARIANTS = {
    "demand.unserved_cooperative", "demand.unserved_late", "demand.unserved_even", "contracts.shortfall_by_contract",
    "parts.evening", "parts.heat", "parts.storage", "parts.months",
    "help.parts",
}  # fmt: skip


@cache
def problem_of(block: str) -> Problem:
    case = CASES[block]()
    if block.startswith("commitment."):
        return compile_case(case)  # an engine decides first when plants run
    engine = Engine(case, cache=False)
    if block.startswith("help."):
        # help from abroad is laid over a window
        return engine.window(DAY, 1, Rules(help="planned"), tail=0).problem
    problem = engine.problem
    if block.startswith("transit."):
        profile = np.ones(len(case.horizon.hours))
        return corridor.laid(
            case, problem, "natural_gas", "a", "c", ["ab", "cb"], case.horizon.hours, profile
        ).problem
    if not block.startswith("measures."):
        return problem
    # measures are laid over the problem of a window; with no prices, none of them earns anything
    return laid(case, problem, case.horizon.hours, np.zeros(problem.shape[0]))[0]


def text_of(block: str) -> str:
    """What a golden file holds: the drawing of the case, then the problem."""
    drawing = (inspect.getdoc(CASES[block]) or "").splitlines()
    return "\n".join(f"\\ {line}".rstrip() for line in drawing) + "\n\n" + problem_of(block).text()


@pytest.mark.parametrize("block", CASES)
def test_the_problem_is_the_one_that_was_read(block: str) -> None:
    """A sign, unit or weight that changes unseen makes every result wrong and still plausible."""
    file = GOLDEN / f"{block}.lp"
    text = text_of(block)
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert file.exists(), f"{file.name} is missing: run with UPDATE_GOLDEN=1, and read what it writes"
    assert text == file.read_text(encoding="utf-8")
    problem = problem_of(block)
    made = {name for name, part in (problem.columns | problem.rows).items() if part.size}
    assert made <= set(CASES), f"{block} makes blocks without a golden problem of their own"
    assert (block in made) != (block in VARIANTS)


def test_no_golden_file_without_its_case() -> None:
    """A golden file that nothing compares with looks like a proof and is none."""
    assert {file.stem for file in GOLDEN.glob("*.lp")} == set(CASES)


@cache
def named_blocks() -> tuple[set[str], set[str]]:
    """Blocks that the source of the model names in full, and patterns of those it puts together."""
    whole, patterns = set(), set()
    for file in sorted(MODEL.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if re.fullmatch(r"[a-z]+\.[a-z_]+", node.value) and not catalog.has(node.value):
                    whole.add(node.value)
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("add_columns", "add_rows")
                and isinstance(node.args[0], ast.JoinedStr)
            ):
                patterns.add(_pattern(node.args[0]))
    return whole, patterns


def _pattern(text: ast.JoinedStr) -> str:
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[a-z.]+" for part in text.values
    )


def test_every_block_of_the_model_has_a_golden_problem() -> None:
    """A new kind of limit must come with a problem that a person has read."""
    whole, patterns = named_blocks()
    assert len(whole) >= 30, "the scan sees no blocks"
    covered = set(CASES) - VARIANTS
    assert whole - covered == set(), "blocks in the source of the model without a golden problem"
    unmatched = {p for p in patterns if not any(re.fullmatch(p, block) for block in covered)}
    assert unmatched == set(), "block names put together in the source that no golden problem has"


def test_the_scan_finds_new_blocks() -> None:
    """A scan that misses a block would let it in without a golden problem."""
    whole, patterns = named_blocks()
    assert {"links.flow", "contracts.unpaid", "rules.own_first"} <= whole
    assert any(re.fullmatch(pattern, "resources.year_shortfall") for pattern in patterns)
    assert not any(re.fullmatch(pattern, "links.new_limit") for pattern in patterns)


@pytest.mark.parametrize("block", sorted(block for block in CASES if block in named_blocks()[0]))
def test_every_block_has_words_for_a_report(block: str) -> None:
    """An analyst who is shown a conflict must understand which limit is meant."""
    assert "{element:at_place}" in catalog.texts()[f"limits.{block}"]
