"""The backcast: scores, and the test that finds observations which only repeat an input."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.io import write
from kelisim.results.observations import terms
from kelisim.results.results import Results
from kelisim.results.schema import undeclared
from kelisim.studies import run
from kelisim.studies.backcast.moves import PRICES, QUANTITIES, quantity_moves, scaled
from kelisim.studies.backcast.study import Backcast
from kelisim.studies.conformance import check_study
from tests.cases.make import AB, make
from tests.cases.reference import reference, reference_engine
from tests.cases.two_fields import two_fields
from tests.conftest import Command

SENTENCE = "The median error of the 1 observation that no input decides is 4.7 %; 100 % of them are within 25 % of what was measured."


def backcast(case: Case, **fields: object) -> Results:
    """The study, without the cache."""
    return run("backcast", Engine(case, cache=False), **fields)


def test_conforms() -> None:
    """The same answer twice, units for every number, the case unchanged."""
    check_study(Backcast(), two_fields())


def test_every_table_is_described() -> None:
    """A column without a description is a riddle for whoever gets the workbook."""
    results = backcast(two_fields())
    assert [line for name in results for line in undeclared("backcast", name, results[name])] == []


def test_an_observation_that_repeats_an_input_is_no_test() -> None:
    """The cheap field makes what its capacity says: its row proves nothing, whatever its label."""
    results = run("backcast", Engine(two_fields(), cache=False))
    inputs = results["observations.input"].set_index("observation")
    assert inputs["follows"].to_dict() == {"full": "assets", "used": "demand"}
    assert inputs["label"].to_dict() == {"full": "yes", "used": "partly"}
    assert inputs["formula"].to_dict() == {"full": "57.6 assets cheap", "used": ""}
    (row,) = results["observations.independent"].to_dict("records")
    assert (row["observation"], row["follows"], row["moved_by"]) == ("rest", "", "markets: natural_gas")
    assert row["formula"] == "77.8 demand b:natural_gas - 57.6 assets cheap - 14.4 markets near"
    assert row["model"] == pytest.approx(4 * 1.44)
    assert row["error"] == pytest.approx(4 * 1.44 / 5.5 - 1)
    scores = results["scores"].set_index(["test", "part"])["rows"]
    assert scores[("yes", "all")] == 1 and scores[("yes", "labelled")] == 2


def test_elasticities_by_hand() -> None:
    """5 % of 40 MW are 2 of the dear field's 4: it falls by 10 percent per percent of assets, and rises with demand."""
    results = run("backcast", Engine(two_fields(), cache=False))
    found = results["observations.elasticity"].set_index(["observation", "table"])
    assert found.loc[("full", "assets")].to_list() == pytest.approx([1, 1])
    assert found.loc[("rest", "assets")].to_list() == pytest.approx([-40 / 4] * 2)
    assert found.loc[("rest", "demand")].to_list() == pytest.approx([54 / 4] * 2)
    assert found.loc[("rest", "assets + demand")].to_list() == pytest.approx([14 / 4] * 2)
    assert found.loc[("rest", "links")].to_list() == pytest.approx([0, 0], abs=1e-9)
    (moved,) = results["observations.prices"].to_dict("records")
    assert moved["downward"] == pytest.approx(-1.0) and moved["upward"] == pytest.approx(0.0)


STORE = """
    storage, place, carrier,     working_capacity, unit, withdrawal, rate_unit, withdrawal_curve, level_start, level_end
    cavern,  b,     natural_gas, 2.88,             GWh,  7.1,        MW,        0:0.31;0.4:1,     0.5,         0
"""


def test_a_move_that_changes_the_matrix_is_solved_anew() -> None:
    """The curve of a store stands in the matrix, and differs in its last digit. By hand: of 5.76 GWh of the dear field the store gives 1.44, half of what it holds; 5 % more
    of it are 0.072 of 4.32 GWh, a third of 5 %."""
    engine = Engine(two_fields(storages=STORE), cache=False)
    moves = {move.tables: move for move in quantity_moves(engine, 0.05) if move.sign > 0}
    assert moves["storages",].delta is None and moves["links", "storages"].delta is None
    assert moves["links",].delta is not None
    found = run("backcast", engine)["observations.elasticity"].set_index(["observation", "table"])
    assert found.loc[("rest", "storages")].to_list() == pytest.approx([-1 / 3] * 2)
    assert found.loc[("rest", "links + storages")].to_list() == pytest.approx([-1 / 3] * 2)


def test_what_follows_two_tables_together_is_no_test() -> None:
    """Without what comes from near and far the rest is demand less capacity: no single table moves it one to one, two do."""
    case = two_fields()
    alone = case.with_table("markets", case.table("markets").iloc[:0])
    rows = backcast(alone)["observations.input"].set_index("observation")
    assert rows.at["rest", "follows"] == "assets + demand" and rows.at["rest", "moved_by"] == ""
    assert rows.at["rest", "formula"] == "77.8 demand b:natural_gas - 57.6 assets cheap"


def test_a_row_that_counted_stays_in_the_score() -> None:
    """A change of the case must not get rid of a row that it makes worse."""
    case = two_fields()
    rows = case.table("observations")
    kept = case.with_table("observations", rows.assign(counted=rows["observation"] == "full"))
    results = backcast(kept)
    assert set(results["observations.independent"]["observation"]) == {"full", "rest"}
    assert results["observations.independent"].set_index("observation").at["full", "follows"] == "assets"


def test_a_series_counts_once_and_its_months_apart() -> None:
    """A level that is right with months that are wrong is told as both."""
    days = {"2024-01": 31, "2024-02": 29, "2024-03": 31}
    months = "\n".join(
        f"m{month[-1]}, dear, {month}, {4 * 0.024 * days[month] * off}, GWh, part_of_2024, assets.total.activity:dear, yes"
        for month, off in zip(days, (1.0, 0.5, 1.5), strict=True)
    )
    total = sum(4 * 0.024 * count for count in days.values())
    whole = f"all, dear, 2024-01..2024-03, {total / 1.25}, GWh, base_2024, assets.total.activity:dear, yes"
    results = backcast(two_fields(f"{months}\n{whole}", months=3))
    (row,) = results["observations.series"].to_dict("records")
    assert (row["series"], row["observations"], row["months"]) == ("all", 4, 3)
    assert row["level_error"] == pytest.approx(0.25)
    # the observed shares are those of the model times 1, 0.5 and 1.5, over a sum of 31 + 14.5 + 46.5 = 92 days
    assert row["change_error"] == pytest.approx(abs(92 / 91 / 1.5 - 1))
    scores = results["scores"].set_index(["test", "part"])
    assert scores.at[("yes", "levels"), "rows"] == 1 == scores.at[("yes", "changes"), "rows"]


def test_labels_stand_where_nothing_is_moved() -> None:
    """Whoever has no time for the solves sees the labels of the case, and no column that pretends more."""
    results = run("backcast", Engine(two_fields(), cache=False), follow=False)
    assert set(results["observations.independent"]["observation"]) == {"full", "rest"}
    assert "observations.elasticity" not in results
    assert (results["observations.independent"]["follows"] == "").all()


def test_scaling_moves_bounds_and_nothing_else() -> None:
    """A price that moved with the capacity would change the order of costs, not the input."""
    case = two_fields()
    changed = case.diff(scaled(case, "assets", 1.05))
    assert set(changed["column"]) == {"capacity"} and set(changed["table"]) == {"assets"}
    assert (changed["there"] / changed["here"]).tolist() == pytest.approx([1.05] * 2)


def test_every_moved_column_is_in_the_schema() -> None:
    """A renamed column would silently leave its table unmoved."""
    case = reference()
    for table, columns in QUANTITIES.items():
        assert set(columns) <= set(case.table(table).columns)
    for table, (of, columns) in PRICES.items():
        assert {of, *columns} <= set(case.table(table).columns)


@pytest.mark.parametrize(
    ("case", "fields", "message"),
    [
        (two_fields, {"by": 0.7}, "--by: 0.7 is not a share between 0 and 0.5."),
        (two_fields, {"price_by": 0.0}, "--price-by: 0 is not a share between 0 and 0.5."),
        (partial(make, places=AB), {}, 'The case "tiny" has no observations to hold against the year.'),
    ],
)
def test_what_cannot_be_asked(case: Callable[[], Case], fields: dict[str, float], message: str) -> None:
    """The message says what to change."""
    with pytest.raises(StudyError) as caught:
        backcast(case(), **fields)
    assert str(caught.value) == message


# ---- the reference case
@pytest.fixture(scope="module")
def reference_year() -> Results:
    """The shipped case in months, with the labels of its observations."""
    return run("backcast", reference_engine(), follow=False)


def test_every_observation_of_the_reference_case_is_somewhere(reference_year: Results) -> None:
    """All rows go in; each comes out once, compared or with a reason."""
    parts = ("independent", "partly", "input", "left_out")
    names = [name for part in parts for name in reference_year[f"observations.{part}"]["observation"]]
    assert sorted(names) == sorted(reference_year.case.table("observations")["observation"])
    assert (reference_year["observations.left_out"]["reason"] != "").all()


def test_the_reference_year_is_near_what_was_measured(reference_year: Results) -> None:
    """A change of the case that makes it worse must not pass unseen."""
    scores = reference_year["scores"].set_index(["test", "part"])
    for part in ("all", "basins"):  # labels follow the machine test: what repeats an input is no test
        assert scores.at[("yes", part), "median_error"] <= 0.15
        assert scores.at[("yes", part), "within_quarter"] >= 0.60
    parts = [reference_year[f"observations.{part}"] for part in ("independent", "partly", "input")]
    rows = pd.concat(parts).set_index("observation")
    coal, gas = rows.at["el_flow_151", "model"] / 1000, rows.at["el_flow_152", "model"] / 1000
    assert 62 <= coal <= 78 and 22 <= gas <= 36
    assert abs(rows.at["oil_f_035", "error"]) <= 0.10, "CPC"
    assert (rows.loc[["oil_f_073", "oil_f_086", "oil_f_087"], "error"].abs() <= 0.40).all(), (
        "Samara and Aktau"
    )


def test_no_route_is_limited_by_its_own_volume() -> None:
    """A backcast whose limit is the observation proves nothing."""
    case = reference()
    observations = case.table("observations")
    rows = observations[(observations["independent"] == "yes") & (observations["use"] == "base_2024")]
    links = case.table("links").set_index("link")
    contracts = case.table("contracts")
    pinned = []
    for row in rows.itertuples():
        for term in terms(row.compare_with):
            if term.table != "links.total":
                continue
            (link,) = term.key
            over = contracts[contracts["over"].str.split(";").map(lambda words, link=link: words == [link])]
            limits = [links.at[link, "capacity"], links.at[link, "capacity_back"], *over["annual_quantity"]]
            pinned += [row.observation for limit in limits if limit == row.value]
    assert pinned == []


def test_least_shares_of_the_reference_case_have_a_price() -> None:
    """A minimum without a price makes a disruption without an answer."""
    assets = reference().table("assets")
    held = assets[assets["min_share"] > 0]
    assert len(held) > 10 and (held["min_price"] > 0).all()


def test_command_line(cli: Command, tmp_path: object) -> None:
    """The scores stand on the screen and in the JSON."""
    write(two_fields(), f"{tmp_path}/case")
    told = cli("run", "backcast", "case", "--out", "first")
    assert told.returncode == 0, told.stderr
    for text in (SENTENCE, "The model against what was measured", "An input itself", "follows"):
        assert text.lower() in told.stdout.replace("\n", " ").lower()
    data = json.loads(cli("run", "backcast", "case", "--json").stdout)
    assert {key: data["scores"][0][key] for key in ("test", "part", "rows")} == {
        "test": "yes",
        "part": "all",
        "rows": 1,
    }
    assert json.loads(cli("compare", "first", "--json").stdout)["scores"] == data["scores"]
    assert data["facts"][0]["text"] == SENTENCE
    again = cli("compare", "first").stdout
    assert SENTENCE in again and told.stdout[told.stdout.index("The model against") :].startswith(
        again[again.index("The model against") :].rstrip()
    )
