"""What is said first of an outage: the largest loss, who is cut, and on whose help it rests; then a line for each service.

One function makes these facts for all studies of an outage; command line, page, report and map write the same sentences of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kelisim.results.against_plan import AgainstPlan
from kelisim.results.facts import Fact, said
from kelisim.results.losses import BUYERS, CUSTOMERS, DEARER, EXPORT, SHUT_IN, Losses
from kelisim.tolerances import SMALL_CHANGE, SMALL_ENERGY, SMALL_MONEY, SMALL_SHARE

NAMED = 3  # groups of customers and changes that a sentence names
HELPERS = 2  # that give most, named
REGIONS = 2  # regions that a group names
SERVICES = (
    "heat",
    "electricity",
    "gas",
    "products",
)  # families that always have a line, where somebody uses them
SOLD = "exports"  # the line of sales abroad
POWER_UNIT = "MW"  # of a flow that is told by its highest step


def headline(seen: AgainstPlan, found: Losses, key: str = "answer") -> list[Fact]:
    """The first sentence and the second: the largest loss, and who is cut. The value of the first is the unserved energy, MWh."""
    return [_first(seen, found, key), who(seen, found, f"{key}_who" if key != "answer" else "who")]


def asked(key: str, lost: Sequence[str], start: date, days: int, share: float = 1.0, event: str = "") -> Fact:
    """The question: elements, all or a share of each, or what happened in their place."""
    kind = "event" if event else "all" if share >= 1.0 else "share"
    return Fact(key, say=f"outage.head_{kind}", lost=lost, share=share, event=event, days=days, start=start)


def _first(seen: AgainstPlan, found: Losses, key: str) -> Fact:
    figures = seen.figures()
    unserved, cost = figures["unserved_energy"], figures["extra_cost"]
    if found.all.empty:
        say = "first.nothing" if unserved <= SMALL_ENERGY else "first.little"
        return Fact(key, unserved, "MWh", say)
    one = found.all.iloc[0]
    if one["kind"] == DEARER:
        say = "first.dearer_all_served" if unserved <= SMALL_ENERGY else "first.dearer"
        return Fact(key, unserved, "MWh", say, cost=cost if unserved <= SMALL_ENERGY else one["value"])
    places: dict[str, Any] = {
        "loss": amount(one),
        "share": _share(one, one["kind"] == CUSTOMERS),
        "worth": one["value"],
    }
    if one["kind"] == CUSTOMERS:
        places["who"] = where(one, "first")
        if one["amount"] <= 0.0:
            return Fact(key, unserved, "MWh", "first.after", **places)
    elif one["kind"] == BUYERS:
        sold = found.sales[found.sales["family"] == one["family"]]["energy"].sum()
        places |= {
            "country": one["of"],
            "elsewhere": said("first.elsewhere") if sold < 0.5 * one["energy"] else "",
        }
    elif one["kind"] == SHUT_IN:
        sources = list(dict.fromkeys(found.shut["asset"]))
        places |= {
            "source": sources[0],
            "more": said("first.more", count=len(sources) - 1) if sources[1:] else "",
        }
    return Fact(key, unserved, "MWh", f"first.{one['kind']}", contract=one["of"], **places)


def where(one: Mapping[str, Any] | pd.Series, section: str) -> Fact:
    """Whose loss of customers it is: a region, a few regions or a country."""
    regions = str(one["regions"]).split(";") if one["regions"] else []
    if not regions:
        return said(f"{section}.country", country=one["of"])
    if len(regions) == 1:
        return said(f"{section}.region", region=regions[0])
    return said(f"{section}.regions", where=some_regions(regions, 2 if len(regions) == 2 else 1))


def some_regions(regions: Sequence[str], most: int = REGIONS) -> Fact:
    """Regions by name, at most so many, and how many more there are."""
    named = [said("cut.region", region=region) for region in regions[:most]]
    more = len(regions) - most
    return said("cut.regions_some" if more > 0 else "cut.regions_all", where=named, count=more)


def amount(one: pd.Series) -> Fact:
    """An amount with its carrier, or its family where no carrier is most of it; of power the highest of a step and the mean."""
    top = one["unit"] == POWER_UNIT and one["kind"] == CUSTOMERS
    what = (
        said("first.carrier", carrier=one["carrier"])
        if one["carrier"]
        else said("first.family", family=one["family"])
    )
    places = {"amount": one["amount"], "peak": one["peak"], "unit": one["unit"], "what": what}
    return said("first.up_to" if top else "first.amount", **places)


def _share(one: Mapping[str, Any] | pd.Series, is_use: bool) -> Fact:
    """Share of the use, or of what was planned, while the outage lasts; of power on average."""
    if is_use and one["unit"] == POWER_UNIT and not one["is_month"]:
        return said("first.use_average", share=one["share"])
    say = "none" if pd.isna(one["share"]) else "months" if one["is_month"] else "lasting"
    return said(f"first.{'use' if is_use else 'plan'}_{say}", share=one["share"])


def who(seen: AgainstPlan, found: Losses, key: str) -> Fact:
    """Who is cut: protected and home first, homes before industry; a group of less than a hundredth of the loss is not named."""
    figures, groups = seen.figures(), found.groups
    count = float(len(groups) + found.small)
    if not count:
        return Fact(key, 0.0, "groups of customers", "cut.nobody")
    shield = _shield(seen, figures)
    if groups.empty:
        return Fact(key, count, "groups of customers", "cut.small", shield=shield)
    rest = int(count) - min(len(groups), NAMED)
    parts = [_group(one) for one in groups.head(NAMED).to_dict("records")]
    more = said("cut.more", count=rest) if rest > 0 else ""
    return Fact(key, count, "groups of customers", "cut.groups", parts=parts, more=more, shield=shield)


def _group(one: Mapping[str, Any]) -> Fact:
    named = {"customer_class": one["customer_class"], "carrier": one["carrier"], "share": one["share"]}
    say = "cut.group" if pd.notna(one["share"]) else "cut.group_alone"
    return said(say, **named, where=some_regions(one["regions"]))


def _shield(seen: AgainstPlan, figures: Mapping[str, Any]) -> Fact:
    first = figures["first_protected_short"]
    if pd.isna(first):
        return said("cut.protected_served")
    if seen.case.horizon.is_by_months:
        return said("cut.protected_month", first=first)
    served = seen.days_from_start(int(np.flatnonzero(seen.starts == first)[0]))
    return said(f"cut.protected_{'at_once' if served < 0.5 else 'after'}", days=served, first=first)


# ---- help
def rests(
    found: Losses, rule: str, help_: pd.DataFrame,
    others: Mapping[str, tuple[Losses, pd.DataFrame]] | None = None, has_aid: bool = True,
) -> Fact:  # fmt: skip
    """On whose help the answer rests, with the most that it gives, and what would be under the other rule.

    rule     of help, of the answer
    help_    table `help` of the answer
    others   the same question under other rules: losses and table `help`
    has_aid  whether anything is agreed beyond plan and contracts
    """
    helped = _helpers(help_, found)
    on = said("rests.on", parts=_gives(helped)) if len(helped) else said("rests.nobody")
    other: Fact | str = ""
    name = "agreed" if rule == "planned" else "planned"
    if others and name in others:
        other = _other(rule, found, help_, *others[name])
    elif rule != "open" and not has_aid and found.total > SMALL_MONEY:
        other = said("rests.nothing_agreed")
    return Fact("rests", float(helped["more"].sum()), "MWh", "rests.says", on=on, other=other)


def _helpers(help_: pd.DataFrame, found: Losses) -> pd.DataFrame:
    """Help that counts: a hundredth of all help, and of the energy of the largest loss, or more."""
    lost = float(found.all["energy"].iloc[0]) if len(found.all) else 0.0
    least = max(SMALL_ENERGY, SMALL_SHARE * max(float(help_["more"].sum()), lost))
    return help_[help_["more"] >= least]


def _gives(helped: pd.DataFrame) -> list[Fact]:
    """Who gives most, each with the most that it gives of what it gives most of."""
    found = []
    for giver, mine in list(helped.groupby("giver", sort=False))[:HELPERS]:
        parts = [
            said("rests.most", carrier=row.carrier, peak=row.peak)
            for row in mine.head(HELPERS).itertuples(index=False)
        ]
        found.append(said("rests.helper", giver=giver, parts=parts))
    return found


def _other(rule: str, found: Losses, here_help: pd.DataFrame, its: Losses, its_help: pd.DataFrame) -> Fact:
    """What the other rule gives: of the largest loss, in its unit, or of all losses in money."""
    if abs(its.total - found.total) <= SMALL_CHANGE * max(its.total, found.total, SMALL_MONEY):
        return said("rests.same")
    planned, agreed = (found, its) if rule == "planned" else (its, found)
    if agreed.total > planned.total:
        # it costs less in all, but another loss stands in the place of one that weighs less
        return said(f"rests.{'no_less' if rule == 'planned' else 'no_more'}")
    border = ["receiver", "giver", "carrier"]
    before = (
        here_help.set_index(border)["more"].reindex(pd.MultiIndex.from_frame(its_help[border])).fillna(0.0)
    )
    helped = its_help.assign(more=its_help["more"].to_numpy() - before.to_numpy())
    helped = _helpers(helped.sort_values("more", ascending=False, kind="stable"), found)
    by = said("rests.by", parts=_gives(helped)) if rule == "planned" and len(helped) else ""
    word = "with_agreed" if rule == "planned" else "without_agreed"
    lead = (found if len(found.all) and found.total >= its.total else its).all.iloc[0]
    if lead["kind"] == CUSTOMERS:
        here, now = (_alike(one, lead) for one in (found, its))
        # the numbers that are told must differ, or the sentence says that nothing changes
        if abs(_shown(now) - _shown(here)) > SMALL_CHANGE * max(_shown(now), _shown(here)):
            word = f"{word}_nobody" if now["amount"] <= 0 else word
            return said(
                f"rests.{word}", by=by, now=_bare(now), here=_bare(here), what=amount(lead).places["what"]
            )
    return said(f"rests.{word}_money", by=by, now=its.total, here=found.total)


def _alike(losses: Losses, lead: pd.Series) -> pd.Series:
    """The loss of the same customers and carriers; nothing where there is none."""
    rows = losses.all
    rows = rows[(rows["kind"] == CUSTOMERS) & (rows["of"] == lead["of"]) & (rows["family"] == lead["family"])]
    if len(rows):
        return rows.iloc[0]
    none = lead.copy()
    none[["amount", "peak"]] = 0.0
    return none


def _shown(one: pd.Series) -> float:
    """The number by which a loss is told: of power its highest, of all else its amount."""
    return float(one["peak"] if one["unit"] == POWER_UNIT else one["amount"])


def _bare(one: pd.Series) -> Fact:
    """An amount without its carrier."""
    top = one["unit"] == POWER_UNIT
    size = _shown(one)
    return said(
        "rests.none" if size <= 0 else "rests.up_to" if top else "rests.amount", amount=size, unit=one["unit"]
    )


# ---- lines
def lines(seen: AgainstPlan, found: Losses) -> tuple[pd.DataFrame, Fact]:
    """A line for each service: served, or short by how much and in which country most; customers, and sales abroad.

    returns  table `services`, and the fact that says it
    """
    rows = seen.case.table("carriers").drop_duplicates("carrier")
    used = set(rows["family"][rows["carrier"].isin(seen.case.table("demand")["carrier"])])
    cut = found.all[found.all["kind"] == CUSTOMERS].sort_values("value", ascending=False, kind="stable")
    families = [*(one for one in SERVICES if one in used), *sorted(set(cut["family"]) - set(SERVICES))]
    lost: list[tuple[str, pd.DataFrame]] = [(one, cut[cut["family"] == one]) for one in families]
    sold = found.sales
    if len(seen.case.table("markets")) or (seen.case.table("demand")["customer_class"] == EXPORT).any():
        lost.append((SOLD, sold[(sold["amount"] > 0) & (sold["share"] >= SMALL_SHARE)]))
    made = [(service, *_line(frame.iloc[0] if len(frame) else None)) for service, frame in lost]
    frame = pd.DataFrame(
        made, columns=["service", "is_short", "carrier", "amount", "unit", "share", "country", "regions"]
    )
    parts = [_told(row) for row in frame.to_dict("records")]
    return frame, Fact("services", float(frame["is_short"].sum()), "services", "lines.all", parts=parts)


def _line(one: pd.Series | None) -> tuple[bool, str, float, str, float, str, str]:
    if one is None:
        return False, "", 0.0, "", 0.0, "", ""
    size = one["peak"] if one["unit"] == POWER_UNIT else one["amount"]
    return (
        True,
        str(one["carrier"]),
        float(size),
        str(one["unit"]),
        float(one["share"]),
        str(one["of"]),
        str(one["regions"]),
    )


def _told(row: Mapping[str, Any]) -> Fact:
    service = str(row["service"])
    known = service in (*SERVICES, SOLD)
    name = said(f"lines.name_{service}") if known else said("lines.name", family=service)
    if not row["is_short"]:
        return said("lines.sold" if service == SOLD else "lines.served", name=name)
    top = said("lines.up_to") if row["unit"] == POWER_UNIT else ""
    of = said("lines.of", carrier=row["carrier"]) if row["carrier"] and service == SOLD else ""
    places = {key: row[key] for key in ("amount", "unit", "share")} | {
        "where": where({**row, "of": row["country"]}, "lines")
    }
    kind = "less" if service == SOLD else "short" if row["amount"] > 0 else "after"
    return said(f"lines.{kind}", name=name, top=top, of=of, **places)
