"""The farmer of Birge and Louveaux: what to plant before the yields are known, and what it would be worth to know them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from kelisim.lp.builder import Builder
from kelisim.lp.delta import Delta
from kelisim.lp.highs import Session
from kelisim.lp.problem import INF
from kelisim.lp.two_stage import Choices, Knowing, Outlook, Reach, TwoStage, benders, knowing, monolith
from tests.published.answers import reproduces

GIVEN = json.loads((Path(__file__).parent / "farmer.json").read_text(encoding="utf-8"))["farmer"]
MOST_CUTS = 30
TITLES = {
    "SP": "Cost of the best choice for all yields",
    "EV": "Cost with the mean yield",
    "EEV": "Cost of the choice for the mean yield",
    "WS": "Cost where the yield is known before",
    "EVPI": "Worth of knowing",
    "VSS": "Worth of looking at all yields",
}
QUOTA, DEAR, CHEAP = 6000, 36, 10  # of beets, as written in the row "sell"


def farmer() -> TwoStage:
    """Planting is the choice; what is sold and bought follows from the yields."""
    build = Builder(["year"])
    sold = build.add_columns(
        "sold",
        ["wheat", "corn", "beets within the quota", "beets beyond it"],
        1,
        0.0,
        np.array([[INF], [INF], [QUOTA], [INF]]),
        -np.array([*GIVEN["sell"][:2], DEAR, CHEAP], dtype=float)[:, None],
    )
    bought = build.add_columns(
        "bought", ["wheat", "corn"], 1, 0.0, INF, np.array(GIVEN["buy"], dtype=float)[:, None]
    )
    crops = build.add_rows(
        "crops", ["wheat", "corn", "beets"], 1, np.array(GIVEN["need"], dtype=float)[:, None], INF
    )
    build.add_entries(crops[[0, 1]], bought, 1.0)
    build.add_entries(crops[[0, 1, 2, 2]], sold, -1.0)
    problem = build.build()
    none, nowhere = sp.csr_array((0, 3)), np.zeros(0, dtype=np.int64)
    rows = crops.ravel()
    outlooks = []
    for at, (yields, chance) in enumerate(zip(GIVEN["yields"], GIVEN["prob"], strict=True)):
        needs = sp.csr_array(-np.diag(yields).astype(float))
        reach = Reach(nowhere, none, none, rows, needs, sp.csr_array((3, 3)))
        outlooks.append(Outlook(f"yields {at}", chance, Delta(), reach, np.zeros(3)))
    land = float(GIVEN["land"])
    choices = Choices(
        ("wheat", "corn", "beets"),
        np.array(GIVEN["plant_cost"], dtype=float),
        np.zeros(3),
        np.full(3, land),
        np.zeros(3, dtype=bool),
        sp.csr_array(np.ones((1, 3))),
        np.array([-INF]),
        np.array([land]),
    )
    return TwoStage(problem, choices, tuple(outlooks))


@pytest.fixture(scope="module")
def solved() -> tuple[TwoStage, Session, Knowing]:
    two = farmer()
    session = Session(two.problem, threads=1)
    session.start()
    return two, session, knowing(two, session)


@pytest.mark.parametrize("name", ["SP", "EV", "EEV", "WS", "EVPI", "VSS"])
def test_answers_of_the_book(solved: tuple[TwoStage, Session, Knowing], name: str) -> None:
    """To 1e-4 of each."""
    reproduces(
        f"{TITLES[name]} ({name})", getattr(solved[2], name.lower()), GIVEN[name], "farmer", "USD", rel=1e-4
    )


def test_areas_of_the_book(solved: tuple[TwoStage, Session, Knowing]) -> None:
    """What is planted for all yields, and what for their mean."""
    reproduces("Areas for all yields", solved[2].best.x, GIVEN["x_SP"], "farmer", "acres", abs=1e-4)
    reproduces("Areas for the mean yield", solved[2].mean.x, GIVEN["x_EV"], "farmer", "acres", abs=1e-4)


def test_regret_is_what_knowing_is_worth(solved: tuple[TwoStage, Session, Knowing]) -> None:
    """The regret of each yield is not below 0, and its mean is EVPI."""
    found = solved[2]
    assert (found.regret >= -1e-6).all()
    assert found.two.probabilities @ found.regret == pytest.approx(found.evpi)


def test_bounds_close_and_never_cross(solved: tuple[TwoStage, Session, Knowing]) -> None:
    """From nothing planted the bounds close to 1e-6 within 30 cuts, on the optimum of the whole problem."""
    two, session, _ = solved
    found, whole = benders(two, session), monolith(two)
    lower, upper = (np.array([getattr(step, side) for step in found.steps]) for side in ("lower", "upper"))
    assert (np.diff(lower) >= 0).all() and (np.diff(upper) <= 0).all()
    assert (lower <= upper + 1e-9 * np.abs(upper)).all()
    assert found.gap <= 1e-6
    assert found.steps[-1].cuts <= MOST_CUTS
    assert found.cost == pytest.approx(whole.cost, rel=1e-7)
