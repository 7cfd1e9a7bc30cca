"""Page of the replays: the score, every event as it was seen beside the model, and why what is missed is missed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.case import events
from kelisim.report.bars import under_names
from kelisim.report.figure import Figure, nothing
from kelisim.report.let_go import several_parts
from kelisim.report.numbers import figure
from kelisim.report.page import KeyNumber, Page, key_number, made_page, part
from kelisim.report.table import view
from kelisim.report.theme import INK, RED
from kelisim.report.words import Words
from kelisim.results.facts import Fact, facts_of, sentence_of
from kelisim.results.let_go import TABLE
from kelisim.results.outage_facts import change_facts, event_facts
from kelisim.results.results import Results
from kelisim.studies.replays.scoring import FACTOR, VERDICTS
from kelisim.studies.replays.words import compared, period

LOWEST = 0.01  # ratio at which the axis of the figure begins


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    rows = results["replays"]
    held = [compared(words, *row) for row in rows[["compare_with", "statistic"]].itertuples(index=False)]
    rows = rows.assign(
        what=[words.event(event) for event in rows["event"]], compared=held, period=[period(words, p) for p in rows["period"]],
        cause=[words.say(sentence_of(row)) for row in rows.to_dict("records")],
    )  # fmt: skip
    ranked = rows.assign(at=rows["verdict"].map(VERDICTS.index)).sort_values(["at", "event"], kind="stable")
    verdict = "verdict:code replays.verdict"
    parts = [
        part(words, "replays.ratios", _ratios(words, rows)),
        part(
            words, "replays.effects",
            view(
                words, ranked, "replays.effects", "what", "compared", "-period", "observed:known unit", "model:known",
                "-plan:known", "ratio:known", verdict, "-confidence:text",
            ),
        ),
        part(words, "replays.why", view(words, rows[rows["cause"] != ""], "replays.why", "what", "-compared", verdict, "cause")),
        part(
            words, "replays.events",
            view(
                words, _events(results, words), "replays.events", "what", "happened", "changes", "-context", "unserved:known_energy",
                "-sources", told=False,
            ),
        ),
    ]  # fmt: skip
    if TABLE in results:
        frame = results[TABLE]
        frame = frame.assign(what=[words.event(event) for event in frame["event"]])
        parts += several_parts(words, frame, "replays.let_go", "what")
    return made_page(results, words, parts, _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    facts = facts_of(results["facts"])
    tests, nulls, bounds = (facts[part].places for part in ("independent", "null", "bound"))
    return [
        key_number(words, "replays.numbers.independent", tests["rows"] > 0 and tests["right"] * FACTOR < tests["rows"], **tests),
        key_number(words, "replays.numbers.null", nulls["right"] < nulls["rows"], **nulls),
        key_number(words, "replays.numbers.bound", bounds["right"] < bounds["rows"], **bounds),
    ]  # fmt: skip


def _ratios(words: Words, rows: pd.DataFrame) -> Figure:
    """Model over observed of the independent numbers, with the band of the factor."""
    some = rows[(rows["kind"] == "independent") & rows["ratio"].notna()].sort_values("ratio", kind="stable")
    if some.empty:
        return nothing(words.text("replays.ratios.none"))
    is_right = some["verdict"] == "within"
    named = zip(some["what"], some["change_no"], strict=True)
    names = [words.text("replays.ratios.row", what=_shortened(what), row=row) for what, row in named]
    title = words.text("replays.ratios.title", right=int(is_right.sum()), rows=len(some))
    ends = np.log10(np.maximum([some["ratio"].min(), some["ratio"].max()], LOWEST))
    low, high = 10.0 ** min(np.floor(ends[0]), -1.0), 10.0 ** max(np.ceil(ends[1]), 1.0)
    made = under_names(
        title, names, words.text("replays.ratios.axis", lowest=LOWEST), kind="log", low=low, high=high
    )
    judged = [words.text(f"replays.verdict_{verdict}") for verdict in some["verdict"]]
    said = [f"{n}: {figure(r)}, {v}" for n, r, v in zip(names, some["ratio"], judged, strict=True)]
    colours = np.where(is_right, INK, RED).tolist()
    made.dots("", np.maximum(some["ratio"], LOWEST), range(len(some)), colours, size=10, said=said)
    return made.between(1.0 / FACTOR, FACTOR)


def _shortened(text: str, most: int = 48) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "\u2026"


def _events(results: Results, words: Words) -> pd.DataFrame:
    """Events with their days and changes, as the case has them; of those that are not replayed why not."""
    found = []
    for row in results["events"].to_dict("records"):
        told = {"what": words.event(row["event"]), "unserved": row["unserved"], "happened": row["left_out"]}
        if not row["left_out"]:
            event = events.find(results.case, row["event"])
            days = next(fact for fact in event_facts(results.case, event) if fact.key == "happened")
            told["happened"] = words.text("replays.happened", **days.places)
            for name, changes in (("changes", event.causes), ("context", event.context)):
                told[name] = words.say(
                    Fact(name, say="replays.changes", parts=change_facts(results.case, changes))
                )
            told["sources"] = event.sources
        found.append(told)
    return pd.DataFrame(found, columns=["what", "happened", "changes", "context", "unserved", "sources"])
