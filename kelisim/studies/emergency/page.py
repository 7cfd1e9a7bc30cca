"""The emergency plan as a page and as a document (Markdown) that a duty officer can follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from kelisim.report.axis import along
from kelisim.report.coverage import coverage
from kelisim.report.figure import Figure, nothing
from kelisim.report.let_go import outage_parts
from kelisim.report.markdown import table_lines
from kelisim.report.page import KeyNumber, Page, Part, made_page, part
from kelisim.report.table import View, view
from kelisim.report.words import Words
from kelisim.results import by_months
from kelisim.results.by_months import is_draft
from kelisim.results.crisis import thresholds
from kelisim.results.facts import Fact, facts_of, said, sentence_of
from kelisim.results.results import Results
from kelisim.studies.helping import help_parts
from kelisim.studies.interval import interval_parts
from kelisim.tolerances import SMALL_AVOIDED, SMALL_ENERGY

MOST_LINES = 4
LATER = ("clock", "calls", "orders", "stops", "restored")  # tables that runs of earlier versions lack
BY_THE_CLOCK = ("clock", "calls", "restored")  # what an answer by months cannot date
NUMBER = {"early_warning": 1, "alert": 2, "emergency": 3}
LOOKS: dict[str, dict[str, Any]] = {"without": {"width": 1.2, "dash": "dot"}, "with": {"width": 2.4}}
PLAN = (
    "order:count, measure:measure, -trigger:text, body:body, bites:when, energy:brings carrier, "
    "unserved_avoided:some_energy, -worth:money, step_down:when, grade:text"
)
BEFORE_AFTER = "unserved_without:amount carrier, unserved_with:amount carrier"
REGIONS = f"region:region, carrier:carrier_name, {BEFORE_AFTER}, -share_with:share, -level_without:class, level_with:class"
REMAINING = f"-order:count, customer_class:customers, place:place, carrier:carrier_name, -{BEFORE_AFTER}, -peak:number"


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    places = _thresholds(results)
    return made_page(results, words, _parts(results, words), _key_numbers(results, words), places)


def _thresholds(results: Results) -> dict[str, float]:
    return dict(zip(("early", "alert", "emergency"), thresholds(results.case), strict=True))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    value = {key: fact.value for key, fact in facts_of(results["facts"]).items()}

    def text(key: str, **places: Any) -> str:
        return words.text(f"emergency.numbers.{key}", **places)

    found = []
    for name in ("unserved", "protected"):
        before, after = value[f"{name}_without"], value[f"{name}_with"]
        shown = words.number(after, "MWh") if after > SMALL_ENERGY else text("nothing")
        found.append(KeyNumber(shown, text(name), text("without", energy=before), after > SMALL_ENERGY))
    before, after = value["unserved_without"], value["unserved_with"]
    avoided = text("nobody")
    if before > SMALL_ENERGY:
        avoided = text("avoided", share=(before - after) / before)
    return [*found, KeyNumber(str(len(results["plan"])), text("measures"), avoided)]


def _parts(results: Results, words: Words) -> list[Part]:
    made = {
        "plan": _plan,
        "clock": _clock,
        "calls": _calls,
        "orders": _orders,
        "stops": _stops,
        "levels": _service,
        "regions": _regions,
        "remaining": _remaining,
        "stages": _stages,
        "restored": _restored,
    }
    made |= {"ranges": _ranges} if "ranges" in results else {}
    made = {name: make for name, make in made.items() if name not in LATER or name in results}
    if is_draft(results):
        made = {name: make for name, make in made.items() if name not in BY_THE_CLOCK}
    found = [part(words, f"emergency.{name}", make(results, words)) for name, make in made.items()]
    found += interval_parts(results, words)
    found += help_parts(results, words)
    found += coverage(results, words)
    found += outage_parts(results, words)
    left_out = dict(results.meta.get("not_chosen", {}))
    if left_out:
        frame = pd.DataFrame({"measure": list(left_out), "why": list(left_out.values())})
        shown = view(words, frame, "emergency.left_out", "measure:measure", "why:key", told=False)
        found.append(part(words, "emergency.left_out", shown))
    return found


def _plan(results: Results, words: Words) -> View | None:
    frame = results["plan"]
    frame = frame.assign(trigger=[_trigger(results, words, level) for level in frame["level"]])
    return view(words, frame, "emergency.plan", PLAN)


def _clock(results: Results, words: Words) -> View | None:
    frame = results["clock"]
    frame = frame.assign(what=[words.say(sentence_of(row)) for row in frame.to_dict("records")])
    return view(words, frame, "emergency.clock", "hour:clock_hours, time:minute, what!u:text", told=False)


def _calls(results: Results, words: Words) -> View | None:
    frame = results["calls"]
    rows = frame.to_dict("records")
    keeper = words.text("emergency.calls.keeper")
    sender = [words.element("bodies", one) if one else keeper for one in frame["from_body"]]
    frame = frame.assign(sender=sender, about=[_about(words, row) for row in rows])
    columns = (
        "hour:clock_hours, sender:text, to_body:body, -role:text, -phone:text, -language:text, about:text"
    )
    return view(words, frame, "emergency.calls", columns, told=False)


def _about(words: Words, row: Mapping[str, Any]) -> str:
    if row["measures"]:
        return words.text("emergency.calls.about_orders", measures=str(row["measures"]).split("; "))
    aid = said("emergency.clock.aid", aid=row["aid"]) if row["aid"] else ""
    about = {name: row[name] for name in ("level", "carrier", "country")}
    return words.text("emergency.calls.about_level", **about, aid=aid)


def _orders(results: Results, words: Words) -> View | None:
    columns = "measure:measure, body:body, -ordered:when, bites:when, peak:rate carrier, energy:brings carrier, grade:text"
    return view(words, results["orders"], "emergency.orders", columns, told=False)


def _stops(results: Results, words: Words) -> View | None:
    """What stops each measure; the command line tells it where the measures avoid little."""
    value = {key: fact.value for key, fact in facts_of(results["facts"]).items()}
    had, left = value["unserved_without"], value["unserved_with"]
    frame = results["stops"]
    frame = frame.assign(stop=[words.text(f"emergency.stops.stop_{one}") for one in frame["stopped_by"]])
    gives = [
        words.text("words.brings", energy=energy, carrier=carrier) if energy > SMALL_ENERGY else ""
        for energy, carrier in zip(frame["energy"], frame["carrier"], strict=True)
    ]
    frame = frame.assign(gives=gives)
    is_told = had > SMALL_ENERGY and (had - left) / had < SMALL_AVOIDED
    columns = (
        "measure:measure, gives:text, -peak:rate carrier, -size:rate carrier, -in_force:share, stop:text"
    )
    return view(words, frame, "emergency.stops", columns, told=is_told)


def _restored(results: Results, words: Words) -> View | None:
    frame = results["restored"]
    what = [
        words.text(
            f"emergency.restored.{row['kind']}",
            element=row["element"].partition(":")[2],
            carrier=row["carrier"],
        )
        for row in frame.to_dict("records")
    ]
    missing = [
        words.amount(energy, carrier) if energy > SMALL_ENERGY else ""
        for energy, carrier in zip(frame["missing"], frame["carrier"], strict=True)
    ]
    frame = frame.assign(what=what, missing=missing)
    return view(words, frame, "emergency.restored", "what!u:text, time:when, missing:text", told=False)


def _trigger(results: Results, words: Words, level: str) -> str:
    share = thresholds(results.case)[NUMBER[level] - 1]
    return words.text(f"emergency.trigger_{level}", share=share)


def _service(results: Results, words: Words) -> Figure:
    """Unserved over time without (thin) and with (bold) measures, of the carriers that lack most."""
    rows, key = results["levels"], "emergency.levels"
    if rows.empty:
        return nothing(words.text(f"{key}.all"))
    hours = rows["step"].map(
        dict(zip(*(words.case.horizon.steps[name] for name in ("step", "hours")), strict=True))
    )
    energy = rows.assign(energy=rows["unserved_without"] * hours)
    worst = energy.groupby(["country", "carrier"], observed=True)["energy"].sum()
    worst = worst.sort_values(ascending=False).head(MOST_LINES)
    country, carrier = worst.index[0]
    first = rows[(rows["country"] == country) & (rows["carrier"] == carrier)]
    most = {f"most_{name}": first[f"unserved_{name}"].max() / 1e3 for name in LOOKS}
    made = Figure(words.text(f"{key}.title", country=country, carrier=carrier, **most))
    made.across(kind="time").up(words.text(f"{key}.axis"), low=0)
    for who, what in worst.index:
        own = rows[(rows["country"] == who) & (rows["carrier"] == what)]
        own = own.set_index("step")[[f"unserved_{name}" for name in LOOKS]]
        axis = along(words, own)
        for name, look in LOOKS.items():
            label = words.text(f"{key}.{name}", country=who, carrier=what)
            y = own[f"unserved_{name}"][axis.index].round(3)
            told = {
                "step": "after",
                "tells": f"{{x}}: {{y}} {words.unit_word('MW')}",
                "said": axis.get("when"),
            }
            made.line(label, axis["begins"], y, words.colour(what), **look, **told)
    return made


def _regions(results: Results, words: Words) -> View | None:
    return view(
        words, results["regions"], "emergency.regions", REGIONS, "first_short:when carrier", told=False
    )


def _remaining(results: Results, words: Words) -> View | None:
    rows = results["remaining"]
    rows = rows[rows["unserved_with"] > SMALL_ENERGY]
    return view(words, rows, "emergency.remaining", REMAINING, "first_short:when carrier")


def _stages(results: Results, words: Words) -> View | None:
    frame = results["stages"]
    allowed = [words.text(f"emergency.stages.{level}") for level in frame["level"]]
    columns = ("allowed:text", "unserved:all_energy", "extra_cost:money")
    return view(words, frame.assign(allowed=allowed), "emergency.stages", *columns, told=False)


def _ranges(results: Results, words: Words) -> View | None:
    frame, share = results["ranges"], results.fields["ranges"]
    frame = frame.assign(what=[words.text(f"emergency.ranges.{what}", share=share) for what in frame["what"]])
    energies = (f"{name}:all_energy" for name in ("unserved_without", "unserved_with", "protected_with"))
    return view(words, frame, "emergency.ranges", "what:text", *energies, "extra_cost_with:money")


def document(results: Results, words: Words) -> str:
    """The plan in Markdown: what sets it off, what to do in which order, who is cut, when to step down."""
    return "\n".join(_lines(results, words)) + "\n"


def _lines(results: Results, words: Words) -> Iterator[str]:
    facts, by_clock = facts_of(results["facts"]), not is_draft(results)
    late = "" if by_clock else "_by_months"

    def text(key: str, **places: Any) -> str:
        return words.text(f"emergency.document.{key}", **places)

    yield text("title", title=words.title)
    yield from () if by_clock else ("", words.say(facts[by_months.KEY]))
    yield from ("", words.say(facts["without"]), "", words.say(facts["with"]))
    if by_clock:
        yield from ("", text("check_list"), "")
        for row in results["clock"].to_dict("records"):
            yield text("item", hour=row["hour"], time=row["time"], what=sentence_of(row))
    yield from ("", text("what_to_do"), "")
    if results["plan"].empty:
        yield text("none" if facts["unserved_without"].value > SMALL_ENERGY else "nobody")
        yield ""
    for row in results["plan"].to_dict("records"):
        trigger = _trigger(results, words, row["level"])
        data = _data(results, str(row["measure"]))
        yield from words.lines(f"emergency.document.measure{late}", trigger=trigger, **data, **row)
    for row in results["orders"].to_dict("records"):
        yield from words.lines(f"emergency.document.by_itself{late}", **row)
    yield from ("", text("stand_down"), "", text("stand_down_criterion", **_thresholds(results)))
    yield from ("", text("restored"), "", text("restored_criterion"))
    if by_clock:
        ends = _restored(results, words)
        yield from ("", *(table_lines(ends) if ends else [words.text("emergency.restored.none")]))
    tables = {"calls": _calls} if by_clock else {}
    tables |= {"stops": _stops, "remaining": _remaining, "regions": _regions}
    tables |= {"ranges": _ranges} if "ranges" in results else {}
    for name, make in tables.items():
        shown = make(results, words)
        yield from ("", f"## {words.text(f'emergency.{name}.heading')}", "")
        yield from table_lines(shown) if shown else [words.text(f"emergency.{name}.none")]
    yield from ("", text("how"), "")
    yield from (f"- {line}" for line in words.lines("emergency.method", **_thresholds(results)))
    first, last = results.meta["window"]
    yield text("rules", **results.meta["rules"], first=first, last=last, fingerprint=results.case.fingerprint)
    yield from ("", text("limits"), "", *(f"- {line}" for line in words.lines("emergency.limits")))


def _data(results: Results, measure: str) -> dict[str, Fact | str]:
    """Sources of a measure by their titles, and the rule that its row names."""
    row = results.case.table("measures").set_index("measure").loc[measure]
    titles = results.case.table("sources").set_index("source")["title"]
    ids = [one.strip() for one in str(row["source"]).split(";") if one.strip()]
    named = [str(titles.get(one, "") or one) for one in ids]
    source = said("emergency.document.source", titles=named) if named else ""
    return {
        "source": source,
        "rule": said("emergency.document.rule", note=str(row["note"])) if row["note"] else "",
    }
