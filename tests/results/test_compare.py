"""Results beside results, and results beside observations."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kelisim.case.case import Case
from kelisim.cli.on_runs import inputs_that_differ
from kelisim.engine import Engine
from kelisim.errors import CaseError, UserError
from kelisim.io import write
from kelisim.report.words import Words
from kelisim.results import compare, observations, scores
from kelisim.results.observations import BalanceTerm, Totals
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import page_of
from kelisim.studies.side_by_side import write_page
from tests.cases.cut_town import cut_town
from tests.cases.make import AB, make
from tests.conftest import Command

HEAD = "observation, element, period, value, unit, use, compare_with, independent\n"


MEAN = (3 * 744 + 8040) / 8784  # of the shape over the year
SENT = 54 / MEAN * 3 * 744 / 0.9, 54 / MEAN * 696 / 0.9  # MWh in January and February


def pipe(observations: str = "", capacity: float = 160, **more: str) -> Case:
    """A field in A, a pipe to B that loses a tenth, and a town that uses three times as much in January as in other months.

    field --(at most 200 MW)--> A ---- pipe ----> B: 54 MW on the mean of a year, 138.5 in January and 46.2 in other months
    """
    seen = more | ({"observations": HEAD + observations.strip()} if observations else {})
    return make(
        months=2,
        places=AB,
        assets="asset, kind, place, capacity, cost\nfield, field, a, 200, 5",
        asset_ports="asset, carrier, ratio\nfield, natural_gas, 1",
        links=f"""link, carrier, kind, from_place, to_place, capacity, tariff, loss
            pipe, natural_gas, pipeline, a, b, {capacity}, 1, 0.1""",
        demand="place, carrier, customer_class, amount, unit, profile\nb, natural_gas, household, 474.336, GWh, winter",
        profiles="profile, month, value"
        + "".join(f"\nwinter, {month}, {3 if month == 1 else 1}" for month in range(1, 13)),
        **seen,
    )


def balance(case: Case, series: bool = True) -> Results:
    """The solved case."""
    return run("balance", Engine(case, cache=False), series=series)


# ---- the words of an observation
def test_terms_of_a_sum() -> None:
    """A sign or a factor that is read wrongly turns an import into an export."""
    text = "- 2.5 * assets.total.activity:mine_a + links.total.back:line_b - assets.ports.energy:plant:natural_gas - 9.98"
    assert observations.terms(text) == (
        BalanceTerm(-2.5, "assets.total", "activity", ("mine_a",)),
        BalanceTerm(1.0, "links.total", "back", ("line_b",)),
        BalanceTerm(-1.0, "assets.ports", "energy", ("plant", "natural_gas")),
        BalanceTerm(-9.98),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("as the row of 2024", '"as the row of 2024" is not a term such as + 2 * links.total.forward:pipe'),
        (
            "links.total.net:a links.total.net:b",
            '"links.total.net:b" is not a term such as + 2 * links.total.forward:pipe',
        ),
        (
            "links.flow.flow:a",
            f'"links.flow" is not a table to compare with. Known: {", ".join(observations.KEYS)}',
        ),
        ("assets.ports.energy:a", '"a" is not a row of assets.ports, whose rows are asset:carrier'),
    ],
)
def test_words_that_are_no_sum(text: str, message: str) -> None:
    """A typing error must not pass as a shorter sum."""
    with pytest.raises(UserError) as caught:
        observations.terms(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("2024-Q3", "2024-07-01", "2024-10-01"),
        ("2024-H2", "2024-07-01", "2025-01-01"),
        ("2024-01..2024-10", "2024-01-01", "2024-11-01"),
        ("2024-11-15..2025-01-10", "2024-11-15", "2025-01-11"),
    ],
)
def test_periods(period: str, start: str, end: str) -> None:
    """A period read a month short is an error of eight percent nobody sees."""
    assert observations.between(period) == (pd.Timestamp(start), pd.Timestamp(end))


def test_a_period_nobody_can_read() -> None:
    """The message has the words of the row, not those of a library."""
    with pytest.raises(UserError, match='"last winter" is not a year, quarter, month or day'):
        observations.between("last winter")


def test_totals_of_a_year_of_a_part_and_of_a_day() -> None:
    """What B uses left A with a ninth more; ten days of January are 10/31 of the month."""
    totals = Totals.of(balance(pipe()))
    january, february = SENT
    ask = observations.terms("links.total.forward:pipe")
    assert totals.value(ask, "MWh") == pytest.approx(january + february)
    assert totals.value(ask, "MWh", "2024-01") == pytest.approx(january)
    assert totals.value(ask, "GWh", "2024-01-11..2024-01-20") == pytest.approx(january * 10 / 31 / 1000)
    assert totals.value(ask, "MWh", "2024-01-16..2024-02") == pytest.approx(january * 16 / 31 + february)
    assert totals.value(ask, "MW", "2024-02") == pytest.approx(february / 696), (
        "a rate is the mean over the period"
    )
    assert totals.value(observations.terms("links.total.back:pipe"), "MWh", "2024-01") == 0.0
    made = observations.terms("assets.total.activity:field - 100")
    assert totals.value(made, "MWh", "2024-01") == pytest.approx(january - 100 * 744 / 1440)
    port = observations.terms("- assets.ports.energy:field:natural_gas")
    assert totals.value(port, "MWh", "2024-02") == pytest.approx(-february)


def test_sales_of_a_month() -> None:
    """A buyer beyond B takes 60 MW at the most: what the pipe of 160 MW has left over after January's town, 144 - 138.5, and all 60 in February."""
    markets = "market, place, carrier, side, ceiling, price\nnear, b, natural_gas, buys, 60, 90"
    totals = Totals.of(balance(pipe(markets=markets)))
    ask = observations.terms("markets.total.taken:near")
    spare = 0.9 * 160 - 54 / MEAN * 3
    assert totals.value(ask, "MW", "2024-01") == pytest.approx(spare)
    assert totals.value(ask, "MWh", "2024-02") == pytest.approx(60 * 696)
    assert totals.value(ask, "MWh") == pytest.approx(spare * 744 + 60 * 696)


@pytest.mark.parametrize(
    ("words", "period", "message"),
    [
        ("links.total.forward:pipes", "", "the results have no links.total.forward:pipes"),
        ("links.total.froward:pipe", "", "the results have no links.total.froward:pipe"),
        (
            "links.total.forward:pipe",
            "2023-12..2024-01",
            "the period 2023-12..2024-01 does not lie within the horizon",
        ),
        (
            "carriers.balance.used:RU:natural_gas",
            "2024-01",
            "the results have no carriers.balance.used by step",
        ),
    ],
)
def test_what_the_results_do_not_have(words: str, period: str, message: str) -> None:
    """A row that cannot be compared must say why; 0 would be an answer."""
    with pytest.raises(UserError) as caught:
        Totals.of(balance(pipe())).value(observations.terms(words), "MWh", period)
    assert str(caught.value) == message


# ---- observations
SEEN = """
good, pipe, 2024-01..2024-02, 100, GWh, base_2024, links.total.forward:pipe, yes
lean, pipe, 2024-01, 60, GWh, part_of_2024, links.total.forward:pipe, partly
other, pipe, 2022, 60, GWh, other_year, as the row of 2024, yes
peak, pipe, 2024-01-10, 60, MW, peak_hour, , yes
none, pipe, 2024, 60, GWh, base_2024, , yes
late, pipe, 2024-01..2024-03, 60, GWh, part_of_2024, links.total.forward:pipe, yes
zero, pipe, 2024-01, 0, GWh, part_of_2024, links.total.forward:pipe, yes
"""


def test_observations_beside_the_model() -> None:
    """Every row is either compared or listed with its reason; none is lost."""
    found = observations.beside(Totals.of(balance(pipe(SEEN))))
    rows = found.rows.set_index("observation")
    assert rows["test"].to_dict() == {"good": "yes", "lean": "partly"}
    assert rows.at["good", "model"] == pytest.approx(sum(SENT) / 1000)
    assert rows.at["good", "error"] == pytest.approx(sum(SENT) / 1000 / 100 - 1)
    assert found.left_out.set_index("observation")["reason"].to_dict() == {
        "other": "other_year",
        "peak": "peak_hour",
        "none": "not_comparable",
        "late": "not_there",
        "zero": "nothing_observed",
    }
    details = found.left_out.set_index("observation")["detail"]
    assert details["late"] == "the period 2024-01..2024-03 does not lie within the horizon"


def test_wrong_words_stop_the_run_with_all_of_them() -> None:
    """A row with a typing error would drop out of the score."""
    wrong = "a, pipe, 2024, 1, GWh, base_2024, links.totl.net:pipe, yes\nb, pipe, 2024, 1, GWh, base_2024, pipe, yes"
    with pytest.raises(CaseError) as caught:
        observations.beside(Totals.of(balance(pipe(wrong))))
    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "compare_with"), (3, "compare_with")]


def test_scores() -> None:
    """Median of 10, 20 and 60 percent is 20; two of three are within 25."""
    rows = pd.DataFrame(
        {
            "observation": ["a", "b", "c", "d"], "test": ["yes", "yes", "yes", "partly"], "confidence": ["A", "B", "B", "A"],
            "error": [0.1, -0.2, 0.6, 0.0], "series": ["a", "a", "c", "d"], "period": ["2024"] * 4, "element": "", "carrier": "",
        }
    )  # fmt: skip
    found = scores.scores(rows).set_index(["test", "part"])
    assert found.loc[("yes", "all")].to_list() == pytest.approx([3, 0.2, 2 / 3])
    # a and b are one series, 15 percent off
    assert found.loc[("yes", "levels")].to_list() == pytest.approx([2, (0.15 + 0.6) / 2, 0.5])
    assert found.loc[("yes", "changes"), "rows"] == 0
    assert found.loc[("yes", "B")].to_list() == pytest.approx([2, 0.4, 0.5])
    assert found.loc[("partly", "all")].to_list() == pytest.approx([1, 0.0, 1.0])
    assert found.at[("input", "all"), "rows"] == 0


def test_pits_add_up_in_heat_content() -> None:
    """Pit two digs coal of half the heat content: what counts as 1 t of the carrier are 2 t of the pit.

    So 2 t of pit one and 2 t of pit two are 3 t of the carrier, not 4.
    """
    case = make(
        months=2,
        places="place, name, country, region\na, A, KZ, north\nb, B, KZ, north",
        assets="asset, kind, place, capacity, unit, cost\none, mine, a, 6, kt/year, 0\ntwo, mine, b, 6, kt/year, 0",
        asset_ports="asset, carrier, ratio\none, coal_low_ash, 1\ntwo, coal_low_ash, 1",
        links="link, carrier, kind, from_place, to_place, capacity\nrail, coal_low_ash, rail, b, a, 900",
        demand="place, carrier, customer_class, amount, unit\na, coal_low_ash, household, 12, kt",
        observations=HEAD
        + """first, one, 2024-01..2024-02, 2, kt, base_2024, assets.total.activity:one, yes
            second, two, 2024-01..2024-02, 2, kt, base_2024, 2 * assets.total.activity:two, yes
            both, both pits, 2024-01..2024-02, 3, kt, base_2024, assets.total.activity:one + assets.total.activity:two, yes""",
    )
    totals = Totals.of(balance(case))
    rows = observations.beside(totals).rows
    (basin,) = scores.basins(totals, rows).to_dict("records")
    heat = 5.972222 * 1000  # MWh per kt of the carrier
    assert (basin["basin"], basin["pits"], basin["observations"]) == ("north", "one, two", "first, second")
    assert basin["energy_observed"] == pytest.approx((2 + 2 / 2) * heat)
    assert basin["energy_model"] == pytest.approx(12 * 1440 / 8784 * heat)
    scored = scores.scores(rows, scores.basins(totals, rows)).set_index(["test", "part"])
    assert scored.at[("yes", "basins"), "rows"] == 2
    assert scored.at[("yes", "all"), "rows"] == 3


# ---- results beside results
def test_differences_the_largest_first() -> None:
    """With 60 MW instead of 160 the flow of January falls to 60, and homes in B go short."""
    first, second = balance(pipe()), balance(pipe(capacity=60))
    found = compare.differences(first, second)
    links = found["links.total"].set_index(["key", "column"])
    sent = [results["links.total"]["forward"].sum() for results in (first, second)]
    assert links.loc[("pipe", "forward"), ["first", "second"]].to_list() == pytest.approx(sent)
    assert links.at[("pipe", "forward"), "unit"] == "MWh"
    assert found["links.total"]["size"].is_monotonic_decreasing
    assert "b:natural_gas:household" in set(found["demand.total"]["key"])
    assert "demand.unserved" not in found, (
        "no row of it is in the first run: there is nothing to hold it against"
    )
    alone = compare.only(first, second)
    alone = alone[alone["table"] == "demand.unserved"]
    assert set(alone["side"]) == {"second"} and len(alone) == len(second["demand.unserved"])
    assert "names" not in found
    short = found["key_figures"].query("column == 'unserved'")
    assert set(short["unit"]) == {"bcm"}, "the unit of the row"


def test_the_same_run_has_no_differences() -> None:
    """A list of differences between equal runs sends people hunting."""
    assert compare.differences(balance(pipe()), balance(pipe())) == {}


def cut(lost: str, days: int = 4) -> Results:
    given = {"lost": (lost,), "start": date(2024, 1, 2), "days": days}
    return run("disruption", Engine(cut_town(days=12), cache=False), **given)


def test_two_studies_have_no_cell_of_an_absent_row() -> None:
    """A year beside a cut: a row that the year lacks was printed as a fall from or to nothing."""
    year = run("balance", Engine(cut_town(days=12), cache=False))
    first, second = year, cut("pipe")
    found = compare.differences(first, second)
    for name, cells in found.items():
        for results in (first, second):
            keys = compare._labels(
                results[name], compare._keys(compare._declared(name, first), first[name], second[name])[1]
            )
            assert set(cells["key"]) <= set(keys), name
    alone = compare.only(first, second)
    assert not set(map(tuple, alone[["table", "key"]].to_numpy())) & {
        (name, key) for name, cells in found.items() for key in cells["key"]
    }
    left = compare.not_compared(first, second).set_index("table")["why"]
    assert left["chain"] == "second" and left["links.total"] == "first" and left["demand.total"] == "days"
    assert len(found), "flows of the days that both have are compared"


def test_rows_of_one_side_are_named() -> None:
    """Who is cut in one answer only is what the reader looks for."""
    first, second = cut("pipe", days=8), cut("chp", days=8)
    alone = compare.only(first, second)
    rows = alone[alone["table"] == "demand.total"].groupby("side")["key"].agg(list)
    short = [{":".join(r) for r in one["demand.total"].iloc[:, :3].to_numpy()} for one in (first, second)]
    assert set(rows.get("first", [])) == short[0] - short[1]
    assert set(rows.get("second", [])) == short[1] - short[0]
    assert short[0] != short[1]


def test_two_cuts_give_a_page(tmp_path: Path) -> None:
    """What each says, what was asked otherwise, and numbers side by side; as a page and as a document."""
    runs = (cut("pipe", days=8), cut("chp", days=8))
    for name in ("both.html", "both.md"):
        text = write_page(tmp_path / name, runs, ("pipe", "plant"), inputs_that_differ(*runs)).read_text()
        first = [one.sentences[0] for one in (page_of(run_, Words(run_.case)) for run_ in runs)]
        for name_, sentence in zip(("pipe", "plant"), first, strict=True):
            assert f"{name_}: {sentence}" in text
        for word in (
            "Side by side",
            "What was asked otherwise",
            "Only in one of both",
            "Rows that only plant has",
        ):
            assert word in text, word
        assert not re.search(r"\bnan\b|\bNaT\b", re.sub(r"<script.*?</script>", "", text, flags=re.S))


def test_a_run_without_counterparts() -> None:
    """Whoever compares the wrong run is told which one to take."""
    with pytest.raises(UserError) as caught:
        scores.held_against_observations(Results("border", {}, pipe(SEEN), {}))
    assert str(caught.value) == (
        "The run of border keeps no links.total to hold against observations; compare a run that keeps the totals of the year."
    )
    with pytest.raises(UserError, match='The case "tiny" has no observations'):
        scores.held_against_observations(balance(pipe()))


def test_a_run_without_series_names_what_it_lacks() -> None:
    """Parts of the year need the tables by step."""
    left = scores.held_against_observations(balance(pipe(SEEN), series=False))["observations.left_out"]
    reasons = left.set_index("observation")["detail"]
    assert reasons["lean"] == "the run keeps no links.flow; run it with --series yes"


def test_command_line(cli: Command, process: Command, tmp_path: Path) -> None:
    """What an analyst types: one run against another, and one against what was measured."""
    for name, capacity in (("wide", 160), ("narrow", 60)):
        write(pipe(SEEN, capacity), tmp_path / f"case_{name}")
        done = cli("run", "balance", f"case_{name}", "--out", name)
        assert done.returncode == 0, done.stderr
    both = cli("compare", "wide", "narrow", "--table", "demand.total")
    assert "Inputs that differ: links 1." in both.stdout
    assert "b:natural_gas:household" in both.stdout and "links.total" not in both.stdout
    whole = cli("compare", "wide", "narrow")
    assert "Only in narrow: 1 row of demand.unserved: b:natural_gas:household:2024-01-01." in whole.stdout
    page = cli("compare", "wide", "narrow", "--out", "both.html")
    assert "Page: both.html" in page.stdout and (tmp_path / "both.html").is_file()
    measured = cli("compare", "wide")
    assert (
        "The model against what was measured" in measured.stdout and "Not compared: 5 of 7" in measured.stdout
    )
    wrong = process("compare", "wide", "narrow", "--table", "demand.totl")
    assert wrong.returncode == 2 and 'Did you mean "demand.total"?' in wrong.stderr
