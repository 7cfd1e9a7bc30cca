"""Page of sanctions: the day, its turns, what of the plan is touched, and lawful answers beside each other."""

from __future__ import annotations

import pandas as pd

from kelisim.report.bars import under_names
from kelisim.report.figure import Figure
from kelisim.report.page import KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import view
from kelisim.report.verdict_map import verdict_map
from kelisim.report.words import Words
from kelisim.results.facts import said
from kelisim.results.results import Results

KEY = "sanctions"
MOST_BARS = 16
NAME = 26  # signs of a name beside its bar
BAR, ROOM = 24, 120  # px: height of a bar, and of the rest of the figure
# from the worst to the mildest
COLOURS = {"prohibited": "#b3261e", "above_cap": "#d9822b", "judge": "#8c7ae6", "licence": "#2f7f79"}


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    parts = [*_day(results, words), *_answers(results, words), *_rest(results, words)]
    places = {"at": results.fields["at"]}
    title = words.text(f"{KEY}.map.title", **places)
    drawn = verdict_map(words, _on_links(results, words), f"{KEY}.map", title)
    title = title if drawn else words.text(f"{KEY}.map.none")
    return made_page(results, words, parts, _key_numbers(results, words), places, map=drawn, map_title=title)


def _on_links(results: Results, words: Words) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Links with the worst verdict of the day on them, or on what a contract or dealing sends over them, and all of these in words."""
    case = results.case
    over = {
        (table, row[0]): [word.strip() for word in str(row[1]).split(";") if word.strip()]
        for table, key in (("contracts", "contract"), ("dealings", "dealing"))
        for row in case.table(table)[[key, "over"]].itertuples(index=False)
    }
    links = set(case.table("links")["link"])
    found: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for row in results["day"].itertuples(index=False):
        ways = [row.subject] if row.table == "links" else over.get((row.table, row.subject), [])
        told = words.text(f"{KEY}.map.row", name=row.name, act=row.act, verdict=row.verdict)
        for link in ways:
            if link in links:  # the day is sorted by verdict, the worst first
                found.setdefault(link, (row.verdict, []))[1].append((row.authority, told))
    return found


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    day = results["day"].drop_duplicates(["table", "subject"])
    count = day["verdict"].value_counts()
    found = []
    for kind in ("prohibited", "licence", "judge"):
        value = int(count.get(kind, 0))
        is_alarm = kind == "prohibited" and value > 0
        found.append(
            key_number(words, f"{KEY}.numbers.{kind}", is_alarm, value=value, at=results.fields["at"])
        )
    return found


def _coded(words: Words, frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Columns of codes as parts of sentences; several codes in a cell are separated by semicolons."""
    told = {}
    for column in columns:
        told[column] = [
            [said(f"{KEY}.{column}_{code}") for code in str(cell).split("; ") if code]
            for cell in frame[column]
        ]
    return frame.assign(**told)


def _day(results: Results, words: Words) -> list[Part]:
    """What holds on the day, and how it changes."""
    day = _coded(words, _percent(results["day"]), "act", "part", "verdict", "doubts")
    columns = [
        "name",
        "verdict:commas",
        "authority",
        "act:commas",
        "part:commas",
        "share:number",
        *(["-who"] if (day["who"] != "").any() else []),
        "licences",
        "until:date",
        *(["-doubts:commas"] if any(day["doubts"]) else []),
        "confidence:grade",
    ]
    shown = view(words, day, f"{KEY}.day", *columns)
    turns = results["turns"].assign(changes=[_turn(row) for row in results["turns"].itertuples(index=False)])
    turns = turns[turns["changed"] > 0]
    told = view(
        words,
        turns,
        f"{KEY}.turns",
        "day:date",
        "authority",
        "changes:say",
        "changed:count",
        "names",
        "confidence:grade",
    )
    return [part(words, f"{KEY}.day", shown), part(words, f"{KEY}.turns", _bars(results, words), told)]


def _percent(frame: pd.DataFrame) -> pd.DataFrame:
    """Shares of 100: half a per cent of an owner counts, so they keep three digits."""
    return frame.assign(share=frame["share"] * 100.0)


def _turn(row: object) -> object:
    return said(f"{KEY}.turn_{row.what}_{row.way}", name=row.name, names="")  # type: ignore[attr-defined]


def _bars(results: Results, words: Words) -> Figure | None:
    """Verdicts from day to day of what is touched on the day, a bar for each authority."""
    day, rows = results["day"], results["verdicts"]
    chosen = day.drop_duplicates(["table", "subject", "authority", "act"])
    chosen = chosen[~chosen["table"].isin(("entities",))].head(MOST_BARS)
    if chosen.empty:
        return None
    names = [f"{row.name} ({row.authority})" for row in chosen.itertuples(index=False)]
    made = under_names(words.text(f"{KEY}.turns.figure"), names, kind="time")
    key = ["table", "subject", "authority", "act"]
    placed = chosen[[*key, "part"]].assign(at=range(len(chosen)))
    for verdict, colour in COLOURS.items():
        some = placed.merge(rows[rows["verdict"] == verdict], on=[*key, "part"], how="inner")
        if len(some):
            after = some["end"] + pd.Timedelta(days=1)
            spans = list(zip(some["at"], some["start"], after, strict=True))
            made.spans(words.text(f"{KEY}.verdict_{verdict}"), spans, colour)
    return made


def _answers(results: Results, words: Words) -> list[Part]:
    """What stops, and lawful answers beside each other."""
    if "stops" not in results:
        return []
    stops = _coded(words, _percent(results["stops"]), "act", "part")
    told = view(
        words,
        stops,
        f"{KEY}.stops",
        "name",
        "authority",
        "act:commas",
        "part:commas",
        "start:date",
        "end:date",
        "share:number",
    )
    parts = [part(words, f"{KEY}.stops", told)]
    if "answers" not in results:
        return parts
    answers = _coded(words, results["answers"], "answer")
    gains = [[said(f"{KEY}.country", country=code)] if code else [] for code in answers["gains"]]
    answers = answers.assign(gains=gains)
    columns = [
        "answer:commas",
        "last:date",
        "unserved:some_energy",
        "cost:millions",
        "home:millions",
        "gains:commas",
        "gain:millions",
    ]
    countries = _coded(words, results["answers.countries"], "answer")
    companies = _coded(words, results["answers.companies"], "answer")
    short = _coded(words, results["answers.unserved"], "answer")
    return [
        *parts,
        part(words, f"{KEY}.answers", view(words, answers, f"{KEY}.answers", *columns)),
        part(
            words,
            f"{KEY}.short",
            view(
                words,
                short,
                f"{KEY}.short",
                "answer:commas",
                "carrier:carrier_name",
                "unserved:amount carrier",
                "protected:amount carrier",
            ),
        ),
        part(
            words,
            f"{KEY}.countries",
            view(words, countries, f"{KEY}.countries", "answer:commas", "country:country", "loss:millions"),
            view(words, companies, f"{KEY}.companies", "answer:commas", "name", "change:millions"),
        ),
    ]


def _rest(results: Results, words: Words) -> list[Part]:
    """What of the plan is touched, and the licences in force."""
    frame = results["exposure"]
    frame = frame[frame["is_home"]] if frame["is_home"].any() else frame
    frame = _coded(words, frame, "act", "part", "verdict")
    columns = ["name", "authority", "act:commas", "verdict:commas", "part:commas"]
    numbers = [
        "lowest:amount carrier",
        "highest:amount carrier",
        "worth_lowest:millions",
        "worth_highest:millions",
    ]
    exposure = view(words, frame, f"{KEY}.exposure", *columns, *numbers, "confidence:grade")
    licences = view(
        words,
        results["licences"],
        f"{KEY}.licences",
        "number",
        "authority",
        "-kind",
        "scope",
        "end:date",
        "confidence:grade",
    )
    return [part(words, f"{KEY}.exposure", exposure), part(words, f"{KEY}.licences", licences)]
