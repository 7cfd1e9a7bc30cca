"""What an answer about sanctions says, the most important first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from kelisim.case.case import Case
from kelisim.results.facts import Fact, said
from kelisim.tolerances import DRAWN_SHARE, SMALL_ENERGY

if TYPE_CHECKING:
    from kelisim.studies.sanctions.study import Sanctions

NAMED = 4
CARRIERS = 3
# what things share that one sentence tells
ALIKE = ("authority", "act", "part", "share", "origins", "until", "who")


def facts(study: Sanctions, case: Case, frames: dict[str, pd.DataFrame], at: date, until: date) -> list[Fact]:
    """Sentences of the answer."""
    day = frames["day"]
    if len(case.table("restrictions")) == 0:
        return [Fact("touched", 0.0, "", "sanctions.no_rules", day=at)]
    answers = _answers(study, case, frames)
    # what is lost leads, if something is
    lost = answers[:1] if "answers" in frames and (answers[0].value or 0.0) > 0.0 else []
    found = [*lost, _touched(day, at)]
    found += _worst(frames, until)
    found += _next(frames["turns"], at)
    found += answers[len(lost) :]
    found += _sale(frames, at)
    weak = int((day["confidence"] == "C").sum())
    if weak:
        found.append(Fact("weak", float(weak), "", "sanctions.weak", rows=len(day)))
    if not (case.horizon.start.date() <= at < case.horizon.end.date()):
        found.append(Fact("year", say="sanctions.other_year", day=at, start=case.horizon.start.date()))
    start, end = in_horizon(case, at), (case.horizon.end - pd.Timedelta(hours=1)).date()
    if study.days and (end - start).days + 1 < study.days:
        found.append(Fact("shortened", say="sanctions.shortened", day=end))
    return [*found, Fact("bound", say="sanctions.bound")]


def in_horizon(case: Case, day: date) -> date:
    """A day in the year of the case: itself, or the same day of its year; the first day where the case has no such day."""
    first, last = case.horizon.start.date(), (case.horizon.end - pd.Timedelta(hours=1)).date()
    if first <= day <= last:
        return day
    for year in range(first.year, last.year + 1):
        same = date(year, day.month, min(day.day, 28 if day.month == 2 else day.day))
        if first <= same <= last:
            return same
    return first


def _touched(day: pd.DataFrame, at: date) -> Fact:
    """How many things are prohibited, licensed or to be judged."""
    worst = day.drop_duplicates(["table", "subject"])["verdict"]
    count = worst.value_counts()
    if worst.empty:
        return Fact("touched", 0.0, "", "sanctions.nothing", day=at)
    kinds = ("prohibited", "above_cap", "judge", "licence")
    parts = [said(f"sanctions.count_{kind}", count=int(count[kind])) for kind in kinds if kind in count]
    return Fact("touched", float(len(worst)), "", "sanctions.touched", day=at, parts=parts)


def _worst(frames: dict[str, pd.DataFrame], until: date) -> list[Fact]:
    """What is prohibited, with the largest part of the plan first."""
    day, exposure = frames["day"], frames["exposure"]
    key = ["table", "subject", "authority", "act", "part"]
    rows = day[day["verdict"] == "prohibited"].merge(
        exposure[[*key, "lowest", "highest", "carrier"]], on=key, how="left"
    )
    is_pipe_owner = (rows["table"] == "links") & (rows["part"] == "holder")
    is_idle = (rows["table"] != "dealings") & rows["highest"].isna()
    rows = rows[(rows["table"] != "entities") & ~is_pipe_owner & ~is_idle]
    order = ["since", "highest"]
    rows = rows.sort_values(order, ascending=False, kind="stable", na_position="last")
    rows = rows.drop_duplicates(["table", "subject", "act"])
    alike = rows.groupby(list(ALIKE), sort=False, dropna=False)
    found = []
    for number, (_, group) in enumerate(list(alike)[:NAMED], start=1):
        found.append(_prohibited(f"prohibited_{number}", group.head(NAMED), until))
    return found


def _prohibited(key: str, group: pd.DataFrame, until: date) -> Fact:
    """Things that one authority prohibits for one reason and time, and what the plan has of each."""
    row = group.iloc[0]
    goes_on = row["until"].date() >= until
    ends = said("sanctions.goes_on") if goes_on else said("sanctions.ends", day=row["until"].date())
    share: Fact | str = ""
    if row["part"] == "holder":
        share = said("sanctions.part", share=row["share"])
    elif row["part"] == "origin":
        origins = [said("sanctions.country", country=code) for code in row["origins"].split("; ")]
        share = said("sanctions.of_origin", origins=origins)
    volumes = [_volume(one) for one in group[group["highest"].notna()].itertuples(index=False)]
    places = {
        "names": list(group["name"]),
        "authority": row["authority"],
        "act": said(f"sanctions.act_{row['act']}"),
        "share": share,
        "ends": ends,
        "volume": said("sanctions.volumes", volumes=volumes) if volumes else "",
        "why": said("sanctions.owner", who=row["who"]) if row["who"] else "",
    }
    return Fact(key, row["highest"], "MWh", "sanctions.prohibited", **places)


def _volume(row: Any) -> Fact:
    kind = "exact" if row.highest - row.lowest <= SMALL_ENERGY else "between"
    return said(f"sanctions.{kind}", lowest=row.lowest, highest=row.highest, carrier=row.carrier)


def _next(turns: pd.DataFrame, at: date) -> list[Fact]:
    """The next day on which a verdict at home changes."""
    rows = turns[(turns["day"] > pd.Timestamp(at)) & (turns["changed"] > 0)]
    if rows.empty:
        return []
    first = rows[rows["day"] == rows["day"].min()]
    parts = [
        said(f"sanctions.turn_{row.what}_{row.way}", name=row.name, names=row.names)
        for row in first.head(NAMED).itertuples(index=False)
    ]
    return [Fact("next", say="sanctions.next", day=first["day"].iloc[0].date(), parts=parts)]


def _answers(study: Sanctions, case: Case, frames: dict[str, pd.DataFrame]) -> list[Fact]:
    """What each answer costs, and who gains a part of it that is worth naming."""
    if "answers" not in frames:
        if study.days and len(frames.get("stops", ())) == 0:
            return [Fact("no_stop", 0.0, "", "sanctions.no_stop", days=study.days)]
        return []
    found = []
    for row in frames["answers"].itertuples(index=False):
        short = _short(frames["answers.unserved"], row.answer)
        is_named = row.gains and row.gain >= DRAWN_SHARE * abs(row.cost)
        gains = said("sanctions.gains", country=row.gains, money=row.gain) if is_named else ""
        places = {
            "answer": said(f"sanctions.answer_{row.answer}"),
            "cost": abs(row.cost),
            "gains": gains,
            "short": short,
        }
        say = "sanctions.costs" if row.cost >= 0 else "sanctions.saves"
        found.append(Fact(f"answer_{row.answer}", row.cost, case.currency, say, **places))
    return found


def _sale(frames: dict[str, pd.DataFrame], at: date) -> list[Fact]:
    """Whether the sale of a stake, where it is among the answers, has a licence on the day."""
    if "answers" not in frames or "sell_stake" not in set(frames["answers"]["answer"]):
        return []
    rows, day = frames["verdicts"], pd.Timestamp(at)
    mine = rows["subject"].isin(frames["stops"]["subject"]) & (rows["act"] == "sell_stake")
    mine &= (rows["start"] <= day) & (rows["end"] >= day) & (rows["verdict"] == "prohibited")
    if not mine.any():
        return []
    barred = sorted({name for cell in rows["barred"][mine] for name in cell.split("; ") if name})
    say = "sanctions.sale_barred" if barred else "sanctions.sale_needs"
    return [Fact("sale", say=say, licences=barred)]


def _short(frame: pd.DataFrame, answer: str) -> Fact:
    """Who goes short under an answer: the forms of energy with most first."""
    rows = frame[(frame["answer"] == answer) & (frame["unserved"] > SMALL_ENERGY)]
    rows = rows.sort_values("unserved", ascending=False, kind="stable").head(CARRIERS)
    if rows.empty:
        return said("sanctions.not_short")
    parts = [
        said("sanctions.of_carrier", energy=row.unserved, carrier=row.carrier)
        for row in rows.itertuples(index=False)
    ]
    return said("sanctions.goes_short", parts=parts)
