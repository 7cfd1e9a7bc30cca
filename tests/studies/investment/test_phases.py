"""When to build, by hand on the shared pipe: demand that grows, tariffs that rise, work that takes its time."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest

from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.ledger.outlays import annuity
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies import run
from tests.cases.shared_pipe import PARTS, shared_pipe

HOURS = 8784
GROWS = "2026=0.5,2030=1,2035=1.25"


@cache
def ask(
    projects: str = "own", scenarios: str = "as_planned=1", earliest: str = "2026-01-01", **fields: str
) -> Results:
    head, *rows = PARTS["projects"].strip().splitlines()
    lines = [f"{head}, earliest", *(f"{row}, {earliest}" for row in rows)]
    case = shared_pipe(projects="\n".join(lines))
    return run(
        "investment", Engine(case, cache=False), projects=projects, scenarios=scenarios, near="0", **fields
    )


def since(found: Results) -> dict[str, str]:
    return found["phases"].set_index("project")["since"].to_dict()


def weights(*years: int, life: int = 25, rate: float = 0.08) -> list[float]:
    """Discounted years from each to the next, and to the end of the last."""
    ends = [*years[1:], years[0] + life]
    found = [sum((1 + rate) ** (years[0] - y) for y in range(a, b)) for a, b in zip(years, ends, strict=True)]
    return [one / sum(found) for one in found]


def test_a_pipe_waits_until_it_pays() -> None:
    """Saves 7 on 4 MW, then on 6 of 8 and of 10: with costs between 28 and 42 an hour it comes with the second stage."""
    capex = 35 * HOURS / annuity(0.08, 25, 3)
    found = ask(stages=GROWS, capex=f"own={(capex - 2e4 / annuity(0.08, 25, 3)) / 1e6}")
    assert since(found) == {"own": "2030"}
    first, second, third = weights(2026, 2030, 2035)
    row = found["phases"].iloc[0]
    assert row["sooner"] == pytest.approx(first * 7 * HOURS, rel=1e-6)
    assert row["later"] == pytest.approx(second * 7 * HOURS, rel=1e-6)
    stages = found["stages"]
    assert stages["weight"].to_list() == pytest.approx([first, second, third])
    assert stages["saved"].to_list() == pytest.approx([0.0, 7 * HOURS, 7 * HOURS], rel=1e-6, abs=1.0)
    facts = facts_of(found["facts"])
    assert facts["phases"].value == pytest.approx((second + third) * 7 * HOURS, rel=1e-6)
    assert facts["waiting"].value == pytest.approx(first * 7 * HOURS, rel=1e-6)


def test_work_takes_its_time() -> None:
    """Nothing comes before its earliest day; what has none not before its years of building are over."""
    assert since(ask(stages=GROWS, capex="own=0.01", earliest="2031-06-01")) == {"own": "2035"}
    assert since(ask(stages=GROWS, capex="own=0.01", earliest="")) == {"own": "2030"}
    assert since(ask(stages=GROWS, capex="own=0.01", earliest="2040-01-01")) == {"own": ""}


def test_tariffs_have_a_path() -> None:
    """A tariff of 9 instead of 1 eats 7 of saving and more: the pipe is of use until then, and stays."""
    found = ask(stages="2026=1,2035=1", tariffs="2035=9", capex="own=0.01")
    assert since(found) == {"own": "2026"}
    saved = found["stages"].set_index("year")["saved"]
    running = 1e4 * annuity(0.08, 25, 3) + 2e4
    assert saved.to_list() == pytest.approx([42 * HOURS - running, -running], rel=1e-6)


@pytest.mark.parametrize("budget", ["", "1.2"])
def test_the_best_of_all_orders(budget: str) -> None:
    """Two pipes and three stages, with an outlook in which one is late: every order by itself."""
    fields = {"budget": budget} if budget else {}
    found = ask(
        "joint,own", "as_planned=0.7,late:joint=0.3", stages=GROWS, capex="joint=1,own=2.2" if not budget else "joint=1,own=0.4", **fields
    )  # fmt: skip
    best = facts_of(found["facts"])["phases"].value
    capex = {"joint": 1e6, "own": 2.2e6 if not budget else 4e5}
    yearly = {name: capex[name] * annuity(0.08, 25, 3) + {"joint": 1e5, "own": 2e4}[name] for name in capex}
    shares, totals = weights(2026, 2030, 2035), []
    for order in product(range(4), repeat=2):
        at = dict(zip(capex, order, strict=True))
        if budget and sum(capex[name] for name, stage in at.items() if stage < 3) > 1.2e6:
            continue
        total = 0.0
        for stage, (share, use) in enumerate(zip(shares, (0.5, 1.0, 1.25), strict=True)):
            here = {name for name in at if at[name] <= stage}
            paid = sum(yearly[name] for name in here)
            gained = 0.0
            for chance, late in ((0.7, False), (0.3, True)):
                ready = here - ({"joint"} if late else set())
                new = 2 * use if "joint" in ready else 0.0
                joint = 12.0 if "joint" in ready else 0.0
                old = min(8 * use, joint)
                new = min(new, joint - old)
                rest = min(8 * use - old, 6.0 if "own" in ready else 0.0)
                gained += chance * (14 * old + 9 * new + 7 * rest) * HOURS
            total += share * (gained - paid)
        totals.append(total)
    assert best == pytest.approx(max(totals), rel=1e-6)


def test_what_is_wrong_with_stages_is_said_at_once() -> None:
    with pytest.raises(StudyError) as raised:
        ask(stages="2030=1,2026=1,soon=1,2040=0", tariffs="2031=2")
    told = str(raised.value)
    for part in (
        'stages: "soon" is no year.',
        "stages: 0 in 2040 is no factor above 0 and up to 10.",
        "stages: at most 6 years, each once and one after the other.",
        "tariffs: 2031 is none of the stages.",
    ):
        assert part in told
