"""Page of an agreement: a light for each provision, what each is worth, N-1 of the border regions, and gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kelisim.report.figure import Figure
from kelisim.report.forms import FORMS
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import view
from kelisim.report.verdict_map import verdict_map
from kelisim.report.words import Words
from kelisim.results.results import Results
from kelisim.studies.agreement.found import BINDS, GAP, OPEN, OVER
from kelisim.studies.agreement.told import gap_words

LOOKS = {BINDS: "licence", OPEN: "judge", GAP: "prohibited"}  # of links on the map: dark, amber, red
LIGHTS = {BINDS: "green", OPEN: "amber", GAP: "red", OVER: "grey"}
SIDES = ("first", "second")
COLOURS = ("#0072b2", "#e69f00")
MOST_BARS = 12
LABEL = 36  # letters of the name of a bar


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    title = words.text("agreement.map.title")
    drawn = verdict_map(words, _on_links(results, words), "agreement.map", title)
    parts, numbers = _parts(results, words), _key_numbers(results, words)
    title = title if drawn else words.text("agreement.map.none")
    return made_page(results, words, parts, numbers, _sides(results, words), map=drawn, map_title=title)


def _on_links(results: Results, words: Words) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Links that a provision touches, itself or by a contract over them, with the look of its light and its words."""
    contracts = results.case.table("contracts")
    over = dict(zip(contracts["contract"], contracts["over"].astype(str), strict=True))
    links = set(results.case.table("links")["link"])
    found: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    rows = _titled(results)
    for standing in reversed(LOOKS):  # what has a gap is seen before what binds
        for row in rows[(rows["standing"] == standing).to_numpy()].to_dict("records"):
            for change in str(row["changes"]).split(";"):
                table, _, rest = change.partition(":")
                element = rest.partition(":")[0]
                ways = [element] if table == "links" else over.get(element, "").split(";")
                for link in sorted(links & set(ways)):
                    told = (words.text(f"agreement.light_{standing}"), str(row["title"]))
                    found.setdefault(link, (LOOKS[standing], []))[1].append(told)
    return found


def _sides(results: Results, words: Words) -> dict[str, Any]:
    return {name: words.country(code) for name, code in zip(SIDES, results.fields["countries"], strict=True)}


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    rows, states, gaps = (results[name] for name in ("provisions", "states", "gaps"))
    carried = int(rows["carries"].isin(("duty", "intention")).sum())
    found = [key_number(words, "agreement.numbers.carried", count=carried, all=len(rows))]
    if len(states) > 1:
        whole = states.iloc[1]
        found.append(key_number(words, "agreement.numbers.worth", money=-whole["cost"]))
    found.append(key_number(words, "agreement.numbers.gaps", len(gaps) > 0, count=len(gaps)))
    return found


def _titled(results: Results) -> pd.DataFrame:
    """Provisions with what people call them, by identifier."""
    rows = results["provisions"]
    titles = [
        f"{article}: {text}" if article and text else text or name
        for name, article, text in zip(rows["provision"], rows["article"], rows["text"], strict=True)
    ]
    return rows.assign(title=titles)


def _parts(results: Results, words: Words) -> list[Part]:
    rows = _titled(results)
    names = dict(zip(rows["provision"], rows["title"], strict=True))
    parts = [
        _lights(words, rows),
        *_worth(results, words, names),
        *_n1(results, words),
        _gaps(results, words),
        *_standing(results, words),
    ]
    return [*parts, *_drafts(results, words), _rules(results, words)]


def _lights(words: Words, rows: pd.DataFrame) -> Part:
    """A light for each provision, by agreement."""
    order = list(LIGHTS)
    shown = rows.assign(
        light=[words.text(f"agreement.light_{one}") for one in rows["standing"]],
        why=[words.text(f"agreement.why_{row['carries']}") for row in rows.to_dict("records")],
        deal=[words.element("agreements", one) for one in rows["agreement"]],
        owed=[
            words.text("agreement.owed", quantity=q, unit=u) if np.isfinite(q) and u else ""
            for q, u in zip(rows["quantity"], rows["unit"], strict=True)
        ],
        parties=[
            words.text("agreement.from_to", owes=a, gets=b) if a and b else FORMS["offices"](words, a or b)
            for a, b in zip(rows["obligor"], rows["beneficiary"], strict=True)
        ],
        at=[order.index(one) for one in rows["standing"]],
    ).sort_values(["deal", "at"], kind="stable")
    columns = "light, title, deal, parties, owed, why, -end:date, -metric, grade:grade"
    more = (
        words.text("agreement.lights.more", most=MOST_ROWS, count=len(rows)) if len(rows) > MOST_ROWS else ""
    )
    return part(
        words, "agreement.lights", view(words, shown, "agreement.lights", columns, most=MOST_ROWS, notes=more)
    )


def _worth(results: Results, words: Words, names: dict[str, str]) -> list[Part]:
    sides = _sides(results, words)
    frame = results["worth"]
    shown = frame.assign(title=frame["provision"].map(names))
    columns = "title, all:millions, first:millions, second:millions, protected:all_energy, -missed:millions"
    if frame["missed_n1"].notna().any():
        columns += ", missed_n1:all_energy"
    if (frame["error"] > 0).any():
        columns += ", -error:millions"
    table = view(words, shown, "agreement.worth", columns, **sides)
    return [part(words, "agreement.worth", _bars(shown, words, sides), table)]


def _bars(frame: pd.DataFrame, words: Words, sides: dict[str, str]) -> Figure | None:
    """Share of each provision in the gain of each side."""
    size = frame[list(SIDES)].abs().max(axis=1)
    some = frame[(size > 0).to_numpy()].assign(size=size).sort_values("size", ascending=False).head(MOST_BARS)
    if some.empty:
        return None
    made = Figure(words.text("agreement.worth.figure"), 120 + 42 * len(some))
    made.across(words.text("agreement.worth.axis")).up(names=[_cut(str(title)) for title in some["title"]])
    for side, colour in zip(SIDES, COLOURS, strict=True):
        made.bars(sides[side], some[side] / 1e6, colour)
    return made


def _cut(title: str) -> str:
    """A title that leaves room for the bars."""
    return title if len(title) <= LABEL else f"{title[: LABEL - 1].rstrip()}…"


def _n1(results: Results, words: Words) -> list[Part]:
    if results.fields["n1"] == "no":
        return []
    columns = "region:region, carrier:carrier_name, largest:element, protected_none:all_energy, protected:all_energy, agreed:all_energy, -unserved:all_energy"
    frame = results["n1"]
    return [
        part(
            words, "agreement.n1", view(words, frame, "agreement.n1", columns, start=results.fields["start"])
        )
    ]


def _gaps(results: Results, words: Words) -> Part:
    frame = results["gaps"]
    shown = frame.assign(
        words=gap_words(frame), read=[str(rows).replace(";", ", ") for rows in frame["rows"]]
    )
    columns = "number:count, kind:code agreement.kind, words:say, -read"
    return part(words, "agreement.gaps", view(words, shown, "agreement.gaps", columns, whole=True))


def _standing(results: Results, words: Words) -> list[Part]:
    frame = results["standing"]
    if frame.empty:
        return []
    named = [words.text(f"agreement.relation_{one}") for one in frame["relation"]]
    read = [str(rows).replace(";", ", ") for rows in frame["rows"]]
    shown = frame.assign(relation=named, words=gap_words(frame), read=read)
    columns = "number:count, relation, words:say, -read"
    return [part(words, "agreement.standing", view(words, shown, "agreement.standing", columns, whole=True))]


def _rules(results: Results, words: Words) -> Part:
    frame = results["rules"]
    body = [words.element("bodies", one) if one else "" for one in frame["body"]]
    columns = "topic, side_a, side_b, to_do, body, change, cost:millions, first:millions, second:millions, grade:grade"
    table = view(words, frame.assign(body=body), "agreement.rules", columns, **_sides(results, words))
    return part(words, "agreement.rules", table)


def _drafts(results: Results, words: Words) -> list[Part]:
    if "drafts" not in results:
        return []
    sides = _sides(results, words)
    frame = results["drafts"]
    frame = frame.assign(draft=[words.text(f"agreement.draft_{number}") for number in frame["draft"]])
    columns = "draft, provisions:count, carried:count, gain:millions, gain_first:millions, gain_second:millions, protected:all_energy, gaps:count"
    table = view(words, frame, "agreement.drafts", columns, **sides)
    rows = results["drafts.differ"]
    what = [words.text(f"agreement.{one}") if one.startswith("only_") else one for one in rows["what"]]
    differ = view(words, rows.assign(what=what), "agreement.differ", "provision, what, here, there")
    return [part(words, "agreement.drafts", table, differ)]
