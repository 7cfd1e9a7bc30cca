"""Many mistakes in one copy of a case are all found in one run, each where it is, and nothing else."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kelisim import io
from kelisim.case import schema
from tests.case.mistakes import MISTAKES, Cell, Folder, Mistake
from tests.properties.examples import examples

CASES = {"two_sides": Path(__file__).parents[1] / "cases" / "two_sides", "reference": io.reference_path()}
KINDS_OF_THE_ISSUE = (
    "unknown column", "duplicate", "reference", "unit", "negative", "no path", "gap", "order", "no outlet", "minimum",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def same_text_is_typed_once() -> Iterator[None]:
    """A mistake is in one table or two: the others of its copy are those of the copy before, and are not typed again."""
    typed: dict[Any, Any] = {}
    parse = schema.parse

    def once(table: schema.Table, raw: pd.DataFrame, file: str) -> Any:
        key = (table.name, file, *raw.columns, *raw.index, *raw.to_numpy().ravel())
        if key not in typed:
            typed[key] = parse(table, raw, file)
        frame, problems = typed[key]
        return frame.copy(), list(problems)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "parse", once)
        yield


def seeded(
    case: str, mistakes: Iterable[Mistake], seed: int, where: Path
) -> list[tuple[Mistake, list[Cell]]]:
    """A copy of a case with mistakes in it; gives the cells that a check must name."""
    folder = Folder(CASES[case], where)
    random = Random(seed)
    made = [(one, one.seed(folder, random)) for one in mistakes]
    folder.save()
    return [(one, cells) for one, cells in made if cells]


def found(where: Path) -> dict[Cell, str]:
    """Cells that a check names, with what it says."""
    _, problems = io.check(where)
    return {(Path(p.file).stem, p.row, p.column): str(p) for p in problems}


@pytest.mark.parametrize("case", CASES)
def test_case_is_right_before_mistakes_are_seeded(case: str, tmp_path: Path) -> None:
    """Mistakes that were there before would be taken for seeded ones."""
    assert seeded(case, [], 0, tmp_path / "copy") == []
    assert found(tmp_path / "copy") == {}


@pytest.mark.parametrize("case", CASES)
def test_all_mistakes_are_found_in_one_run(case: str, tmp_path: Path) -> None:
    """A user who is told of one mistake at a time needs forty runs, and gives up before."""
    made = seeded(case, MISTAKES, 1, tmp_path / "copy")
    expected = {cell for _, cells in made for cell in cells}
    told = found(tmp_path / "copy")
    assert sorted(expected - set(told)) == []
    assert [told[cell] for cell in sorted(set(told) - expected)] == []
    assert len(made) >= 40
    kinds = Counter(one.kind for one, _ in made)
    assert {kind: kinds[kind] for kind in KINDS_OF_THE_ISSUE if kinds[kind] < 3} == {}


WRONG_SIGN = next(one for one in MISTAKES if one.seed.__name__ == "reference_port_with_another_ratio")


@examples(3)
@example(one=WRONG_SIGN, seed=4999)  # what goes in seems to come out,
@example(one=WRONG_SIGN, seed=3)  # and nobody to take it
@given(one=st.sampled_from(MISTAKES), seed=st.integers(0, 10_000))
def test_any_mistake_is_found_alone(one: Mistake, seed: int) -> None:
    """A mistake in any row is named, and only that: what follows from it would lead the user astray."""
    with tempfile.TemporaryDirectory() as folder:
        made = seeded("two_sides", [one], seed, Path(folder) / "copy")
        told = found(Path(folder) / "copy")
    assert set(told) == {cell for _, cells in made for cell in cells}, list(told.values())
