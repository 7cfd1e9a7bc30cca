"""A number is explained down to its sources, and its parts add up to it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import UserError
from kelisim.explain.cell import find, overview
from kelisim.explain.explain import explain
from kelisim.explain.tables import NUMBERS, TracedCell, keys_of
from kelisim.explain.text import number
from kelisim.explain.trace import Tracer
from kelisim.io import read
from kelisim.results.facts import Fact, facts_frame
from kelisim.results.results import Results
from kelisim.studies.balance.study import Balance
from tests.cases.make import AB, make
from tests.cases.reference import reference, reference_engine
from tests.cases.streams import through
from tests.conftest import Command

ROOT = Path(__file__).parents[2]
CELLS_OF_THE_REPORT = 10
SEED = 20240131


def pipe() -> Case:
    """b --200 MW, loss 10 %, 2 USD/MWh--> a: 65 MW wanted, 20 MW from a well at 5 USD/MWh, the rest from b at 10.

    45 MW arrive, so 50 MW are sent. Over two days: made 960 MWh, imported 2160 MWh, sent 2400 MWh, lost 240 MWh.
    The price at a is (10 + 2) / 0.9 = 13.333 USD/MWh: 10 at b, 2 tariff, 1.333 loss.
    """
    return make(
        places=AB,
        assets="""asset, name, kind, place, capacity, cost, source, confidence
                  well, Well, field, a, 20, 5, own words, C
                  field, Field, field, b, 100, 10, s_field; s_more, B""",
        asset_ports="""asset, carrier, ratio, source, confidence
                       well, natural_gas, 1, s_field, A
                       field, natural_gas, 1, s_field, A""",
        links="""link, carrier, from_place, to_place, capacity, tariff, loss, source, confidence, note
                 pipe, natural_gas, b, a, 200, 2, 0.1, s_pipe, A, as nominated""",
        demand="""place, carrier, customer_class, amount, source, confidence
                  a, natural_gas, industry, 570960, s_use, A""",
        sources="""source, title, publisher, date, url
                   s_field, Fields of the year, Ministry, 2024-02, https://example.org/fields
                   s_more, More fields, Press, 2024, https://example.org/more
                   s_pipe, Pipes, Operator, 2023, https://example.org/pipes
                   s_use, Use, Statistics, 2025, https://example.org/use""",
    )


@pytest.fixture(scope="module")
def small() -> Results:
    """The balance of the pipe."""
    return Balance().run(Engine(pipe(), cache=False))


@pytest.fixture(scope="module")
def year() -> Results:
    """The balance of the reference case by months."""
    return Balance().run(reference_engine())


def test_imports_lead_to_the_pipe_and_its_source(small: Results) -> None:
    """Who doubts an import must see the link, its row and who says so."""
    told = explain(small, "carriers.balance", "KZ,natural_gas:imported")
    assert told.value == pytest.approx(2160)
    assert [(part.table, part.cell, round(part.contribution)) for part in told.parts] == [
        ("links.total", "pipe:forward", 2160)
    ]
    assert told.parts[0].value == pytest.approx(2400)
    [row] = [row for row in told.behind if row.table == "links"]
    assert (row.key, row.cells["capacity"], row.cells["loss"], row.grade) == ("pipe", "200 MW", "0.1", "A")
    assert row.note == "as nominated"
    [source] = told.sources
    assert (source.title, source.publisher, source.date) == ("Pipes", "Operator", "2023")
    assert source.url == "https://example.org/pipes" and source.known
    assert told.grades == {"A": 1.0, "B": 0.0, "C": 0.0, "": 0.0}


def test_what_is_made_counts_the_weakest_row_on_its_way(small: Results) -> None:
    """An official ratio does not make an estimated capacity better."""
    here = explain(small, "key_figures", "KZ,natural_gas:made")
    there = explain(small, "key_figures", "RU,natural_gas:made")
    whole = explain(small, "key_figures", "all,natural_gas:made")
    assert here.c_share == 1.0 and there.grades["B"] == 1.0
    assert whole.c_share == pytest.approx(960 / 3360)
    assert [source.source for source in here.sources if not source.known] == ["own words"]


def test_price_is_traced_to_the_cost_of_the_field(small: Results) -> None:
    """A price that nobody can take apart will not be believed."""
    told = explain(small, "places.price", "a,natural_gas,2024-01-01:price")
    assert told.value == pytest.approx(12 / 0.9)
    given = {part.cell or part.what: part.contribution for part in told.parts}
    assert given == pytest.approx(
        {"b,natural_gas,2024-01-01:price": 10.0, "tariff of pipe": 2.0, "loss on pipe": 12 / 0.9 - 12}
    )
    assert told.grades["B"] == pytest.approx(0.75) and told.grades["A"] == pytest.approx(0.25)
    assert {row.key for row in told.behind if row.table != "places"} == {"field", "pipe"}


def test_costs_and_mix_add_up_by_hand(small: Results) -> None:
    """A cost or an origin is the sum of what its elements give."""
    transport = explain(small, "costs", "transport:amount")
    supply = explain(small, "costs", "supply_and_conversion:amount")
    mix = explain(small, "mix", "a,natural_gas,b:energy")
    assert transport.value == pytest.approx(4800) and transport.parts[0].cell == "pipe:cost"
    assert {p.cell: p.contribution for p in supply.parts} == pytest.approx(
        {"field:cost": 24000, "well:cost": 4800}
    )
    assert mix.value == pytest.approx(2160) and mix.parts[0].cell == "field,natural_gas:energy"


def test_words_in_any_order_and_part_of_a_date(small: Results) -> None:
    """Who types what he reads off the page must not have to know the order of the keys."""
    assert find(small, "carriers.balance", "natural_gas,KZ:made") == find(
        small, "carriers.balance", "KZ,natural_gas:made"
    )
    assert find(small, "places.price", "a,natural_gas,2024-01-02:price")[0] == 1
    assert find(small, "carriers.balance", "KZ:made")[0] == 0


@pytest.mark.parametrize(
    ("table", "cell", "message"),
    [
        ("links.totl", "pipe:net", 'The results of balance have no table "links.totl". Did you mean "links.total"? Known:'),
        ("links.total", "pipo:net", 'links.total has no row "pipo": no link "pipo" fits. Did you mean "pipe"?'),
        ("links.total", "pipe:nett", 'links.total has no column "nett". Did you mean "net"? Columns: forward, back, net,'),
        ("links.total", "pipe", '"pipe" names no column. Write link:COLUMN, such as pipe:forward. Columns: forward,'),
        ("links.total", "pipe:kind", '"kind" of links.total is no number. Numbers: forward, back, net,'),
        ("places.balance", "natural_gas:made", "2 rows of places.balance fit. Name also place: a, b."),
    ],
)  # fmt: skip
def test_wrong_words_are_answered_with_the_right_ones(
    small: Results, table: str, cell: str, message: str
) -> None:
    """A newcomer finds the cell by being corrected, not by reading code."""
    with pytest.raises(UserError) as error:
        explain(small, table, cell)
    assert str(error.value).startswith(message)


def test_a_zero_says_which_rows_give_nothing(small: Results) -> None:
    """Zero is a number too: without its rows it looks like a hole."""
    told = explain(small, "carriers.balance", "KZ,natural_gas:unserved")
    assert told.value == 0.0 and {row.key for row in told.behind} >= {"a,natural_gas,industry"}
    nothing = explain(small, "places.balance", "a,natural_gas:stored")
    assert nothing.notes[0] == "There is no row that could give anything to it."
    assert [row.key for row in nothing.behind] == ["a"]


def test_limits_with_a_price_are_named() -> None:
    """A number that a full pipe decides must say so."""
    case = make(
        places=AB,
        assets="asset, kind, place, capacity, cost\nfield, field, b, 100, 10\nwell, field, a, 100, 30",
        asset_ports="asset, carrier, ratio\nfield, natural_gas, 1\nwell, natural_gas, 1",
        links="link, carrier, from_place, to_place, capacity, tariff\npipe, natural_gas, b, a, 40, 2",
        demand="place, carrier, customer_class, amount\na, natural_gas, industry, 570960",
    )
    told = explain(Balance().run(Engine(case, cache=False)), "links.total", "pipe:forward")
    [limit] = told.limits
    assert (limit.table, limit.element) == ("links", "pipe")
    assert limit.shadow_price == pytest.approx(18) and limit.value == pytest.approx(18 * 40 * 48)
    assert "one more MWh saves 18.0 USD" in told.to_text()


@pytest.mark.parametrize("which", ["two_sides", "streams", "reference"])
def test_parts_and_leaves_add_up_to_the_number(which: str, year: Results) -> None:
    """Parts that miss the number, or a trace that loses some on its way, explain another number."""
    results, most = year, 1
    if which == "two_sides":
        results = Balance().run(Engine(read(ROOT / "tests/cases/two_sides").at_step("1mo"), cache=False))
        most = 3
    if which == "streams":
        results, most = Balance().run(Engine(through(), cache=False)), 3
    chance = random.Random(SEED)
    tracer = Tracer(results)
    tried = 0
    for table in results.names:
        frame = results[table]
        for column in [name for name in frame.columns if frame[name].dtype.kind in NUMBERS]:
            for at in chance.sample(range(len(frame)), min(len(frame), most)):
                value = float(frame[column].iloc[at])
                if pd.isna(value):
                    continue
                cell = TracedCell(table, at, column)
                parts, _ = tracer.parts(cell)
                leaves = tracer.leaves(cell)
                size = max([abs(value), *(abs(part.contribution) for part in parts)])
                room = 1e-6 * size + 1e-3
                given = sum(part.contribution for part in parts)
                assert not parts or given == pytest.approx(value, abs=room), (table, at, column)
                assert sum(leaf.contribution for leaf in leaves) == pytest.approx(value, abs=room), (
                    table,
                    at,
                    column,
                )
                tried += 1
    assert tried > 80


def test_ten_cells_of_the_report_reach_a_source(year: Results) -> None:
    """A number of the report that leads to no source cannot be defended."""
    chance = random.Random(SEED)
    shown = [
        "key_figures", "carriers.balance", "links.total", "assets.total", "demand.total", "markets.total", "bottlenecks",
        "resources.total", "contracts.total", "mix", "costs", "storages.total",
    ]  # fmt: skip
    for table in chance.sample(shown, CELLS_OF_THE_REPORT):
        frame = year[table]
        numbers = [name for name in frame.columns if frame[name].dtype.kind in NUMBERS]
        column = chance.choice([name for name in numbers if (frame[name].abs() > 1e-3).any()])
        there = [at for at in range(len(frame)) if abs(frame[column].iloc[at]) > 1e-3]
        row = frame.iloc[chance.choice(there)]
        cell = ",".join(str(row[key]) for key in keys_of(year, table)) + f":{column}"
        told = explain(year, table, cell)
        known = [source for source in told.sources if source.known]
        assert known and all(source.title for source in known), (table, cell)
        assert sum(told.grades.values()) == pytest.approx(1.0), (table, cell)
        assert told.to_text() and json.dumps(told.to_dict(), allow_nan=False)


def test_every_row_of_the_reference_case_has_a_source_in_its_table() -> None:
    """An identifier that leads nowhere is a source that nobody can look up."""
    case = reference()
    known = set(case.table("sources")["source"])
    lost = [
        f"{name} {label}: {word.strip() or 'none'}"
        for name, frame in case.tables.items()
        if "source" in frame.columns and name != "sources"
        for label, words in frame["source"].items()
        for word in str(words).split(";")
        if word.strip() not in known
    ]
    assert lost == []


def test_tables_that_nobody_described_are_explained_by_their_words(small: Results) -> None:
    """A new study must not wait for this command to learn its tables."""
    frame = pd.DataFrame({"link": ["pipe", "pipe"], "lost": ["x", "y"], "energy": [1.0, 2.0]})
    results = Results(
        "other", {"depth": 2}, small.case, {"links.risk": frame}, {"links.risk": {"energy": "MWh"}}
    )
    told = explain(results, "links.risk", "pipe,y:energy")
    assert (told.value, told.unit, told.made_by["study"], told.made_by["fields"]) == (
        2.0,
        "MWh",
        "other",
        {"depth": 2},
    )
    assert [row.key for row in told.behind] == ["pipe"] and told.sources[0].title == "Pipes"
    assert told.notes[0].startswith("This table is in no tables.csv")


def test_command_prints_lists_and_json(
    small: Results, cli: Command, process: Command, tmp_path: Path
) -> None:
    """The command is what a ministry's analyst has; JSON is what other programs have."""
    small.save(tmp_path, "first")
    asked = cli("explain", "first", "carriers.balance", "KZ,natural_gas:imported", "--json")
    told = json.loads(asked.stdout)
    assert told["value"] == pytest.approx(2160) and told["parts"][0]["cell"] == "pipe:forward"
    text = cli("explain", "first", "carriers.balance", "KZ,natural_gas:imported").stdout
    assert text.startswith("carriers.balance KZ,natural_gas:imported = 2,160 MWh")
    assert "s_pipe: Pipes, Operator, 2023, https://example.org/pipes" in text
    assert "links.total pipe:forward" in cli("explain", "first").stdout
    assert overview(small, "links.total") == cli("explain", "first", "links.total").stdout.strip()
    wrong = process("explain", "first", "links.total", "pipo:net")
    assert wrong.returncode == 2 and 'Did you mean "pipe"?' in wrong.stderr


@pytest.mark.parametrize(
    ("value", "text"),
    [(542241487.6, "542,200,000"), (0.0, "0"), (0.44291, "0.4429"), (-1234.5, "-1,234"), (61.0, "61.00")],
)
def test_numbers_are_rounded_to_four_digits(value: float, text: str) -> None:
    """More digits than the data bear would pretend to know."""
    assert number(value) == text


def test_rows_are_found_by_what_the_keys_of_a_row_name(small: Results) -> None:
    """Most tables of studies are added up from nothing; their evidence is that of the elements in their keys."""
    pairs = pd.DataFrame(
        {"first": ["links:pipe"], "second": ["demand:a:natural_gas:industry"], "extra_cost": [1.0]}
    )
    facts = facts_frame(
        [Fact("lost", 2.0, "MWh", say="x", lost=["pipe"], of=Fact("", say="y", place="b"), days=3)]
    )
    results = Results(
        "contingency",
        {},
        small.case,
        {"pairs": pairs, "facts": facts},
        {"facts": {"value": "unit of the row"}},
    )
    two = explain(results, "pairs", "links:pipe,demand:a:natural_gas:industry:extra_cost")
    assert [f"{row.table} {row.key} {row.grade}" for row in two.behind] == [
        "links pipe A",
        "demand a,natural_gas,industry A",
    ]
    assert two.description.startswith("beyond the plan of the step")
    fact = explain(results, "facts", "lost:value")
    assert (fact.value, fact.unit, fact.row) == (2.0, "MWh", {"unit": "MWh", "days": 3})
    assert [(row.table, row.key) for row in fact.behind] == [("links", "pipe"), ("places", "b")]
    assert fact.grades["A"] == 1.0
