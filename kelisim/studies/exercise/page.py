"""Page of an exercise of two states: score, ways of acting, decisions, log, aid and settlement; minutes, and papers for a room.

Briefing and forms of orders hold what players may know at the start; the length and what is still to come stand in the injects only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kelisim.report.bars import bars
from kelisim.report.figure import Figure, nothing
from kelisim.report.let_go import outage_parts
from kelisim.report.markdown import table_lines
from kelisim.report.numbers import figure
from kelisim.report.page import KeyNumber, Page, Part, made_page, part, sentences
from kelisim.report.table import View, view
from kelisim.report.theme import INK, QUIET, RED
from kelisim.report.words import Words
from kelisim.results.by_months import is_draft
from kelisim.results.facts import facts_of, said, sentence_of
from kelisim.results.results import Results
from kelisim.tolerances import SMALL_ENERGY, SMALL_MONEY

COLOURS = {"decided": INK, "nothing": RED}
FORMS = 8  # blank orders on a form
FOR_CONTROL = ("event", "inject", "end")  # kinds of the log that the control reads out
SAME_HOUR = 0.5  # h by which an order counts as given at the hour of the best response
SAME_VOLUME = 0.01  # share by which a volume counts as that of the best response


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    return made_page(results, words, _parts(results, words), _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    value = {key: fact.value for key, fact in facts_of(results["facts"]).items()}
    modes = results["modes"].set_index("mode")["unserved"]
    left, avoidable = float(modes["decided"]), value["harm_nothing"] - value["harm_together"]

    def text(key: str, **places: Any) -> str:
        return words.text(f"exercise.numbers.{key}", **places)

    score = text("none") if np.isnan(value["score"]) else text("value", score=value["score"])
    unserved = words.number(left, "MWh") if left > SMALL_ENERGY else text("nothing")
    had, harm = text("unserved_beside", had=modes["nothing"]), words.number(avoidable, words.currency)
    return [
        KeyNumber(score, text("score"), text("score_beside")),
        KeyNumber(unserved, text("unserved"), had, left > SMALL_ENERGY),
        KeyNumber(harm, text("harm"), text("harm_beside", harm=value["harm_nothing"])),
    ]


def _parts(results: Results, words: Words) -> list[Part]:
    points = _said(results["open_points"], words)
    log = [] if is_draft(results) else [part(words, "exercise.log", _log(results, words))]
    return [
        part(words, "exercise.modes", _bars(results, words), _modes(results, words)),
        *([part(words, "exercise.options", options_view(results, words))] if "options" in results else []),
        part(words, "exercise.decisions", _decisions(results, words)),
        *log,
        part(words, "exercise.open", view(words, points, "exercise.open", "what:text")),
        part(words, "exercise.aid", _settlement(results, words)),
        *([part(words, "exercise.claims", _claims(results, words))] if "claims" in results else []),
        *outage_parts(results, words),
    ]


def _said(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Rows with the sentence that each says."""
    return frame.assign(what=[words.say(sentence_of(row)) for row in frame.to_dict("records")])


def _named(results: Results, words: Words) -> pd.DataFrame:
    """Modes with their names."""
    frame = results["modes"]
    a, b = results.meta["sides"]
    return frame.assign(name=[words.text(f"exercise.modes.{mode}", a=a, b=b) for mode in frame["mode"]])


def _bars(results: Results, words: Words) -> Figure:
    rows = _named(results, words)
    if not (rows["harm"].abs() > SMALL_MONEY).any():
        return nothing(words.text("exercise.modes.quiet"))
    harm = rows.set_index("mode")["harm"]
    title = words.text("exercise.modes.title", **harm[["nothing", "decided", "together"]])
    colours = [COLOURS.get(mode, QUIET) for mode in rows["mode"]]
    values = [round(value / 1e6, 4) for value in rows["harm"]]
    axis = words.text("exercise.modes.axis")
    return bars(title, list(rows["name"]), values, [figure(v) for v in values], colours, axis)


def _modes(results: Results, words: Words) -> View | None:
    frame = _named(results, words)
    frame = frame.assign(avoided=[_avoided(words, share) for share in frame["avoided_share"]])
    columns = "name:text, unserved:all_energy, -unserved_protected:all_energy, harm:money, avoided:text"
    return view(words, frame, "exercise.modes", columns)


def _avoided(words: Words, share: float) -> str:
    """Share of the avoidable harm, also below 0; a dash where nothing can be avoided."""
    if np.isnan(share):
        return "-"
    near = share != 0 and abs(share) < 0.005
    key = ("near_above" if share > 0 else "near_below") if near else "share"
    return words.text(f"exercise.modes.{key}", share=share)


def _decisions(results: Results, words: Words) -> View | None:
    frame = results["decisions"]
    if frame.empty:
        return None
    frame = _said(frame, words)
    frame = frame.assign(comment=[_comment(words, row) for row in frame.to_dict("records")])
    columns = ("hour:hours", "side:text", "measure:measure", "share:share", "what:text", "-comment:text")
    return view(words, frame, "exercise.decisions", *columns)


def _comment(words: Words, row: Mapping[str, Any]) -> str:
    """An order held against the best response."""
    if not row["accepted"] or row["share"] == 0:
        return words.text(f"exercise.against.{'stopped' if row['accepted'] else 'no_effect'}")
    if np.isnan(row["best_hour"]):
        return words.text("exercise.against.unused")
    late = row["hour"] - row["best_hour"]
    when = "same" if abs(late) < SAME_HOUR else "later" if late > 0 else "earlier"
    less = row["energy"] / row["best_energy"] if row["best_energy"] > 0 else 1.0
    volume = "as_much" if abs(less - 1.0) <= SAME_VOLUME else "share"
    told = said(f"exercise.against.{when}", hours=abs(late))
    return words.text(
        "exercise.against.both", when=told, volume=said(f"exercise.against.{volume}", share=less)
    )


def _log(results: Results, words: Words) -> View | None:
    frame = _said(results["timeline"], words)
    return view(words, frame, "exercise.log", "hour:hours", "-time:minute", "side:text", "what:text")


def _settlement(results: Results, words: Words) -> View | None:
    frame = results["settlement"]
    unpriced = {part: words.text(f"exercise.aid.{part}") for part in ("no_price", "beyond")}
    frame = frame.assign(part=[unpriced.get(one) or words.label(one) for one in frame["part"]])
    columns = "giver:country, receiver:country, carrier:carrier, -part:text, energy:all_energy, price:number"
    return view(words, frame, "exercise.aid", columns, "amount:money", told=False)


def options_view(results: Results, words: Words) -> View | None:
    """What each side may order at the hour of play."""
    frame = results["options"]
    if frame.empty:
        return None
    frame = frame.assign(
        state=[words.text(f"exercise.options.state_{one}") for one in frame["state"]],
        worth=[words.money(value) if value > SMALL_MONEY else "" for value in frame["worth"]],
    )
    columns = "side:text, measure:measure, state:text, -with_side:text, lead_time:hours, -bites:when, unserved_avoided:some_energy"
    now = results.fields.get("now", 0.0)
    return view(words, frame, "exercise.options", columns, "worth:text", "grade:text", told=False, now=now)


def _claims(results: Results, words: Words) -> View | None:
    frame = results["claims"]
    frame = frame.assign(
        kind=[words.text(f"exercise.claims.{one}") for one in frame["kind"]],
        basis=[words.text(f"exercise.claims.{one}") for one in frame["basis"]],
    )
    columns = "contract:element, -seller:text, buyer:text, carrier:carrier, undelivered:amount carrier, made_up:amount carrier, kind:text"
    more = "claimed:amount carrier, -basis:text, amount:money"
    return view(words, frame, "exercise.claims", columns, more, told=False)


def document(results: Results, words: Words) -> str:
    """The minutes in Markdown: what happened, who, when, what, open points."""
    return "\n".join(_lines(results, words)) + "\n"


def _lines(results: Results, words: Words) -> Iterator[str]:
    what = facts_of(results["facts"])["asked"].places["what"]
    yield words.text("exercise.minutes.title", what=what)
    yield from ("", *(f"- {one}" for one in sentences(results, words)))
    shown = {} if is_draft(results) else {"log": _log(results, words)}
    shown |= {"decisions": _decisions(results, words)}
    shown |= {"claims": _claims(results, words)} if "claims" in results else {}
    for name, table in shown.items():
        yield from ("", f"## {words.text(f'exercise.{name}.heading')}", "")
        none = "exercise.claims.none" if name == "claims" else "exercise.open.none"
        yield from table_lines(table, len(table.rows)) if table else [words.text(none)]
    yield from ("", f"## {words.text('exercise.open.heading')}", "")
    points = _said(results["open_points"], words)
    yield from [f"- {point}" for point in points["what"]] or [words.text("exercise.open.none")]


# ---- papers for a room without a network
def papers(results: Results, words: Words) -> dict[str, str]:
    """Name -> text of each paper."""
    sides = [side for side in results.meta["sides"] if side]
    made = {"briefing": _briefing(results, words, sides), "injects": _injects(results, words)}
    made |= {f"orders_{side}": _form(results, words, side) for side in sides}
    found = {f"{name}.md": "\n".join(lines) + "\n" for name, lines in made.items()}
    return found | {"minutes.md": document(results, words)}


def _text(words: Words, key: str, **places: Any) -> str:
    return words.text(f"exercise.papers.{key}", **places)


def _what(results: Results) -> Any:
    return facts_of(results["facts"])["asked"].places["what"]


def _briefing(results: Results, words: Words, sides: list[str]) -> Iterator[str]:
    belief = int(results.fields.get("belief") or 0)
    yield _text(words, "briefing", what=_what(results))
    yield from ("", _text(words, "situation", what=_what(results), start=results.fields["start"]), "")
    yield _text(words, "length_believed", days=belief) if belief else _text(words, "length_unknown")
    yield ""
    for row in _first(results["levels.nothing"]).to_dict("records"):
        yield _text(words, "level", **{name: row[name] for name in ("country", "level", "carrier")})
    yield from ("", *words.lines("exercise.papers.rules", sides=[words.country(side) for side in sides]), "")
    yield from ("", _text(words, "may_order"), "")
    shown = options_view(results, words) if "options" in results else None
    yield from table_lines(shown, len(shown.rows)) if shown else [words.text("exercise.options.none")]
    yield from ("", _text(words, "contacts"), "")
    people = _contacts(results, words, sides)
    yield from table_lines(people, len(people.rows)) if people else [_text(words, "nobody")]


def _first(levels: pd.DataFrame) -> pd.DataFrame:
    """The highest level of each country and carrier at the start, if nobody acts."""
    rows = levels[levels["reached"] == levels["reached"].min()]
    return rows.drop_duplicates(["country", "carrier"], keep="last")


def _contacts(results: Results, words: Words, sides: list[str]) -> View | None:
    bodies = results.case.table("bodies")
    named = set(results.case.table("measures")["body"]) | set(
        results.case.table("notifications")["from_body"]
    )
    frame = bodies[bodies["body"].isin(named) & bodies["country"].isin(["", *sides])]
    return view(
        words, frame, "exercise.contacts", "country:text, body:body, role:text, phone:text, language:text"
    )


def _injects(results: Results, words: Words) -> Iterator[str]:
    yield _text(words, "injects", what=_what(results))
    yield from ("", _text(words, "for_control", days=results.fields["days"]), "")
    frame = results["timeline"]
    for number, row in enumerate(frame[frame["kind"].isin(FOR_CONTROL)].to_dict("records"), start=1):
        yield _text(words, "inject", number=number, hour=row["hour"], time=row["time"])
        yield from ("", words.say(sentence_of(row)), "", *words.lines("exercise.papers.handed"), "")
    yield from (_text(words, "reports"), "")
    yield from (
        _text(
            words,
            "report",
            hour=_hours(results, row["reached"]),
            **{k: row[k] for k in ("country", "level", "carrier")},
        )
        for row in results["levels.nothing"].to_dict("records")
    )


def _hours(results: Results, moment: Any) -> float:
    begin = results["timeline"]["time"].min()
    return float((pd.Timestamp(moment) - begin) / pd.Timedelta(hours=1))


def _form(results: Results, words: Words, side: str) -> Iterator[str]:
    yield _text(words, "orders", side=words.country(side), what=_what(results))
    yield from ("", *words.lines("exercise.papers.how_to_order"), "")
    rows = results["options"] if "options" in results else pd.DataFrame({"side": []})
    for row in rows[rows["side"] == side].to_dict("records"):
        also = said("exercise.papers.also", side=row["with_side"]) if row["with_side"] else ""
        about = {name: row[name] for name in ("measure", "body", "lead_time", "level")}
        yield _text(words, "measure", **about, also=also)
    for number in range(1, FORMS + 1):
        yield from ("", *words.lines("exercise.papers.form", number=number))
