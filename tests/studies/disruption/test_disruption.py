"""The study disruption on one town behind one pipe (tests/cases/cut_town.py), each MWh of the cut counted by hand.

Cut from 3 to 7 January, the town has the cavern: 576 MWh are 24 MW for a day. A MW of gas serves homes (4500 USD/MWh), or half
a MW of heat and power through the CHP (5000 / 2, and half of the 90 of the spare plant saved): homes come before heat.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import KelisimError, StudyError
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.conformance import check_study
from kelisim.studies.disruption.study import Disruption
from tests.cases.cut_town import cut_town
from tests.reading import page, texts, values

# help at will: what is counted here is what a stock does, and when the pipe is back the cavern is filled again at nobody's expense
CUT: dict[str, Any] = {
    "lost": ("pipe",),
    "start": date(2024, 1, 3),
    "days": 5,
    "place_rule": "none",
    "help_rule": "open",
}


def ask(case: Case | None = None, **fields: Any) -> Results:
    return run("disruption", Engine(case or cut_town(), cache=False), **(CUT | fields))


def by_day(results: Results, carrier: str, customer_class: str, days: int = 5) -> list[float]:
    """Unserved MW on 3 January and after."""
    rows = results["demand.unserved"]
    rows = rows[(rows["carrier"] == carrier) & (rows["customer_class"] == customer_class)].set_index("step")
    found = rows["unserved"].reindex(pd.date_range("2024-01-03", periods=days), fill_value=0.0)
    return [round(value, 4) for value in found]


def test_conforms() -> None:
    """The same answer twice, units for every number, the case unchanged."""
    check_study(Disruption(**CUT), cut_town())
    check_study(Disruption(**(CUT | {"knows_duration": False, "place_rule": "cooperative"})), cut_town())


# ---- who, when
def test_what_is_left_goes_to_the_dearest_first_and_early() -> None:
    """Late: homes are served three days in full, heat and industry never."""
    results = ask()
    assert by_day(results, "natural_gas", "household") == [0, 0, 0, 8, 8]
    assert by_day(results, "natural_gas", "industry") == [6, 6, 6, 6, 6]
    assert by_day(results, "heat", "heat") == [2, 2, 2, 2, 2]
    assert by_day(results, "electricity", "household") == [0, 0, 0, 0, 0]  # the spare plant


def test_figures_of_a_store_that_lasts_three_days() -> None:
    """Coverage days are what a minister asks first; one too many costs lives."""
    results = ask(cut_town(heat=0.0))
    expected = {
        # industry 6 MW for 5 days, homes 8 MW for 2
        "unserved_energy": (30 + 16) * 24, "unserved_protected": 16 * 24, "peak": 14, "rows_short": 2,
        "protected_days": 3, "days_to_recover": 0,
        # of 16 MW of gas and power, 6 lack on three days and 14 on two
        "resilience_loss": (3 * 6 / 16 + 2 * 14 / 16) * 24 * 100, "robustness": 1 - 14 / 16,
    }  # fmt: skip
    assert {key: values(results)[key] for key in expected} == pytest.approx(expected)
    assert tuple(facts_of(results["facts"])[key].places["step"] for key in ("first_short", "first_protected_short")) == (
        "2024-01-03T00:00:00", "2024-01-06T00:00:00"
    )  # fmt: skip
    rows = results["demand.total"].set_index("customer_class")
    assert rows["days_served"].to_dict() == {"industry": 0.0, "household": 3.0}
    assert rows.loc["household", "first_short"] == pd.Timestamp(2024, 1, 6)
    # ten days are shown: 8 MW x 2 of 8 MW x 10
    assert rows.loc["household", "unserved_rate"] == pytest.approx(0.2)


def test_a_store_is_filled_again_from_what_is_planned() -> None:
    """Nothing beyond the plan comes from abroad for the 576 MWh, 24 MW-days, that fill the cavern again.

    The dear plant runs for the CHP on the five days that are left and frees 4 MW of gas, 20 MW-days; industry goes without the other 4.
    """
    results = ask(cut_town(heat=0.0), help_rule="planned")
    assert values(results)["unserved_energy"] == pytest.approx((30 + 16 + 4) * 24)
    assert by_day(results, "natural_gas", "household", 10) == [0, 0, 0, 8, 8, 0, 0, 0, 0, 0]
    assert sum(by_day(results, "natural_gas", "industry", 10)[5:]) == pytest.approx(4)


def test_levels_of_a_crisis() -> None:
    """A level declared a day late is a plan that starts a day late."""
    performance = ask(cut_town(heat=0.0))["performance"]
    gas = performance[performance["carrier"] == "natural_gas"]
    assert gas["served_share"].head(5).to_list() == pytest.approx([8 / 14] * 3 + [0, 0])
    assert gas["level"].to_list() == ["emergency"] * 5 + ["none"] * 5


def test_even_spreads_the_cut() -> None:
    """Known length: 16 of 40 MW-days of homes are two of five tranches, 3.2 MW on each day."""
    results = ask(place_rule="cooperative", time_rule="even")
    assert by_day(results, "natural_gas", "household") == [3.2] * 5


def test_goods_on_their_way() -> None:
    """Two days of gas are in the pipe: held, they come when it is back, and new gas two days later; lost, nothing comes for two days."""
    case = cut_town(transit=2)
    held, lost = ask(case), ask(case, in_transit="lost")
    assert by_day(held, "natural_gas", "industry", 8) == [6, 6, 6, 6, 6, 0, 0, 0]
    assert by_day(lost, "natural_gas", "industry", 8) == [6, 6, 6, 6, 6, 6, 6, 0]
    assert (values(held)["days_to_recover"], values(lost)["days_to_recover"]) == (0, 2)


def test_nobody_knows_how_long() -> None:
    """Believed to last two days each morning, the stock is spent on what would have been saved."""
    results = ask(knows_duration=False, belief=2)
    # 3rd: 24 are enough for two days of 8 for homes and 4 for heat. 4th: 12 are left for 4th and 5th, so heat is cut and homes
    # get 8 and 4. 5th: 4 are left, and so on.
    assert by_day(results, "natural_gas", "household") == pytest.approx([0, 0, 4, 8, 8], abs=1e-3)
    assert by_day(results, "heat", "heat") == pytest.approx([0, 2, 2, 2, 2], abs=1e-3)
    # on average 1 MW of homes more is cut, and 1 MW of heat and power less; knowing is never dearer
    assert values(results)["extra_cost"] >= values(ask())["extra_cost"] - 1e-6


def test_a_part_of_the_capacity() -> None:
    """Half of 30 MW is gone: of 18 MW 15 come, the cavern gives the rest; nobody goes short."""
    results = ask(share=0.5)
    assert results["demand.total"].empty
    assert values(results)["unserved_energy"] == 0
    assert values(results)["extra_cost"] > 0
    assert texts(results)["answer"] == "Nobody goes short; other ways of supply cost 360 USD more."
    assert texts(results)["asked"] == "Loss of 50 % of Field - Steppe town, 5 days from 3 January 2024."


# ---- chain and words
def test_chain_runs_from_the_pipe_to_heat_and_the_spare_plant() -> None:
    """Gas main out -> CHP out -> heat unserved, spare plant up: in that order, with the energy of each."""
    results = ask()
    rows = results["chain"].set_index("element")
    assert rows["order"].to_dict() == {
        "pipe": 0, "town:natural_gas:industry": 1, "cavern": 1, "town:natural_gas:household": 1, "chp": 1,
        "spare": 2, "town:heat:heat": 2,
    }  # fmt: skip
    assert values(results)["rerouted"] == 1  # the wells, whose gas is worth less than a hundredth of the loss
    assert rows.loc["town:heat:heat", "because"] == "chp"
    assert rows.loc["spare", "because"] == "chp"
    changes = {
        "pipe": -18 * 5 * 24, "chp": -2 * 5 * 24, "spare": 2 * 5 * 24, "cavern": 576, "town:heat:heat": -2 * 5 * 24
    }  # fmt: skip
    assert rows["change"].loc[list(changes)].to_dict() == pytest.approx(changes)
    (view,) = next(part.items for part in page(results).parts if part.anchor == "chain")
    told = [row[2].text for row in view.rows]
    assert "Spare plant: not in use in the plan, now 240 MWh" in told
    assert "Town CHP: 240 MWh in the plan, now nothing" in told


def test_answer_in_words() -> None:
    """The sentence is what is read out; it names who, how much, how long, from when."""
    results = ask()
    shown = page(results)
    assert shown.sentences == (
        "Steppe town lacks 21.4 thousand m3/day of natural gas, 66 % of use while the outage lasts.",
        "Cut: homes and public buildings in Steppe town (heat, 100 %); homes in Steppe town (natural gas, 40 %); "
        "industry in Steppe town (natural gas, 100 %). Protected customers are cut from the first step on, 3 January 2024.",
        "It counts on Russia (up to 27.9 thousand m3/day of natural gas).",
        "Loss of Field - Steppe town, 5 days from 3 January 2024.",
        "Heat short by 1.72 Gcal/h in Steppe town (100 %); power served; gas short by 21.4 thousand m3/day in Steppe town (66 %).",
        "Crisis levels by region: emergency for heat in Steppe town; emergency for natural gas in Steppe town.",
        "Beyond the plan Russia gives Kazakhstan 55.7 thousand m3 of natural gas.",
        "Rerouting: the use of 1 other element changes; no customer is cut by it, and answers of equal cost may differ in it.",
        "Gas counts capacities and no pressures: what is delivered is an upper bound.",
    )
    assert results.meta["rules"] == {"place": "none", "time": "late", "help": "open"}
    assert results.meta["window"] == ["2024-01-03", "2024-01-12"]
    assert [part.heading for part in shown.parts] == [
        "What is lost",
        "Who goes short",
        "Service over time",
        "Crisis levels",
        "What follows",
        "Help from abroad",
        "Coverage by stocks",
        "Shut in",
    ]


def test_coverage_in_words() -> None:
    """The day on which the first home is cut stands in the answer."""
    assert texts(ask(cut_town(heat=0.0)))["who"].endswith(
        "Protected customers are cut after 3.0 days, from 6 January 2024."
    )


def test_what_is_not_in_use_changes_nothing() -> None:
    """An answer for an idle plant that shows noise of the solver is worse than none."""
    results = ask(lost=("spare",))
    assert (
        texts(results)["answer"]
        == "Nobody goes short and nothing changes: the plan does not need what is lost."
    )
    assert texts(results)["who"] == "All customers are served."
    assert (results["links.flow"]["flow"] == results["links.flow"]["flow_base"]).all()
    assert results.meta["pruned"]
    assert np.isnan(values(results)["protected_days"])


# ---- what is wrong with a question
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lost": ()}, "lost: name at least one element, such as the identifier of a link or an asset, or an event."),
        ({"days": 0}, "days: 0 is less than a day."),
        ({"share": 1.5}, "share: 1.5 is not between 0 and 1. All of it is 1."),
        ({"start": date(2025, 1, 3)}, "start: 2025-01-03 lies outside the case, 2024-01-01 to 2024-01-12."),
        ({"knows_duration": False, "belief": 0}, "belief: 0 is less than a day."),
        ({"reserve": -0.1}, "reserve: -0.1 is not between 0 and 1."),
        (
            {"place_rule": "own_first", "knows_duration": False},
            "place_rule: own_first looks at the whole outage; where its length is not known take cooperative.",
        ),
        ({"days": 0, "share": 2.0}, "days: 0 is less than a day.\nshare: 2 is not between 0 and 1. All of it is 1."),
    ],
)  # fmt: skip
def test_questions_that_make_no_sense(fields: dict[str, Any], message: str) -> None:
    """The message is all that somebody has who mistyped at night."""
    with pytest.raises(StudyError) as error:
        ask(**fields)
    assert str(error.value) == message


def test_an_unknown_element_gets_the_nearest_name() -> None:
    """Nobody knows 1,600 identifiers by heart."""
    with pytest.raises(KelisimError, match=r'"pip".*Did you mean "pipe"'):
        ask(lost=("pip",))
