"""Page of a disruption: who goes short, service over time, what follows from what, the first hour."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kelisim.report.coverage import coverage
from kelisim.report.let_go import outage_parts
from kelisim.report.outage_charts import service, short_bars
from kelisim.report.page import KeyNumber, Page, Part, made_page, part
from kelisim.report.table import View, view
from kelisim.report.words import Words
from kelisim.results.by_months import is_draft
from kelisim.results.crisis import thresholds
from kelisim.results.facts import facts_of
from kelisim.results.headline import amount, where
from kelisim.results.losses import BUYERS, CUSTOMERS
from kelisim.results.propagation import STOPPED
from kelisim.results.results import Results
from kelisim.studies.helping import help_parts
from kelisim.studies.interval import interval_parts

MOST_LEVELS = 30  # rows of the table of levels
SHORT = (
    "place:place, carrier:carrier_name, customer_class:customers, -protected:yes, more:amount carrier, share_lasting:bar, "
    "-peak:flow carrier, first_short:moment carrier, -days_served:number"
)


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    return made_page(results, words, _parts(results, words), _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    facts = facts_of(results["facts"])
    value = {key: fact.value for key, fact in facts.items()}

    def text(key: str, **places: object) -> str:
        return words.text(f"disruption.numbers.{key}", **places)

    days, first = value["protected_days"], facts["first_protected_short"].places["step"]
    cover = text("cover_days", days=days) if first else text("cover_none")
    beside = text("cover_beside", first=first) if first else text("cover_beside_none")
    if first and is_draft(results):
        cover, beside = text("cover_unknown"), text("cover_beside_unknown")
    return [
        _largest(results, words),
        KeyNumber(cover, text("cover"), beside, bool(first)),
        KeyNumber(words.money(value["extra_cost"]), text("cost"), text("cost_beside")),
    ]


def _largest(results: Results, words: Words) -> KeyNumber:
    """The largest loss: of customers the share of their use, of others its worth."""
    losses = results["losses"]
    if losses.empty:
        value, what, beside = (
            words.text(f"disruption.numbers.{key}") for key in ("nothing_lost", "is_lost", "nothing_beside")
        )
        return KeyNumber(value, what, beside)
    one = losses.iloc[0]
    if one["kind"] != CUSTOMERS:
        beside = words.text(f"disruption.numbers.worth_{one['kind']}")
        return KeyNumber(words.money(one["value"]), words.text("disruption.numbers.worth"), beside, True)
    beside = words.text("disruption.numbers.lost_beside", what=amount(one), where=where(one, "lines"))
    return KeyNumber(words.number(one["share"], "share"), words.text("disruption.numbers.lost"), beside, True)


def _parts(results: Results, words: Words) -> list[Part]:
    short = results["demand.total"]
    short = short[short["first_short"].notna()].assign(more=lambda f: f["unserved"] - f["unserved_base"])
    # what is short on some days and served more on others loses nothing, but homes do while it lasts
    short = short[(short["more"] > 0) | short["protected"].astype(bool)]
    if is_draft(results):
        short = short.assign(days_served=np.nan)
    ranked = short.sort_values("more", ascending=False, kind="stable").assign(
        share=lambda f: f["share_lasting"]
    )
    bars = short_bars(words, ranked, "disruption.short") if len(short) else None
    chain = view(words, _links(results, words), "disruption.chain", "order:count, because:text, text:text")
    found = [
        part(words, "disruption.lost", _lost(results, words)),
        part(words, "disruption.short", bars, view(words, short, "disruption.short", SHORT)),
        part(words, "disruption.service", service(words, results["performance"], "disruption.service")),
        part(words, "levels", _levels(results, words)),
        part(words, "disruption.chain", chain),
    ]
    found += interval_parts(results, words)
    found += help_parts(results, words)
    found += coverage(results, words)
    found += outage_parts(results, words)
    if "duties.missed" in results:
        missed = results["duties.missed"].assign(more=lambda f: f["shortfall"] - f["shortfall_base"])
        columns = "duty:element, carrier:carrier_name, more:amount carrier, cost:millions"
        found.append(part(words, "disruption.duties", view(words, missed, "disruption.duties", columns)))
    if "first_hour" in results:
        hour = results["first_hour"].assign(share=lambda f: f["unserved"] / f["demand"])
        columns = "place:place, customer_class:customers, unserved:number, share:bar"
        shown = view(words, hour, "disruption.hour", columns, told=False)
        found.append(part(words, "disruption.hour", shown))
    if "highest_hour" in results:
        hour = results["highest_hour"].assign(share=lambda f: f["unserved"] / f["demand"])
        columns = "place:place, customer_class:customers, unserved:number, unserved_base:number, share:bar"
        shown = view(words, hour, "disruption.highest", columns, told=False)
        found.append(part(words, "disruption.highest", shown))
    if "trips" in results:
        columns = "element:element, place:place, hours:figure 2, why:human"
        found.append(
            part(words, "disruption.trips", view(words, results["trips"], "disruption.trips", columns))
        )
    return found


def _lost(results: Results, words: Words) -> View | None:
    """All that is lost, whoever bears it, the largest worth first."""
    frame = results["losses"]
    names = [words.text(f"disruption.lost.{one['kind']}") for _, one in frame.iterrows()]
    of = [_of(one, words) for _, one in frame.iterrows()]
    amounts = [words.say(amount(one)) if one["unit"] else "" for _, one in frame.iterrows()]
    shown = frame.assign(what=names, whose=of, amounts=amounts)
    return view(
        words,
        shown,
        "disruption.lost",
        "what:text, whose:text, amounts:text, share:share, value:millions",
        told=False,
    )


def _of(one: pd.Series, words: Words) -> str:
    if one["kind"] == CUSTOMERS:
        return words.say(where(one, "lines"))
    return words.country(one["of"]) if one["kind"] == BUYERS else words.label(one["of"]) if one["of"] else ""


def _levels(results: Results, words: Words) -> View | None:
    """Regions at a level of crisis, with the thresholds and where they are from."""
    case = results.case
    early, alert, emergency = thresholds(case)
    source = str(case.setting("crisis", "source"))
    notes = words.text("levels.notes", early=early, alert=alert, emergency=emergency, source=source)
    columns = "region:region, carrier:carrier_name, level:human, share:share, first:moment carrier"
    return view(
        words, results["regions.levels"], "levels", columns, told=False, most=MOST_LEVELS, notes=notes
    )


def _links(results: Results, words: Words) -> pd.DataFrame:
    """The chain in words: what stands before, and how the use of each element changed."""
    frame = results["chain"]
    changes = map(words.changed, frame["carrier"], frame["base"], frame["change"])
    texts = [
        words.text("disruption.chain.line", name=name, changed=changed)
        for name, changed in zip(frame["element"], changes, strict=True)
    ]
    lost = words.text("disruption.chain.lost")
    named = {"": lost, STOPPED: words.text("disruption.chain.stopped")}
    return frame.assign(because=[named.get(b) or words.label(b) for b in frame["because"]], text=texts)
