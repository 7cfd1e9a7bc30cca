"""Page of contingencies: what each loss does, which pairs and sets are worst, the N-1 formula."""

from __future__ import annotations

import pandas as pd

from kelisim.report.bars import bars
from kelisim.report.figure import Figure
from kelisim.report.let_go import several_parts
from kelisim.report.numbers import figure
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import view
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.let_go import TABLE
from kelisim.results.results import Results
from kelisim.studies.contingency.study import named

MOST_BARS = 12
DARK, LIGHT = "#7d7a72", "#cfcbc2"


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    return made_page(results, words, _parts(results, words), _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    facts = facts_of(results["facts"])
    losses = facts["short"].places["losses"]
    counts = {key: facts[key].value for key in ("short", "short_protected")}
    top = facts["costliest"].places if "costliest" in facts else {"unserved": 0.0, "lost": []}
    return [
        *(
            key_number(words, f"contingency.numbers.{k}", n > 0, count=n, losses=losses)
            for k, n in counts.items()
        ),
        key_number(words, "contingency.numbers.costliest", **top),
    ]


def _parts(results: Results, words: Words) -> list[Part]:
    singles = results["singles"]
    singles["lost"] = [named([f"{t}:{e}"]) for t, e in zip(singles["table"], singles["element"], strict=True)]
    costly = singles[(singles["cost_home"] > 0) | (singles["extra_cost"] > 0)]
    count = len(costly)
    more = words.text("contingency.singles.more", most=MOST_ROWS, count=count) if count > MOST_ROWS else ""
    columns = ["lost:plus", "-table:code contingency.kind"]
    has_home = bool(words.case.setting("defaults", "home"))
    columns += [*(["cost_home:millions", "is_home:yes"] if has_home else []), "extra_cost:millions"]
    columns += ["unserved:thousands", "protected:thousands", "-most_in:element"]
    shown = view(words, costly, "contingency.singles", *columns, most=MOST_ROWS, more=more)
    chart = _bars(costly.head(MOST_BARS), words) if count else None
    parts = [part(words, "contingency.singles", chart, shown)]
    if "gains" in results:
        frame = results["gains"]
        frame["lost"] = [named([f"{t}:{e}"]) for t, e in zip(frame["table"], frame["element"], strict=True)]
        columns = ["lost:plus", "gain:millions", "kind:code contingency.frees", "of:element"]
        parts.append(part(words, "contingency.gains", view(words, frame, "contingency.gains", *columns)))
    if TABLE in results:
        frame = results[TABLE]
        frame = frame.assign(lost=[named([label]) for label in frame["lost"]])
        parts += several_parts(words, frame, "contingency.let_go", "lost:plus")
    columns = ["lost:plus", "extra_cost:millions", "is_proven:code contingency.proof"]
    if "pairs" in results:
        frame = results["pairs"]
        frame["lost"] = [named(pair) for pair in zip(frame["first"], frame["second"], strict=True)]
        shown = view(words, frame, "contingency.pairs", *columns, sets=len(frame))
        parts.append(part(words, "contingency.pairs", shown))
    if "worst" in results:
        frame = results["worst"]
        frame["lost"] = [named(labels.split("; ")) for labels in frame["set"]]
        shown = view(words, frame, "contingency.worst", *columns, "gap:millions", sets=len(frame))
        parts.append(part(words, "contingency.worst", shown))
    frame = results["n1_formula"]
    frame["largest"] = [" + ".join(map(words.label, names.split(" + "))) for names in frame["largest"]]
    frame["where"] = [_area(words, row) for row in frame.to_dict("records")]
    columns = [
        "country:country",
        "where",
        "carrier:carrier_name",
        "level:share",
        "-demand:rate carrier",
        "largest",
    ]
    columns += ["-largest_capacity:rate carrier", "n1:share", "is_met:yes", "-unserved_model:thousands"]
    shown = view(words, frame, "contingency.formula", *columns, notes=words.text("contingency.formula.notes"))
    parts.append(part(words, "contingency.formula", shown))
    if "n1_infrastructure" in results:
        frame = results["n1_infrastructure"]
        names = dict(zip(results["n1_formula"]["area"], results["n1_formula"]["name"], strict=True))
        frame["where"] = [
            _area(words, row | {"name": names.get(row["area"], "")}) for row in frame.to_dict("records")
        ]
        columns = [
            "where",
            "element:element",
            "part:code contingency.part",
            "capacity:rate carrier",
            "booked:rate carrier",
        ]
        shown = view(words, frame, "contingency.counted", *columns, told=False)
        parts.append(part(words, "contingency.counted", shown))
    return parts


def _area(words: Words, row: dict[str, object]) -> str:
    """Name of an area: its own, else that of its region; a whole country says so."""
    if not row["area"]:
        return words.text("contingency.formula.whole")
    return str(row["name"] or words.region(row["area"]))


def _bars(costly: pd.DataFrame, words: Words) -> Figure:
    """Extra cost of the costliest losses, in millions; dark where protected customers are cut."""
    top = costly.iloc[0]
    names = [words.text("contingency.set", lost=lost) for lost in costly["lost"]]
    values = (costly["cost_home"] / 1e6).tolist()
    title = words.text("contingency.singles.bars", lost=top["lost"], cost=top["cost_home"])
    colours = [DARK if energy > 0 else LIGHT for energy in costly["protected"]]
    axis = words.text("contingency.singles.axis")
    return bars(title, names, values, [figure(value) for value in values], colours, axis)
