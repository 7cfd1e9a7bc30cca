"""The page of an investment: what is built and why, what may come, what it would be worth to know."""

from __future__ import annotations

from collections import defaultdict

from kelisim.case.acts import targets
from kelisim.report.drawing import Map
from kelisim.report.figure import Figure
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, key_number, made_page, part
from kelisim.report.table import View, view
from kelisim.report.theme import QUIET
from kelisim.report.verdict_map import verdict_map
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies.investment.coming.outlooks import outlook_said
from kelisim.tolerances import SMALL_ENERGY, SMALL_MONEY

KEY = "investment"
LINE = 28  # letters of a name in a line of the figure
BUILT, LEFT = "licence", "judge"  # looks of links on the map: dark, amber
BARS = ("alone", "gain", "bare", "yearly")


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
        part(words, f"{KEY}.sets", _frontier(results, words), _sets(results, words)),
        *(
            part(words, f"{KEY}.{name}", *(one for one in views if one is not None))
            for name, views in (
                ("floors", (_floors(results, words),)),
                ("phases", (_phases(results, words), _stages(results, words))),
                ("near", (_near(results, words), _regrets(results, words))),
            )
            if any(one is not None for one in views)
        ),
        part(words, f"{KEY}.outlooks", _outlooks(results, words), _stops(results, words)),
        part(words, f"{KEY}.knowing", _knowing(results, words), _bounds(results, words)),
    ]
    drawn = _map(results, words)
    title = words.text(f"{KEY}.map.{'title' if drawn else 'none'}")
    return made_page(results, words, parts, _key_numbers(results, words), map=drawn, map_title=title)


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


def _sets(results: Results, words: Words) -> View | None:
    """Sets of projects by number, as in the figure."""
    rows = results["sets"]
    some = [_some(words, text) for text in rows["projects"]]
    yes = [words.text(f"{KEY}.{'yes' if best else 'no'}") for best in rows["best"]]
    named = rows.assign(number=range(1, len(rows) + 1), projects=some, best=yes)
    columns = "number:count, projects:text, saved:millions, capex:millions"
    columns += ", unserved:some_energy, best:text" if rows["unserved"].max() > SMALL_ENERGY else ""
    money = results.case.currency
    return view(words, named, f"{KEY}.sets", columns, told=False, currency=money)


def _some(words: Words, text: str) -> str:
    """Projects divided by ; in words."""
    return words.filled("{some:works}", {"some": text}) if text else words.text(f"{KEY}.sets.none")


def _phases(results: Results, words: Words) -> View | None:
    """From when each project is in service."""
    if "phases" not in results:
        return None
    columns = "project!u:work, since:text, earliest:text, sooner:millions, later:millions"
    return view(words, results["phases"], f"{KEY}.phases", columns, currency=results.case.currency)


def _floors(results: Results, words: Words) -> View | None:
    """What border regions have with their largest infrastructure out."""
    if "floors" not in results:
        return None
    columns = "region!u:region, before:share, plan:share, most:share"
    return view(words, results["floors"], f"{KEY}.floors", columns, told=False, most=MOST_ROWS)


def _stages(results: Results, words: Words) -> View | None:
    if "stages" not in results:
        return None
    rows = results["stages"]
    named = rows.assign(year=rows["year"].astype(str))
    columns = "year:text, demand:factor, " + ("tariffs:factor, " if (rows["tariffs"] != 1).any() else "")
    columns += "weight:share, capex:millions, saved:millions"
    return view(words, named, f"{KEY}.stages", columns, told=False, currency=results.case.currency)


def _near(results: Results, words: Words) -> View | None:
    """Plans that are nearly as good, by what is otherwise than in the plan."""
    if "near" not in results:
        return None
    rows = results["near"]
    named = rows.assign(**{name: [_some(words, text) for text in rows[name]] for name in ("more", "without")})
    columns = "rank:count, less:millions, more:text, without:text"
    return view(words, named, f"{KEY}.near", columns, told=False, currency=results.case.currency)


def _regrets(results: Results, words: Words) -> View | None:
    """Of each plan the outlook in which it is furthest from the best."""
    if "regrets" not in results:
        return None
    rows = results["regrets"]
    worst = rows.loc[rows.groupby("projects", sort=False)["regret"].idxmax()]
    outlook = [
        words.say(outlook_said(text)) if most > SMALL_MONEY else ""
        for text, most in zip(worst["outlook"], worst["most"], strict=True)
    ]
    named = worst.assign(projects=[_some(words, text) for text in worst["projects"]], outlook=outlook)
    columns = "projects!u:text, most:millions, outlook!u:text"
    return view(words, named, f"{KEY}.regrets", columns, told=False, currency=results.case.currency)


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


def _stops(results: Results, words: Words) -> View | None:
    """What rules of trade stop in the outlooks that have some."""
    if "stops" not in results:
        return None
    rows = results["stops"]
    named = rows.assign(outlook=[words.say(outlook_said(text)) for text in rows["outlook"]])
    return view(
        words,
        named,
        f"{KEY}.stops",
        "outlook!u:text, element!u:element, share:share",
        most=MOST_ROWS,
        told=False,
    )


def _knowing(results: Results, words: Words) -> View | None:
    rows = results["knowing"]
    named = rows.assign(measure=[words.text(f"{KEY}.measure_{name}") for name in rows["measure"]])
    return view(words, named, f"{KEY}.knowing", "measure:text, cost:millions", currency=results.case.currency)


def _bounds(results: Results, words: Words) -> View | None:
    columns = "round:count, lower:millions, upper:millions, cuts:count"
    money = results.case.currency
    return view(words, results["bounds"], f"{KEY}.bounds", columns, told=False, currency=money)


def _gains(results: Results, words: Words) -> Figure | None:
    """Of each project what it gains put in beside none and beside the rest of the plan, and what it costs."""
    rows = results["projects"]
    bars = [bar for bar in BARS if bar != "bare" or (rows["energy"] > 0).any()]
    largest = float(rows[bars].abs().to_numpy().max())
    if not largest > 0:
        return None
    size, unit = words.money_unit(largest)
    names = [words.text(f"{KEY}.work", project=project) for project in rows["project"]]
    made = Figure(words.text(f"{KEY}.projects.figure"), 170 + 20 * len(bars) * len(names))
    made.across(unit).up(names=names)
    for column in bars:
        made.bars(words.text(f"{KEY}.bar_{column}"), rows[column] / size)
    return made


def _frontier(results: Results, words: Words) -> Figure | None:
    """What sets of projects save and leave unserved; a line joins those than which none is better in both."""
    rows = results["sets"].assign(number=range(1, len(results["sets"]) + 1))
    short = rows["unserved"]
    if len(rows) < 2 or short.max() - short.min() <= SMALL_ENERGY:
        return None
    size, unit = words.money_unit(float(rows["saved"].abs().max()))
    power, of_energy = next(
        (factor, name)
        for factor, name in ((1e6, "TWh"), (1e3, "GWh"), (1.0, "MWh"))
        if short.max() >= factor or factor == 1.0
    )
    made = Figure(words.text(f"{KEY}.sets.figure"), 380)
    made.across(words.text(f"{KEY}.sets.across", unit=of_energy)).up(words.text(f"{KEY}.sets.up", unit=unit))
    best = rows[rows["best"]].sort_values(["unserved", "saved"])
    made.line(words.text(f"{KEY}.sets.line"), best["unserved"] / power, best["saved"] / size, QUIET)
    for is_plan, key, symbol in ((False, "other", "circle"), (True, "plan", "diamond")):
        own = rows[(rows["built"] == is_plan).to_numpy()]
        where = own["unserved"] / power, own["saved"] / size
        look = {"symbol": symbol, "size": 14 if is_plan else 9, "texts": own["number"].astype(str)}
        made.dots(words.text(f"{KEY}.sets.{key}"), *where, **look)
    return made


def _map(results: Results, words: Words) -> Map | None:
    """Links of the projects, dark where they are built and amber where they are left out; plants at their places."""
    case, rows = results.case, results["projects"]
    builds = dict(case.table("projects")[["project", "builds"]].itertuples(index=False))
    place = dict(case.table("assets")[["asset", "place"]].itertuples(index=False))
    place |= dict(case.table("storages")[["storage", "place"]].itertuples(index=False))
    links: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    plants: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows.sort_values("built", kind="stable").itertuples(index=False):
        look = BUILT if row.built else LEFT
        told = (
            words.text(f"{KEY}.map.{'built' if row.built else 'left'}"),
            words.text(f"{KEY}.work", project=row.project),
        )
        for cell in targets(builds[row.project], "never"):
            if cell.table == "links":
                links[cell.element] = (look, [*links.get(cell.element, ("", []))[1], told])
            elif cell.element in place:
                plants[place[cell.element]].append(told)
    return verdict_map(words, links, f"{KEY}.map", words.text(f"{KEY}.map.title"), plants)
