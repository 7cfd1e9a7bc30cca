"""Scores of observations beside the results: levels and changes apart, each series once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kelisim.errors import UserError
from kelisim.results.facts import Fact
from kelisim.results.observations import TESTS, Totals, beside, between, counterparts, framed
from kelisim.results.results import Results

NEAR = 0.25  # errors up to which a row counts as near
MONTHS = 3  # months of a series from which its changes are scored


def scores(rows: pd.DataFrame, pits: pd.DataFrame | None = None) -> pd.DataFrame:
    """Median absolute error and share within 25 %, by test, and by part for the tests.

    rows     of `beside`; where a column `label` differs from `test`, the rows as they were labelled are scored as well
    pits     table of `basins`; with it the tests are scored once more with their pits added up by basin
    returns  test, part (all, levels, changes, basins, labelled, A, B, C), rows, median_error, within_quarter
    """
    of = {test: rows[rows["test"] == test] for test in TESTS}
    mine = of["yes"]
    by_series = series(mine)
    parts = [("yes", "all", mine["error"])]
    parts += [("yes", part, by_series[f"{part[:-1]}_error"].dropna()) for part in ("levels", "changes")]
    if pits is not None and len(pits):
        single = set(", ".join(pits["observations"]).split(", "))
        alone = mine["error"][~mine["observation"].isin(single)]
        parts.append(("yes", "basins", pd.concat([alone, pits["error"]])))
    if "label" in rows and (rows["label"] != rows["test"]).any():
        parts.append(("yes", "labelled", rows["error"][rows["label"] == "yes"]))
    parts += [("yes", grade, mine["error"][mine["confidence"] == grade]) for grade in "ABC"]
    parts += [(test, "all", of[test]["error"]) for test in TESTS[1:]]
    # of no rows both are not a number
    found = [(test, part, len(e), e.abs().median(), (e.abs() <= NEAR).mean()) for test, part, e in parts]
    return pd.DataFrame(found, columns=["test", "part", "rows", "median_error", "within_quarter"])


def series(rows: pd.DataFrame) -> pd.DataFrame:
    """Observations of the same sum of results as one: how far its level is off, and how far its changes over the months.

    level   median absolute error of the rows with the longest period; of months all together, their sum
    change  median over the months of |share of the month in the model / observed share - 1|, from 3 months on

    rows     of `beside`
    returns  series, element, carrier, observations (how many), level_error, months, change_error
    """
    found = []
    for name, group in rows.groupby("series", sort=False):
        ends = [between(period) for period in group["period"]]
        days = np.array([(end - start).days for start, end in ends])
        is_month = (days >= 28) & (days <= 31)
        months, rest = group[is_month], group[~is_month]
        shown = {"series": name, "element": group["element"].iloc[0], "carrier": group["carrier"].iloc[0]}
        shown |= {"observations": len(group), "months": len(months), "change_error": np.nan}
        if len(months) >= MONTHS:
            share = [months[side] / months[side].sum() for side in ("model", "observed")]
            shown["change_error"] = float((share[0] / share[1] - 1.0).abs().median())
        if len(rest):
            longest = rest[days[~is_month] == days[~is_month].max()]
            shown["level_error"] = float(longest["error"].abs().median())
        else:
            shown["level_error"] = abs(months["model"].sum() / months["observed"].sum() - 1.0)
        found.append(shown)
    return framed(found, SERIES)


SERIES = ["series", "element", "carrier", "observations", "level_error", "months", "change_error"]


def basins(totals: Totals, rows: pd.DataFrame) -> pd.DataFrame:
    """Pits added up by basin, in heat content.

    Tonnes of different pits are not alike. A pit counts here with the factor of its `compare_with`, which turns tonnes of
    the carrier into tonnes of the pit, so that sums are energy. A basin is the region of the pits, a carrier not.

    returns  country, basin, pits, observations, energy_observed, energy_model (MWh), error
    """
    case = totals.case
    assets = case.table("assets").set_index("asset")
    places = case.table("places").set_index("place")
    wanted = counterparts(case)
    columns = ["country", "basin", "pits", "observations", "energy_observed", "energy_model"]
    parts = []
    for row in rows.itertuples(index=False):
        sum_of = wanted[row.observation][0]
        term = sum_of[0]
        single = len(sum_of) == 1 and (term.table, term.column) == ("assets.total", "activity")
        if not single or assets.at[term.key[0], "kind"] != "mine":
            continue
        place = places.loc[assets.at[term.key[0], "place"]]
        carrier = case.reference_carriers[term.key[0]]
        per = case.units.factor(row.unit, "energy", carrier) / term.factor
        basin = (place["country"], place["region"] or place["name"])
        values = (*basin, term.key[0], row.observation, row.observed * per, row.model * per)
        parts.append(dict(zip(columns, values, strict=True)))
    frame = (
        framed(parts, columns)
        .groupby(["country", "basin"], as_index=False)
        .agg({"pits": ", ".join, "observations": ", ".join, "energy_observed": "sum", "energy_model": "sum"})
    )
    frame["error"] = frame["energy_model"] / frame["energy_observed"] - 1.0
    return frame


def held_against_observations(results: Results) -> dict[str, pd.DataFrame]:
    """Scores and observations of a run, as `tables_of` gives them.

    A run that has these tables gives its own. Raises UserError where there is nothing to compare.
    """
    if "scores" in results:
        return {
            name: results[name] for name in results if name == "scores" or name.startswith("observations.")
        }
    if results.case.table("observations").empty:
        raise UserError(
            f'The case "{results.case.name}" has no observations. Name another run to compare with, or write what '
            "was measured into observations.csv."
        )
    missing = [name for name in ("links.total", "assets.total", "assets.ports") if name not in results]
    if missing:
        raise UserError(
            f"The run of {results.study} keeps no {missing[0]} to hold against observations; "
            "compare a run that keeps the totals of the year."
        )
    totals = Totals.of(results)
    found = beside(totals)
    return tables_of(totals, found.rows, found.left_out)


def tables_of(totals: Totals, rows: pd.DataFrame, left_out: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Scores, and the rows by test with the worst first."""
    by_test = {test: rows[rows["test"] == test] for test in TESTS}
    independent = basins(totals, by_test["yes"])
    return {
        "scores": scores(rows, independent),
        "observations.series": series(by_test["yes"]),
        "observations.independent": _worst_first(by_test["yes"]),
        "observations.partly": _worst_first(by_test["partly"]),
        "observations.input": _worst_first(by_test["input"]),
        "observations.basins": basins(totals, rows),
        "observations.left_out": left_out,
    }


def _worst_first(rows: pd.DataFrame) -> pd.DataFrame:
    order = rows["error"].abs().sort_values(ascending=False, kind="stable").index
    return rows.loc[order].reset_index(drop=True)


def facts_of_scores(tables: Mapping[str, pd.DataFrame]) -> list[Fact]:
    """What the tables of `tables_of` say."""
    score = tables["scores"].set_index(["test", "part"])
    tests, error, near = score.loc[("yes", "all"), ["rows", "median_error", "within_quarter"]]
    found = [Fact("median_error", error, "share", "observations.nothing_independent")]
    if tests:
        worst = tables["observations.independent"].iloc[0]
        seen = {name: worst[name] for name in ("element", "period", "observed", "model")} | {
            "of": worst["unit"]
        }
        found = [
            Fact("median_error", error, "share", "observations.independent_rows", rows=int(tests), near=near),
            Fact("worst_error", worst["error"], "share", "observations.farthest_off", **seen),
        ]
    partly, inputs = (int(score.at[(test, "all"), "rows"]) for test in ("partly", "input"))
    found.append(Fact("no_test", inputs, say="observations.no_test", partly=partly))
    left = len(tables["observations.left_out"])
    everything = int(tests) + partly + inputs + left
    return [*found, Fact("not_compared", left, say="observations.rows_left_out", all=everything)]
