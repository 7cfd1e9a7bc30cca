"""What rules touch, how much of the plan that is, what keeping them costs, and a closed list of answers."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import pandas as pd
import pytest

from kelisim import catalog
from kelisim.compliance.exposure import Traced
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.report.markdown import markdown
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies.keeping_rules import ANSWERS
from kelisim.studies.pages import page_of
from kelisim.studies.study import create
from tests.cases.sanctioned import PARTS, sanctioned

MARGIN = 50.0 - 1.0  # price at the sea less the cost of the wells, for a MWh
LISTED_PART = 0.3 * 60.0  # MW of the wells
WEEK, DAY = 168.0, 24.0


@cache
def engine() -> Engine:
    return Engine(sanctioned(), cache=False)


@cache
def asked(**fields: object) -> Results:
    return create("sanctions", {"at": date(2024, 1, 3), "days": 7, **fields}).answer(engine())


def cost(results: Results, answer: str) -> float:
    return float(results["answers"].set_index("answer").at[answer, "cost"])


def test_volumes_lie_between_what_the_flows_allow() -> None:
    """The ship takes 60 of the 70 at the port, of which 30 are Russian: at least 20 and at most 30 of them."""
    rows = asked(answers=("stop",))["exposure"].set_index(["subject", "part"])
    hours = 30 * DAY
    assert rows.loc[("ship", "origin"), ["lowest", "highest"]].tolist() == pytest.approx(
        [20 * hours, 30 * hours]
    )
    assert rows.loc[("sale", "other"), ["lowest", "highest"]].tolist() == pytest.approx(
        [30 * hours, 40 * hours]
    )
    # nothing else mixes on the trunk
    assert rows.at[("oil", "whole"), "is_exact"] and rows.at[("oil", "whole"), "lowest"] == pytest.approx(
        30 * hours
    )
    # a price of 50 above a cap of 40
    assert rows.at[("ship", "origin"), "above_highest"] == pytest.approx(10 * 30 * hours)


def test_least_and_most_of_all_origins_enclose_the_flow() -> None:
    traced = Traced(Tables(engine().case, engine().base), "crude")
    for link, flow in (("trunk", 70.0), ("ship", 60.0), ("up", 40.0), ("local", 20.0)):
        ranges = [traced.on_flow(link, origin) for origin in ("KZ", "RU")]
        assert sum(low for low, _ in ranges) <= flow * 30 * DAY * (1 + 1e-9)
        assert sum(high for _, high in ranges) >= flow * 30 * DAY * (1 - 1e-9)
    assert traced.on_flow("up", "RU") == pytest.approx((0.0, 0.0))


def test_a_listed_owner_stops_his_part_until_the_licence_holds() -> None:
    """18 of 60 MW for three days, or for the whole week."""
    results = asked(about=("wells",), answers=("stop", "wait", "licence"), licence_days=2)
    assert cost(results, "wait") == pytest.approx(LISTED_PART * 3 * DAY * MARGIN)
    assert cost(results, "stop") == pytest.approx(LISTED_PART * WEEK * MARGIN)
    assert cost(results, "licence") == pytest.approx(LISTED_PART * 2 * DAY * MARGIN)
    assert results["stops"]["end"].tolist() == [pd.Timestamp(2024, 1, 5)]


def test_money_of_countries_adds_up_to_the_cost() -> None:
    results = asked(answers=ANSWERS, licence_days=4)
    whole = results["answers.countries"].groupby("answer")["loss"].sum()
    for answer in ANSWERS:
        assert whole[answer] == pytest.approx(cost(results, answer), rel=1e-6)
    owned = results["answers.companies"].set_index(["answer", "entity"])["change"]
    assert owned["stop", "venture"] == pytest.approx(-cost(results, "stop"))


def test_a_sale_needs_a_licence_of_its_own() -> None:
    """On 3 January no licence is in force; from 6 January one is, and says that it allows no sale."""
    told = [
        facts_of(asked(at=date(2024, 1, day), about=("wells",), answers=("sell_stake",), days=20)["facts"])[
            "sale"
        ]
        for day in (3, 6)
    ]
    assert [fact.say for fact in told] == ["sanctions.sale_needs", "sanctions.sale_barred"]
    assert told[1].places["licences"] == ["GL 1"]


def test_an_idle_way_that_no_rule_touches_takes_what_may_go() -> None:
    """The oil of the listed owner leaves 40 of 70 MW on the trunk; the idle pipe takes what is left of the wells."""
    results = asked(answers=("stop", "other_route"))
    assert cost(results, "stop") == pytest.approx(30.0 * WEEK * MARGIN)
    assert cost(results, "other_route") == pytest.approx(LISTED_PART * WEEK * MARGIN)


def test_a_discount_is_a_scenario_beside_the_answers() -> None:
    """A tenth less for 60 MW at the sea, all week."""
    results = asked(about=("sale",), answers=("stop",), discount=0.1)
    assert results["stops"].empty
    assert cost(results, "stop") == pytest.approx(0.1 * 50.0 * 60.0 * WEEK)


SERVICES = """
        no_service,  Services,   US,        service,     services,    prohibit,  ,      ,        2024-01-03, ,          named,          crude,    ,        KZ,        A
"""  # fmt: skip
PACT = """
    contract, name, kind,    seller,   buyer, carrier, daily_max, daily_unit, over
    pact,     Pact, balance, Home company, Buyer, crude, 40,        MW,         up
"""


def test_lost_services_and_payments_are_scenarios_too() -> None:
    """Half of the wells without services: 30 MW; a contract that nobody can pay for: its 40 MW."""
    case = sanctioned(restrictions=PARTS["restrictions"] + SERVICES.strip("\n"), contracts=PACT)
    engine = Engine(case, cache=False)
    fields = {
        "at": date(2024, 1, 3),
        "days": 7,
        "about": ("wells",),
        "answers": ("wait",),
        "since": date(2024, 1, 4),
    }

    def costs(**more: object) -> float:
        return cost(create("sanctions", {**fields, **more}).answer(engine), "wait")

    assert costs(lost_services=0.5) == pytest.approx(30.0 * WEEK * MARGIN)
    assert costs(lost_payments=("pact",)) == pytest.approx(40.0 * WEEK * MARGIN)


def test_rules_of_former_years_are_in_the_plan_already() -> None:
    """A rule that began before the case stops nothing anew."""
    results = asked(since=date(2024, 1, 4))
    assert results["stops"].empty and "answers" not in results
    assert "no_stop" in facts_of(results["facts"])


def test_a_day_of_another_year_is_asked_of_the_plan_on_the_same_day() -> None:
    results = create("sanctions", {"at": date(2025, 1, 3), "days": 7}).answer(engine())
    assert results["stops"]["start"].min() == pd.Timestamp(2024, 1, 3)
    assert facts_of(results["facts"])["year"].say == "sanctions.other_year"
    # 28 days are left of the case
    told = facts_of(asked(days=29, about=("wells",), answers=("wait",))["facts"])
    assert told["shortened"].places["day"] == "2024-01-30"


# words of ways round a rule; an answer that had one of them would help to break the law
EVASION = (
    "hid",
    "conceal",
    "disguis",
    "relabel",
    "re-label",
    "rename",
    "blend",
    "reflag",
    "re-flag",
    "flag of",
    "another flag",
    "shell compan",
    "nominee",
    "straw",
    "front compan",
    "another bank",
    "other bank",
    "detour",
    "split the share",
    "below the threshold",
    "below 50",
    "restructur",
    "transship",
    "switch off",
    "false",
    "new certificate",
    "bypass",
    "circumvent",
)


def test_answers_are_a_closed_list_and_none_hides_anything() -> None:
    """What may be answered is in one tuple, each with one sentence, and the study takes no other."""
    assert ANSWERS == (
        "stop",
        "wait",
        "licence",
        "replace",
        "sell_stake",
        "store",
        "other_supplier",
        "other_route",
    )
    texts = catalog.texts(catalog.LANGUAGE)
    told = {key: text for key, text in texts.items() if key.startswith("sanctions.answer_")}
    assert set(told) == {f"sanctions.answer_{answer}" for answer in ANSWERS}
    found = [(key, word) for key, text in told.items() for word in EVASION if word in str(text).lower()]
    assert found == []
    with pytest.raises(StudyError, match="not known"):
        asked(answers=("blend",))


def test_the_page_names_no_way_round_a_rule() -> None:
    """All that is said and shown, with every answer asked for."""
    results = asked(answers=ANSWERS, licence_days=4)
    words = Words(results.case)
    told = markdown(page_of(results, words), results, words).lower()
    assert [word for word in EVASION if re.search(rf"\b{re.escape(word)}", told)] == []


def test_links_are_drawn_by_their_worst_verdict() -> None:
    """What a dealing sends over the trunk is prohibited, what the ship carries above a cap; nothing touches the other pipes."""
    results = asked(answers=("stop",))
    drawn = page_of(results, Words(results.case)).map
    assert drawn is not None
    looks = {one: drawn.svg.count(f'class="ln {one}"') for one in ("high", "mid", "low", "idle")}
    assert looks == {"high": 1, "mid": 1, "low": 0, "idle": 4}
    assert "Oil of the listed owner: trade, prohibited" in drawn.html
    # without a touched link there is none
    other = asked(about=("money",), days=0)
    assert page_of(other, Words(other.case)).map is None


def test_wrong_fields_are_all_told() -> None:
    with pytest.raises(StudyError) as error:
        asked(until=date(2023, 1, 1), days=-1, authorities=("UN",), about=("well",), sale_days=-2)
    told = str(error.value)
    assert (
        all(field in told for field in ("until", "days", "authorities", "about", "sale_days"))
        and '"wells"' in told
    )
