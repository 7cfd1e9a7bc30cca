"""The page of an investment: what is built and why, what may come, what it would be worth to know."""

from __future__ import annotations

from textwrap import wrap

import plotly.graph_objects as go

from kelisim.report.page import KeyNumber, Page, key_number, made_page, part
from kelisim.report.table import View, view
from kelisim.report.theme import new_figure
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies.investment.outlooks import outlook_said
from kelisim.tolerances import SMALL_ENERGY

KEY = "investment"
LINE = 28  # letters of a name in a line of the figure


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    parts = [
        part(
            words,
            f"{KEY}.projects",
            _gains(results, words),
            _projects(results, words),
            _savings(results, words),
        ),
        part(words, f"{KEY}.outlooks", _outlooks(results, words)),
        part(words, f"{KEY}.knowing", _knowing(results, words), _bounds(results, words)),
    ]
    return made_page(results, words, parts, _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    facts = facts_of(results["facts"])
    return [
        key_number(words, f"{KEY}.key_{key}", value=facts[key].value)
        for key in ("saved", "unserved", "evpi")
        if key in facts
    ]


def _projects(results: Results, words: Words) -> View | None:
    rows, money = results["projects"], results.case.currency
    named = rows.assign(built=[words.text(f"{KEY}.{'yes' if built else 'no'}") for built in rows["built"]])
    columns = "project:work, built:text, gain:millions"
    columns += ", bare:millions" if (rows["energy"] > 0).any() else ""
    columns += ", yearly:millions, worth:millions, -most:millions"
    return view(words, named, f"{KEY}.projects", columns, currency=money)


def _savings(results: Results, words: Words) -> View | None:
    columns = "project:work, element!u:element, saved:millions"
    money = results.case.currency
    return view(words, results["savings"], f"{KEY}.savings", columns, told=False, currency=money)


def _outlooks(results: Results, words: Words) -> View | None:
    rows, money = results["outlooks"], results.case.currency
    projects = results["projects"]
    plan = set(projects["project"][projects["built"]])
    known = [
        words.text(f"{KEY}.outlooks.same")
        if set(filter(None, text.split(";"))) == plan
        else words.filled("{known:works}", {"known": text})
        for text in rows["known"]
    ]
    named = rows.assign(outlook=[words.say(outlook_said(text)) for text in rows["outlook"]], known=known)
    columns = "outlook!u:text, probability:share, saved:millions"
    if rows[["before", "unserved"]].to_numpy().max() > SMALL_ENERGY:
        columns += ", before:some_energy, unserved:some_energy"
    columns += ", regret:millions, known:text"
    return view(words, named, f"{KEY}.outlooks", columns, currency=money)


def _knowing(results: Results, words: Words) -> View | None:
    rows = results["knowing"]
    named = rows.assign(measure=[words.text(f"{KEY}.measure_{name}") for name in rows["measure"]])
    return view(words, named, f"{KEY}.knowing", "measure:text, cost:millions", currency=results.case.currency)


def _bounds(results: Results, words: Words) -> View | None:
    columns = "round:count, lower:millions, upper:millions, cuts:count"
    money = results.case.currency
    return view(words, results["bounds"], f"{KEY}.bounds", columns, told=False, currency=money)


def _gains(results: Results, words: Words) -> go.Figure | None:
    """Of each project what it gains in the plan, beside what it costs."""
    rows = results["projects"]
    largest = float(rows[["gain", "yearly"]].abs().to_numpy().max())
    if not largest > 0:
        return None
    size, unit = words.money_unit(largest)
    names = [
        "<br>".join(wrap(words.text(f"{KEY}.work", project=project), LINE)) for project in rows["project"]
    ]
    made = new_figure(words.text(f"{KEY}.projects.figure"), 150 + 45 * len(names))
    for column in ("gain", "yearly"):
        name = words.text(f"{KEY}.bar_{column}")
        made.add_bar(y=names, x=rows[column] / size, name=name, orientation="h")
    made.update_yaxes(autorange="reversed", automargin=True).update_xaxes(title=unit)
    return made
