"""The answer of a balance: who is supplied, the limit with the largest rent, imports and cost, as facts."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kelisim.case.case import Case
from kelisim.results.bottlenecks import NETWORK, short_rows
from kelisim.results.facts import Fact, said
from kelisim.results.losses import EXPORT
from kelisim.tolerances import SMALL_ENERGY

Frames = Mapping[str, pd.DataFrame]
NAMED = 3  # carriers, countries and items that a sentence names
MUCH = 0.1  # share of a supply: what is let go of it is spoken of
HEAT = "heat"  # what nobody takes of it is condensing operation


def facts(case: Case, frames: Frames) -> list[Fact]:
    """Sentences, the most important first: supplied, protected, largest rent, imports, what is let go, cost."""
    rows = frames["demand.total"]
    short = short_rows(rows)
    return [
        _supplied(rows, short),
        _protected(rows, short),
        _weakest(case, frames["bottlenecks"]),
        _imports(frames["carriers.balance"], of_buyers(case, rows)),
        *_let_go(frames["carriers.balance"]),
        *_cost(case, frames["costs"]),
    ]


def _supplied(rows: pd.DataFrame, short: pd.DataFrame) -> Fact:
    demand, missing = float(rows["demand"].sum()), float(short["unserved"].sum())
    if demand <= 0:
        return Fact("unserved_energy", 0.0, "MWh", "balance.no_demand", share=0.0)
    if short.empty:
        places = {"share": 0.0, "demand": demand * 1e-6, "where": rows["place"].nunique()}
        return Fact("unserved_energy", 0.0, "MWh", "balance.all_supplied", **places)
    by_carrier = short.groupby("carrier", observed=True)["unserved"].sum().sort_values(ascending=False)
    parts = [said("balance.of_carrier", carrier=c, energy=e) for c, e in by_carrier.head(NAMED).items()]
    if len(by_carrier) > NAMED:
        parts.append(said("balance.more_carriers", count=len(by_carrier) - NAMED))
    return Fact(
        "unserved_energy", missing, "MWh", "balance.some_unserved", share=missing / demand, demand=demand * 1e-6, parts=parts,
        where=short["place"].astype(str).nunique(),
    )  # fmt: skip


def _protected(rows: pd.DataFrame, short: pd.DataFrame) -> Fact:
    guarded, hit = (frame[frame["protected"].astype(bool)] for frame in (rows, short))
    demand, missing = float(guarded["demand"].sum()) * 1e-6, float(hit["unserved"].sum())
    if guarded.empty:
        return Fact("unserved_protected", 0.0, "MWh", "balance.none_protected")
    if hit.empty:
        return Fact("unserved_protected", 0.0, "MWh", "balance.protected_served", demand=demand)
    columns = ["place", "carrier", "customer_class", "unserved", "unserved_rate"]
    places = {"missing": missing * 1e-3, "demand": demand, **hit.iloc[0][columns].to_dict()}
    return Fact("unserved_protected", missing, "MWh", "balance.protected_short", **places)


def _weakest(case: Case, rows: pd.DataFrame) -> Fact:
    """The limit of the network with the largest rent; a limit of a plant or field only if the network has none."""
    rows = rows[rows["value"] > 0]
    if rows.empty:
        return Fact("weakest_limit", 0.0, case.currency, "balance.no_limit")
    network = rows[rows["table"].isin(NETWORK)]
    row = (network if len(network) else rows).iloc[0]
    is_link, carrier = row["table"] == "links", str(row["carrier"])
    whole = float(case.horizon.hours.sum())
    hours = min(float(row["hours_full"]), whole)
    always = hours > 0.999 * whole
    return Fact(
        "weakest_limit", row["value"], case.currency, "balance.weakest", element=row["element"],
        limit=said(f"bottlenecks.{'links_' if is_link else ''}{row['limit']}", carrier=carrier),
        of=said("balance.carrier_beside", carrier=carrier) if carrier and not is_link else "",
        when=said("balance.all_the_time") if always else said("balance.some_hours", hours=hours, all=whole),
    )  # fmt: skip


def of_buyers(case: Case, rows: pd.DataFrame) -> pd.Series:
    """MWh that buyers under an export contract take, by country and carrier: a market is no user.

    rows  demand.total
    """
    rows = rows[rows["customer_class"].astype(str) == EXPORT]
    country = rows["place"].astype(str).map(case.table("places").set_index("place")["country"])
    found: pd.Series = rows["served"].groupby([country, rows["carrier"].astype(str)]).sum()
    return found


def net_imports(rows: pd.DataFrame, bought: pd.Series) -> pd.DataFrame:
    """Net imports, trade with markets and contracts included, of countries that use energy, the largest first.

    rows     carriers.balance
    bought   of_buyers: neither use nor import of the country
    returns  country, carrier, net, use (MWh), share
    """
    found = rows[["country", "carrier"]].astype(str)
    sold = bought.reindex(pd.MultiIndex.from_frame(found)).fillna(0.0).to_numpy()
    use = rows["used"] + rows["taken_in"] - sold
    found = found.assign(net=rows["net_import"] - sold, use=use)
    found = found[(found["net"] > 1e-6 * max(float(use.sum()), 1.0)) & (found["use"] > 0.02 * found["net"])]
    found = found.assign(share=(found["net"] / found["use"]).clip(upper=1.0))
    return found.sort_values("net", ascending=False, kind="stable", ignore_index=True)


def _imports(rows: pd.DataFrame, bought: pd.Series) -> Fact:
    found = net_imports(rows, bought).head(NAMED)
    if found.empty:
        return Fact("net_imports", say="balance.no_imports")
    parts = [said("balance.import", **row) for row in found.to_dict("records")]
    return Fact("net_imports", say="balance.imports", parts=parts)


def _let_go(rows: pd.DataFrame) -> list[Fact]:
    """What nobody takes, where it is more than a tenth of what a country makes, buys and gets of a carrier."""
    supply = rows["made"] + rows["bought"] + rows["imported"]
    rows = rows.assign(supply=supply, share=rows["curtailed"] / supply.where(supply > 0))
    rows = rows[(rows["share"] > MUCH) & (rows["curtailed"] > SMALL_ENERGY)]
    if rows.empty:
        return []
    rows = rows.sort_values("curtailed", ascending=False, kind="stable")
    columns = ["country", "carrier", "curtailed", "share"]
    parts = [
        said("balance.let_go_condensing" if row["carrier"] == HEAT else "balance.let_go_of", **row)
        for row in rows[columns].head(NAMED).to_dict("records")
    ]
    more = len(rows) - NAMED
    more_said = said("balance.let_go_more", count=more) if more > 0 else ""
    return [Fact("let_go", len(rows), "rows", "balance.let_go", parts=parts, more=more_said)]


def _cost(case: Case, rows: pd.DataFrame) -> list[Fact]:
    paid, earned = float(rows["amount"].clip(lower=0).sum()), -float(rows["amount"].clip(upper=0).sum())
    income = Fact("income", earned, case.currency)
    if paid <= 0:
        return [Fact("cost", 0.0, case.currency, "balance.no_cost", sales=""), income]
    items = rows[rows["amount"] > 0.005 * paid].sort_values("amount", ascending=False).head(NAMED)
    parts = [said("balance.item", **row) for row in items.to_dict("records")]
    sales = said("balance.sales", earned=earned) if earned > 0.005 * paid else ""
    return [Fact("cost", paid, case.currency, "balance.cost", parts=parts, sales=sales), income]
