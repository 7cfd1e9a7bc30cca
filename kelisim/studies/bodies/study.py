"""Who owes what by when: open points of working groups and commissions, what they decided, when they meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.facts import Fact, said, sentence_of
from kelisim.results.results import Results
from kelisim.results.schema import framed
from kelisim.studies.bodies.points import MEETING, OVERDUE, Points, owners
from kelisim.studies.study import Study, param

NAMED = 3  # points, offices or bodies that a sentence names


@dataclass(frozen=True)
class Bodies(Study):
    """Who owes what by when: action points, tasks and provisions that commissions and working groups follow up, overdue ones first."""

    name = "bodies"
    lets_go = False
    solves = False
    at: date | None = param("day on which it is asked; today if not given", default=None)
    ahead: int = param("days from then within which a date is near", unit="d", default=90)
    body: tuple[str, ...] = param(
        "only these bodies, separated by commas; all if empty", default=(), refers_to=("bodies",)
    )

    def run(self, engine: Engine) -> Results:
        case, at = engine.case, self.at or date.today()
        known = case.table("bodies")["body"].tolist()
        if not known:
            raise StudyError(f'The case "{case.name}" has no bodies: nobody follows anything up.')
        strange = [one for one in self.body if one not in known]
        if strange:
            near = schema.nearest(strange[0], known)
            hint = f'Did you mean "{near}"?' if near else f"Known: {schema.some(known)}."
            raise StudyError(f'body: no body "{strange[0]}". {hint}')
        if self.ahead < 0:
            raise StudyError(f"ahead: {self.ahead} days lie behind.")
        found = Points(case, at, self.ahead)
        points = found.frame()
        if self.body:
            points = points[points["body"].isin(self.body)].reset_index(drop=True)
        meets = _meets(found.bodies(), points, self.body)
        frames = {
            "points": points,
            "owners": owners(points),
            "meets": meets,
            "decisions": _decisions(case, at, self.body),
        }
        return self.results(engine, frames, _told(frames, at, self.ahead), None, {"at": at})


def _meets(bodies: pd.DataFrame, points: pd.DataFrame, only: tuple[str, ...]) -> pd.DataFrame:
    """Each body with what it follows up; those with most that is overdue first."""
    count = points.groupby("body").size()
    late = points[points["state"] == OVERDUE].groupby("body").size()
    frame = bodies.assign(
        open=bodies["body"].map(count).fillna(0).astype(int),
        overdue=bodies["body"].map(late).fillna(0).astype(int),
    )
    for column in ("last", "next_due", "called"):
        frame[column] = pd.to_datetime(frame[column])
    if only:
        frame = frame[frame["body"].isin(only)]
    return frame.sort_values(["overdue", "open", "body"], ascending=[False, False, True], ignore_index=True)


def _decisions(case: Case, at: date, only: tuple[str, ...]) -> pd.DataFrame:
    rows = case.table("meetings")
    days = pd.to_datetime(rows["date"])
    chosen = (days <= pd.Timestamp(at)) & (rows["decision"] != "")
    if only:
        chosen &= rows["body"].isin(only)
    rows = rows[chosen].assign(day=days[chosen])
    frame = framed(
        "bodies", "decisions", rows[["meeting", "body", "day", "decision"]].itertuples(index=False, name=None)
    )
    return frame.sort_values(["day", "meeting"], ascending=[False, True], ignore_index=True)


def _told(frames: dict[str, pd.DataFrame], at: date, ahead: int) -> list[Fact]:
    points = frames["points"]
    if points.empty:
        return [Fact("open", 0.0, "", "bodies.nothing", at=at)]
    late = points[points["state"] == OVERDUE]
    shown = late if len(late) else points.dropna(subset=["due"])
    parts = [_point(row) for row in shown.head(NAMED).to_dict("records")]
    key = "overdue" if len(late) else "ahead" if parts else "undated_all"
    facts = [Fact("overdue", float(len(late)), "", f"bodies.{key}", count=len(points), parts=parts, at=at)]
    soon = points[points["state"] == "soon"]
    facts.append(Fact("soon", float(len(soon)), "", "bodies.soon" if len(late) else "", days=ahead))
    facts += _of_owners(frames["owners"])
    due = points[(points["kind"] == MEETING) & (points["state"] == OVERDUE)]
    if len(due):
        bodies = [said("bodies.of_body", body=row.body, due=row.due) for row in due.head(NAMED).itertuples()]
        facts.append(Fact("meetings", float(len(due)), "", "bodies.not_met", parts=bodies))
    undated = points[points["due"].isna()]
    if len(undated):
        facts.append(Fact("undated", float(len(undated)), "", "bodies.undated"))
    alone = points[points["body"] == ""]
    if len(alone):
        parts = [sentence_of(row) for row in alone.head(NAMED).to_dict("records")]
        facts.append(Fact("alone", float(len(alone)), "", "bodies.alone", parts=parts))
    return facts


def _point(row: dict[str, object]) -> Fact:
    places = {"what": sentence_of(row), "owner": row["owner"], "due": row["due"]}
    return said(f"bodies.point{'' if row['owner'] else '_nobody'}", **places)


def _how_late(row: pd.Series) -> str:
    """Of the key: whether none, some or all of what an office owes is overdue."""
    if not row["overdue"]:
        return ""
    return "_late_all" if row["overdue"] == row["open"] else "_late"


def _of_owners(table: pd.DataFrame) -> list[Fact]:
    if table.empty:
        return []
    first = table.iloc[0]
    places = {"owner": first["owner"], "late": int(first["overdue"])}
    return [Fact("most", float(first["open"]), "", f"bodies.most{_how_late(first)}", **places)]
