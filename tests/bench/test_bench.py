"""The benchmarks measure what they say: a family that is the same kind of region at each size, and a page that adds nothing."""

from __future__ import annotations

from datetime import date

import pytest

from bench import page, promises
from bench.cases import stripped
from bench.family import family
from bench.no_gain import gained, told
from bench.plain import plain
from bench.plan import FULL, QUICK, parts
from bench.registry import systems
from kelisim.engine import Engine, Rules
from kelisim.lp.highs import Session
from kelisim.model.build import compile_case
from tests.properties.test_no_gain import _plants


@pytest.mark.parametrize("plain_only", [False, True], ids=["all", "plain"])
@pytest.mark.parametrize("places", [3, 30])
def test_family(places: int, plain_only: bool) -> None:
    """A case that no rule lets through, or in which nothing binds, would measure something else than a region."""
    case = family(places, 60, "1mo", plain_only)
    problem = compile_case(case)
    solution = Session(problem, threads=1).start("simplex")
    assert solution.status == "optimal"
    rows = {
        name: len(block.elements)
        for name, block in problem.rows.items()
        if name.endswith(".annual") or name == "resources.year"
    }
    kinds = set(case.table("assets")["kind"])
    if places > 3:
        assert sum(rows.values()) == 10
        assert {"chp", "refinery", "field", "mine", "boiler", "wind"} <= kinds
        assert (case.table("links")["days"] > 0).any() and (case.table("links")["capacity_back"] > 0).any()
        balances = problem.rows["places.balance"].take(solution.duals)
        assert balances.max() > 1.2 * balances[balances > 0].min()
    if plain_only:
        assert len(plain(case).nodes) == len(problem.rows["places.balance"].elements)
    else:
        with pytest.raises(ValueError, match="not plain"):
            plain(case)


def test_family_is_the_same_again() -> None:
    """Two runs on two machines must measure one case."""
    assert family(6, 30).fingerprint == family(6, 30).fingerprint
    assert family(6, 30).fingerprint != family(6, 30, seed=1).fingerprint


def test_stripped_case_is_plain() -> None:
    """The tools are compared on the reference case without some pieces; one that stays would make the costs differ."""
    case = stripped(family(5, 60, "1mo"))
    assert plain(case).size.endswith("2 steps")


def test_plan_names_what_there_is() -> None:
    """A part of an unknown system fails after an hour of measuring."""
    known = systems()
    for part in (*FULL, *QUICK):
        assert not part.system or part.system in known
    assert [part.name for part in parts(True, "all_cuts-family", 3)] == ["all_cuts-family-20-months"]
    assert parts(True, "all_cuts-family", 3)[0].runs == 3


def test_page_says_met_and_not_met() -> None:
    """A promise that is not kept must not look as if it were."""
    machine = {
        "date": "2026-01-02", "processor": "P", "cores": 2, "memory_gb": 8, "system": "S", "python": "3.11", "load": 0.1,
        "versions": {"kelisim": "0"},
    }  # fmt: skip
    facts = {"places": 5, "nodes": 20, "steps": 2, "annual_rows": 10, "columns": 99}
    settings = {"method": "simplex", "threads": 1, "presolve": "on"}

    def row(peer: str, whole: float, solver: float, memory: float) -> dict[str, object]:
        run = {"whole": whole, "solver": solver, "memory": memory, "memory_before": 1.0, "difference": 0.0}
        return {"peer": peer, "settings": settings, "runs": [run, run | {"whole": whole + 1.0}, run]}

    rows = [row("kelisim", 5.0, 4.5, 300.0), row("pypsa", 10.0, 4.0, 500.0)]
    text = page.write(
        [
            {
                "part": "w",
                "phase": "whole",
                "system": "family",
                "size": 5,
                "facts": facts,
                "machine": machine,
                "rows": rows,
            }
        ]
    )
    assert "0.50 of PyPSA | met |" in text
    assert "0.08 of PyPSA | met |" in text
    assert "0.60 of PyPSA | **not met** |" in text
    assert "5.00 s (5.00 s - 6.00 s)" in text


def test_page_of_gains() -> None:
    """A gain that no freed limit explains must not stand beside "met"."""
    machine = {
        "date": "2026-01-02", "processor": "P", "cores": 2, "memory_gb": 8, "system": "S", "python": "3.11", "load": 0.1,
        "versions": {"kelisim": "0"},
    }  # fmt: skip
    freed = ["assets", "plant", -5.0, [["assets.minimum", "plant", "minimum_load"]]]
    run = {"elements": 9, "solved": 4, "freeing": 2, "whole": 3.0, "exceptions": [freed], "wrong": []}
    part = {
        "part": "no_gain-r",
        "phase": "no_gain",
        "system": "reference",
        "size": 12,
        "facts": {},
        "machine": machine,
    }
    for wrong, verdict in (
        ([], "0 gain more | met |"),
        ([["links", "way", -1.0, []]], "1 gain more | **not met** |"),
    ):
        rows = [{"peer": "kelisim", "settings": {}, "runs": [run | {"wrong": wrong}]}]
        text = page.write([part | {"rows": rows}])
        assert verdict in text
        assert f"| 12 | 3.00 s | 9 | 4 | 2 | plant | {len(wrong)} |" in text


def test_gains_of_losses_are_told_with_their_rows() -> None:
    """By hand: without the plant that must run at 50 USD/MWh the day is cheaper; without its place its limit goes too, and nothing is gained."""
    engine = Engine(_plants(), cache=False)
    day = date(2024, 1, 1)
    found = gained(engine.snapshot(day, Rules()), day, day)
    assert told(found) == ["assets dear: 28,800.00 USD less, frees assets.minimum of dear (minimum_load)"]
    assert (found["wrong"], found["freeing"], found["elements"]) == ([], 2, 4)


def test_page_of_clicks() -> None:
    """Seconds a visitor waits are told with median and 95th percentile, and held against the promise of their row."""
    machine = {
        "date": "2026-01-02", "processor": "P", "cores": 2, "memory_gb": 8, "system": "S", "python": "3.11", "load": 0.1,
        "versions": {"kelisim": "0"},
    }  # fmt: skip
    cuts = [0.1 * at for at in range(1, 21)]
    rows = [
        {"peer": peer, "settings": {}, "runs": [{"cuts": cuts, "served": cuts}]}
        for peer in ("day open", "new day")
    ]
    part = {"part": "clicks-r", "phase": "clicks", "system": "reference", "size": 366, "facts": {}}
    text = page.write([part | {"machine": machine, "rows": rows}])
    assert "| day open | 1.05 s | 1.90 s | 2.00 s | 1.05 s | 1.90 s | 20 |" in text
    assert "live map, day open; load of the machine 0.1 | 1.05 s | **not met** |" in text
    assert "live map, new day; load of the machine 0.1 | 1.05 s | met |" in text


def test_page_of_a_snapshot() -> None:
    """All pairs are held against their promise, an open set says its gap, and the terminal says something too."""
    machine = {
        "date": "2026-01-02", "processor": "P", "cores": 2, "memory_gb": 8, "system": "S", "python": "3.11", "load": 0.1,
        "versions": {"kelisim": "0"},
    }  # fmt: skip
    run = {
        "elements": 10, "untouched": 4, "singles": 1.0, "worst_pairs": 2.0, "worst_pairs_proven": True, "all_pairs": 400.0,
        "sets": [[2, 1.0, True, 0.0, 5], [3, 1.0, True, 0.0, 9], [4, 60.0, False, 12.0, 99]],
    }  # fmt: skip
    part = {
        "part": "snapshot-r",
        "phase": "snapshot",
        "system": "reference",
        "size": 366,
        "facts": {},
        "machine": machine,
    }
    result = part | {"rows": [{"peer": "kelisim", "settings": {}, "runs": [run]}]}
    text = page.write([result])
    assert (
        "| all pairs on two processes at most 360 s | reference case, day of the highest use; load of the machine 0.1 | 400 s | **not met** |"
        in text
    )
    assert "open, gap 12" in text
    assert page.short(result)[0].split()[1:] == ["400", "s"]


def test_growth_is_a_slope() -> None:
    """An exponent read off wrongly hides a build that does not scale."""
    assert promises.slope([(10, 3.0), (100, 30.0), (1000, 300.0)]) == pytest.approx(1.0)
    assert promises.slope([(10, 1.0), (100, 100.0)]) == pytest.approx(2.0)


def test_the_peers_solve_the_same_problem() -> None:
    """A time beside a tool that solves another problem is no comparison: pipes without delay, joint products that may be let go."""
    from bench.peers import linopy, pypsa  # noqa: PLC0415
    from bench.settings import Settings  # noqa: PLC0415

    case = family(8, 20, "1d", True)
    mine = Engine(case, cache=False).base.objective
    numbers = plain(case)
    for peer in (linopy, pypsa):
        assert peer.whole(numbers, Settings("simplex", 1, "on"))["objective"] == pytest.approx(mine, rel=1e-7)
