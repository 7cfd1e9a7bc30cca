"""The plan and the answers as the map draws them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path

import numpy as np
import pytest

from kelisim.engine import Engine
from kelisim.errors import CaseError, SolverError
from kelisim.report.scene import unserved_class
from kelisim.report.words import Words
from kelisim.studies import run
from kelisim.studies.pages import page_of
from kelisim.web import map_state as frame
from kelisim.web.address import Cut
from kelisim.web.element_cards import Cards
from kelisim.web.last_visit import since_last_time
from kelisim.web.map_geometry import MapGeometry
from kelisim.web.session import MapSession
from kelisim.web.views import answer, first, under_map
from kelisim.web.workspace import Workspace, Year
from tests.cases.border_year import border_year
from tests.cases.listed_steps import in_listed_steps
from tests.reading import texts

CUT = Cut(("pipe_a",), date(2024, 1, 10), 10)


def test_flows_are_those_of_the_balance(plan: MapSession) -> None:
    """The map must show what the study balance says."""
    table = run("balance", Engine(plan.case, cache=False))["links.flow"]
    for at, link in enumerate(plan.links["link"]):
        mine = table[table["link"].astype(str) == link]
        assert plan.flow[at] == pytest.approx(mine["flow"].to_numpy(), abs=1e-6)
        assert plan.loading[at] == pytest.approx(mine["loading"].to_numpy(), abs=1e-9)


def test_answer_is_that_of_the_study(plan: MapSession) -> None:
    """Flows and shortages on the map, day by day, must be the numbers of the study disruption."""
    reply = plan.ask(CUT)
    results = run("disruption", Engine(plan.case, cache=False), lost="pipe_a", start=CUT.start, days=10)
    assert (
        reply.page == page_of(results, Words(plan.case))
        and reply.page.sentences[0] == texts(results)["answer"]
    )
    first_step, last = reply.window
    assert (first_step, plan.time.day(first_step)) == (9, CUT.start)
    flows = results["links.flow"]
    flows = flows.assign(link=flows["link"].astype(str))
    for step in range(first_step, last):
        flow, base, _ = reply.flow(step)
        mine = flows[flows["step"] == plan.starts[step]].set_index("link")
        for at, link in enumerate(plan.links["link"]):
            found = mine.loc[link] if link in mine.index else {"flow": 0.0, "flow_base": 0.0}
            assert (flow[at], base[at]) == pytest.approx((found["flow"], found["flow_base"]), abs=1e-6)
    energy = sum(reply.unserved(step) * plan.hours[step] for step in range(first_step, last))
    total = results["demand.total"]
    assert float(np.sum(energy)) == pytest.approx(float(total["unserved"].sum()))
    assert float(np.sum(energy)) > 0


def test_frame_of_a_cut(plan: MapSession, sheet: MapGeometry) -> None:
    """The pipe that is cut is dashed while it is out, and the town behind it is marked short; before and after it is not."""
    reply = plan.ask(CUT)
    ways = [way.key for way in sheet.of_family["gas"]]
    at = ways.index("pipe_a")
    here = str(sheet.places["gas"].index("a_town"))
    out = frame.of_step(plan, sheet, "gas", 10, reply)
    assert out["l"][at] == "o" and out["d"][at] == 0 and out["c"][at] == -1
    demand = plan.case.table("demand")
    rows = ((demand["place"] == "a_town") & (demand["carrier"] == "natural_gas")).to_numpy()
    share = float(reply.unserved(10)[rows].sum() / plan.demand[rows, 10].sum())
    assert share > 0.05 and out["s"][here] == unserved_class(share)
    assert "unserved" in out["p"][here]
    assert frame.of_step(plan, sheet, "gas", 25, reply)["l"][at] != "o"
    before = frame.of_step(plan, sheet, "gas", 8, reply)
    assert before == frame.of_step(plan, sheet, "gas", 8, None)
    planned = frame.of_step(plan, sheet, "gas", 10, None)
    assert planned["l"][at] != "o" and planned["s"].get(here, -1) < out["s"][here]


def test_widths_are_of_one_scale(plan: MapSession, sheet: MapGeometry) -> None:
    """A line of one width means one flow on every day, and the legend says which."""
    legend = frame.widths(plan, sheet, "electricity")
    rate, width = legend[0]
    amount = float(rate.removesuffix(" MW"))
    assert width == pytest.approx(9.0 * (amount / frame.largest(plan, sheet, "electricity")) ** 0.5, abs=0.06)
    assert [width for _, width in legend] == sorted((width for _, width in legend), reverse=True)


def test_card_of_a_link(plan: MapSession, sheet: MapGeometry) -> None:
    """A card says what flows, who owns it, and what a cut of it names."""
    card = Cards(plan, sheet).card("pipe_a", 0, None)
    assert card is not None
    facts = dict(card.facts)
    assert (card.key, card.name) == ("pipe_a", "Field – A town") or card.name.startswith("Field")
    assert facts["Owner"] == "Gas Transit Co 75 % and Steppe Energy 25 % (grade B)"
    assert (
        facts["Flow"]
        == f"{plan.rate('natural_gas', plan.flow[list(plan.links['link']).index('pipe_a'), 0])}, to A town"
    )
    assert facts["Capacity"] == plan.rate("natural_gas", 150.0)


def test_cards_of_plants_storages_and_places(plan: MapSession, sheet: MapGeometry) -> None:
    """Everything that can be found can be chosen, and says where it stands."""
    cards = Cards(plan, sheet)
    choices = cards.choices()
    assert {"pipe_a", "chp", "a_store", "a_town"} <= set(choices)
    for key in choices:
        card = cards.card(key, 3, None)
        assert card is not None and card.key == key and card.name
    plant = dict(cards.card("chp", 3, None).facts)  # type: ignore[union-attr]
    assert plant["Takes in"].endswith(" of natural gas") and plant["At"] == "A town"
    assert (
        " of electricity" in plant["Makes"] and plant["Makes"].endswith(" of heat") and "Could make" in plant
    )
    place = cards.card("a_town", 3, None)
    assert place is not None and {"chp", "boiler", "a_store", "pipe_a", "line"} <= {
        thing.key for thing in place.things
    }
    assert cards.card("nothing", 3, None) is None


def test_cards_of_an_answer_tell_the_change(plan: MapSession, sheet: MapGeometry) -> None:
    """During a cut a card says what is, and what was planned."""
    reply = plan.ask(CUT)
    facts = dict(Cards(plan, sheet).card("pipe_a", 10, reply).facts)  # type: ignore[union-attr]
    assert facts["Flow"].startswith("none (planned ")
    town = dict(Cards(plan, sheet).card("a_town", 10, reply).facts)  # type: ignore[union-attr]
    assert "unserved" in town["Natural gas"]


def test_words_of_an_answer(plan: MapSession) -> None:
    """What the study says, its key numbers, the rules and the limit of gas answers stand beside every answer."""
    reply = plan.ask(CUT)
    words = answer.sentence(reply)
    for text in (*reply.page.sentences, *(key.value for key in reply.page.key_numbers)):
        assert escape(text) in words
    assert "Place rule cooperative: " in words and "Time rule late: " in words
    assert "upper bound" in words


def test_first_sight(plan: MapSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first page answers its three questions, and knows its last opening."""
    monkeypatch.setenv("KELISIM_CACHE", str(tmp_path))
    year = Year(plan, since_last_time(plan, "1d"))
    told = first.three(year, 0, None)
    assert [one.question for one in told][1:] == [
        "What is the weakest point?",
        "What changed since last time?",
    ]
    row = next(at for at in range(len(plan.demand)) if plan.unserved[at, 0] > 0)
    short = plan.book.amount(plan.unserved[row, 0] * 24, "natural_gas")
    assert told[0].answer == f"Not all: A town, natural gas of industry: {short}."
    assert "border study is being asked" in told[1].answer and "full for" in told[1].more
    assert told[2].answer == "There is no earlier opening of this case to compare with."
    assert (
        since_last_time(plan, "1d")
        .say(plan.book)[0]
        .startswith("Nothing that shows in the key figures since ")
    )
    [path] = tmp_path.glob("opened_*.json")
    facts = json.loads(path.read_text())
    key = next(
        key
        for key, value in facts["figures"].items()
        if key.startswith("KZ|natural_gas|imported") and value > 0
    )
    facts["figures"][key] *= 0.5
    facts["case"] = "another"
    path.write_text(json.dumps(facts))
    said, inputs = since_last_time(plan, "1d").say(plan.book)
    assert "natural gas imported in Kazakhstan" in said and inputs == "The inputs were changed."


def test_unknown_element_is_named(plan: MapSession) -> None:
    """A cut of something that is not there says so, with the nearest name."""
    with pytest.raises(CaseError, match=r'no element "pipe_x".*pipe_'):
        plan.ask(replace(CUT, lost=("pipe_x",)))


def test_case_without_a_year(plan: MapSession) -> None:
    """Where the solver found no year, it is said instead of drawn."""
    found = MapSession(plan.case, cache=False)
    found.engine.__dict__["base"] = replace(plan.engine.base, status="infeasible")
    with pytest.raises(SolverError, match=r"no least-cost year.*kelisim run balance.*infeasible"):
        found.solve()


def test_year_under_the_slider(plan: MapSession, sheet: MapGeometry) -> None:
    """The line under the slider shows stocks and shortages of the answer, not only of the plan."""
    reply = plan.ask(CUT)
    planned, answered = under_map._levels(plan, "gas", None), under_map._levels(plan, "gas", reply)
    assert planned is not None and answered is not None
    table = reply.results["storages.level"]
    mine = table[table["storage"].astype(str) == "a_store"].set_index("step")["level"]
    first_step, last = reply.window
    assert answered[first_step:last] == pytest.approx(mine.reindex(plan.starts[first_step:last]).to_numpy())
    assert answered[:first_step] == pytest.approx(planned[:first_step])
    assert np.abs(answered - planned)[first_step:last].max() > 100  # MWh
    total = reply.results["demand.total"]
    short = total[total["carrier"] == "natural_gas"]["unserved"].sum()
    bars = under_map._unserved(plan, "gas", reply)
    assert bars[first_step:last] @ plan.hours[first_step:last] == pytest.approx(short)
    assert bars[:first_step] == pytest.approx(under_map._unserved(plan, "gas", None)[:first_step])
    drawing, words = under_map.year_line(plan, sheet, "gas", reply)
    assert drawing.startswith("<svg") and "in store" in words and "shaded" in words


def test_a_case_with_a_table_of_steps_is_shown_in_them(tmp_path: Path) -> None:
    """Days of the year in their place would be another case, and one that takes longer to solve."""
    case = in_listed_steps(border_year(days=60), 4)
    assert Workspace(str(tmp_path), case).steps == ["listed"]
    assert Workspace(str(tmp_path), case, "1d").cases["1d"].horizon.listed == ()
