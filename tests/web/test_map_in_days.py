"""A cut on a map of months: answered in days around it, and drawn as the mean of the days of the cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.engine.preliminary import Preliminary
from kelisim.report.scene import unserved_class
from kelisim.web import map_state as frame
from kelisim.web.address import Cut
from kelisim.web.map_geometry import MapGeometry
from kelisim.web.session import MapSession, Reply
from kelisim.web.views import answer, under_map
from kelisim.web.workspace import Workspace
from tests.web.conftest import small

CUT = Cut(("pipe_a",), date(2024, 1, 10), 10)


def opened(case: Case) -> MapSession:
    found = MapSession(case, cache=False)
    found.solve()
    return found


@pytest.fixture(scope="module")
def months() -> MapSession:
    return opened(small().at_step("1mo"))


@pytest.fixture(scope="module")
def reply(months: MapSession) -> Reply:
    return months.ask(CUT)


def mean_of_days(found: Reply, table: str, column: str, **row: str) -> float:
    """Mean of a row of a table over the ten days of the cut; it has no line where nothing is."""
    frame = found.results[table]
    for key, value in row.items():
        frame = frame[frame[key] == value]
    last = pd.Timestamp(CUT.start) + pd.Timedelta(days=CUT.days)
    return float(
        frame[column][(frame["step"] >= pd.Timestamp(CUT.start)) & (frame["step"] < last)].sum() / CUT.days
    )


def test_the_map_of_months_draws_the_days(plan: MapSession, months: MapSession, reply: Reply) -> None:
    """What is short and what flows in January is the mean of the ten days in the tables, and those short are those of a map of days."""
    assert reply.is_in_days and np.flatnonzero(reply.out).tolist() == [0]
    demand = months.case.table("demand")
    for at, row in enumerate(demand.itertuples()):
        keys = {"place": row.place, "carrier": row.carrier, "customer_class": row.customer_class}
        assert reply.unserved(0)[at] == pytest.approx(
            mean_of_days(reply, "demand.unserved", "unserved", **keys)
        )
        assert reply.demand(0)[at] == pytest.approx(plan.demand[at, 9:19].mean(), rel=1e-7)
    for at, link in enumerate(months.links["link"]):
        means = [mean_of_days(reply, "links.flow", column, link=link) for column in ("flow", "flow_base")]
        assert [reply.flow(0)[0][at], reply.flow(0)[1][at]] == pytest.approx(means, abs=1e-6)
    by_day = plan.ask(CUT)
    short = set(np.flatnonzero(by_day.more[:, 9:19].any(axis=1)))
    assert set(np.flatnonzero(reply.more[:, 0])) == short != set()
    level = by_day.levels.level[:, : 31 - 9].max(axis=1)
    assert reply.levels.level[:, 0].tolist() == level.tolist() and level.max() == 3


def test_what_is_said_of_it(months: MapSession, reply: Reply) -> None:
    """The sentences are those of the answer in days; the line under them says what the map shows."""
    said = answer.sentence(reply)
    assert "Answered in days around the cut" in reply.page.sentences[0]
    assert reply.page.parts and "in steps of a day" in said and "On the map a month is the mean" in said
    desk = Workspace("mine", months.case, "1mo")
    command = desk.command("disruption", reply.results.fields, reply.results.meta)
    assert command == "kelisim run disruption mine --step 1mo --lost pipe_a --start 2024-01-10 --days 10"


def test_what_is_drawn_of_it(months: MapSession, reply: Reply) -> None:
    """The pipe is out in January, and the town behind it short by the share of its use in the days of the cut."""
    sheet = MapGeometry(months)
    drawn = frame.of_step(months, sheet, "gas", 0, reply, shows_levels=True)
    at = [way.key for way in sheet.of_family["gas"]].index("pipe_a")
    assert drawn["l"][at] == "o" and drawn["v"]
    demand = months.case.table("demand")
    rows = ((demand["place"] == "a_town") & (demand["carrier"] == "natural_gas")).to_numpy()
    share = reply.unserved(0)[rows].sum() / reply.demand(0)[rows].sum()
    here = str(sheet.places["gas"].index("a_town"))
    assert drawn["s"][here] == unserved_class(share) and f"{share * 100:.2g} % of the use" in drawn["p"][here]
    assert frame.of_step(months, sheet, "gas", 1, reply)["l"][at] != "o"
    assert under_map.year_line(months, sheet, "gas", reply)[0]


def test_a_first_answer_is_told_while_days_are_asked(
    months: MapSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits hears of it as on a map of days: the question goes to another engine, the listener stays."""
    asked = months.engine.around[CUT.start, CUT.days]
    told: list[str] = []

    def at_once(*_: object) -> object:
        _[-1](Preliminary(0.0))  # type: ignore[operator]
        return lambda: None

    monkeypatch.setattr(asked._looks, "begin", at_once)
    months.ask(CUT, on_first=told.append)
    assert len(told) == 1


def test_months_with_parts_of_the_day() -> None:
    """A part of typical days is the mean of that part of the days of the cut, which begins in the evening of 11 January."""
    case = small().at_step("1mo")
    case = replace(case, horizon=replace(case.horizon, parts=(("day", 16), ("evening", 8)), all_parts=True))
    found = opened(case).ask(replace(CUT, at="evening", start=date(2024, 1, 11), days=2))
    frame, time = found.results["demand.unserved"], found.plan.time
    cells = ["2024-01-11 16:00", "2024-01-12 00:00", "2024-01-12 16:00"]  # Thursday and Friday
    more = (
        (frame["unserved"] - frame["unserved_base"]).clip(lower=0.0).groupby(frame["step"].astype(str)).sum()
    )
    first, second, third = (more[f"{cell}:00"] for cell in cells)
    evening, day = (found.more[:, time.find(0, f"working {part}")].sum() for part in ("evening", "day"))
    assert [evening, day] == pytest.approx([(first + third) / 2, second], rel=1e-7)
    assert min(evening, day) > 1.0
    assert not found.out[time.find(0, "other day")]
