"""Open points of the bodies of a case: action points, tasks that are due, provisions that end, meetings that are due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from kelisim.case.case import Case
from kelisim.results.facts import Fact, said, stored
from kelisim.results.schema import framed

ACTION, TASK, PROVISION, MEETING = "action", "task", "provision", "meeting"
OVERDUE, SOON, LATER, UNDATED = "overdue", "soon", "later", "no_date"
ENDED_LATELY = 365  # days after its end in which a provision is still a point


@dataclass(frozen=True)
class OpenPoint:
    """One thing that somebody owes.

    what  a fact that says it
    """

    point: str
    kind: str
    body: str
    what: Fact
    owner: str
    due: pd.Timestamp
    provision: str
    confidence: str


class Points:
    """All open points on a day.

    ahead  days from then within which a date is near
    """

    def __init__(self, case: Case, at: date, ahead: int) -> None:
        self.case, self.at, self.ahead = case, pd.Timestamp(at), pd.Timedelta(days=ahead)

    def _is_past(self, day: Any) -> bool:
        return not pd.isna(day) and pd.Timestamp(str(day)) <= self.at

    def frame(self) -> pd.DataFrame:
        """The points as a table: overdue ones first, then by day, those without a day last."""
        rows = []
        for one in [
            *self._actions(),
            *self._decided(),
            *self._tasks(),
            *self._provisions(),
            *self._meetings(),
        ]:
            left = float("nan") if pd.isna(one.due) else float((one.due - self.at).days)
            told = stored(one.what)
            rows.append(
                (
                    one.point,
                    one.kind,
                    one.body,
                    told["say"],
                    told["places"],
                    one.owner,
                    one.due,
                    left,
                    self._state(one.due),
                    one.provision,
                    one.confidence,
                )
            )
        frame = framed("bodies", "points", rows)
        return frame.sort_values(["due", "point"], na_position="last", ignore_index=True)

    def _state(self, due: pd.Timestamp) -> str:
        if pd.isna(due):
            return UNDATED
        if due < self.at:
            return OVERDUE
        return SOON if due <= self.at + self.ahead else LATER

    def _actions(self) -> Iterator[OpenPoint]:
        """Rows of the table `actions` that are not done."""
        met = {row.meeting: row.date for row in self.case.table("meetings").itertuples(index=False)}
        for row in self.case.table("actions").itertuples(index=False):
            is_known = not row.meeting or self._is_past(met.get(row.meeting))
            if is_known and not self._is_past(row.done_on):
                what = said("bodies.own_words", what=row.what)
                yield OpenPoint(
                    row.action,
                    ACTION,
                    row.body,
                    what,
                    row.owner,
                    _day(row.due),
                    row.provision,
                    row.confidence,
                )

    def _decided(self) -> Iterator[OpenPoint]:
        """Action points that stand in the row of a meeting; nothing says when they were done."""
        for row in self.case.table("meetings").itertuples(index=False):
            if row.action and self._is_past(row.date):
                what = said("bodies.own_words", what=row.action)
                yield OpenPoint(
                    row.meeting, ACTION, row.body, what, row.owner, _day(row.due), "", row.confidence
                )

    @cached_property
    def _open_tasks(self) -> pd.DataFrame:
        tasks = self.case.table("tasks")
        done = tasks["done_on"].map(self._is_past).astype(bool)
        return tasks[~done & (tasks["status"] != "cancelled")]

    def _tasks(self) -> Iterator[OpenPoint]:
        """Tasks that should be done or are near; of those without a date the ones that a body follows and that can be worked on."""
        waiting = set(self._open_tasks["task"])
        named = set(self.case.table("actions")["task"])
        for row in self._open_tasks.itertuples(index=False):
            if row.task in named:
                continue
            due = _day(row.planned_finish)
            is_ready = not any(part.strip() in waiting for part in str(row.starts_after).split(";"))
            if (not pd.isna(due) and due <= self.at + self.ahead) or (pd.isna(due) and is_ready and row.body):
                what = said("bodies.finish", task=row.task)
                yield OpenPoint(row.task, TASK, row.body, what, row.owner, due, row.provision, row.confidence)

    def _provisions(self) -> Iterator[OpenPoint]:
        """Provisions whose last day is near or lately passed."""
        rows = self.case.table("provisions")
        followed = self._followed
        for row in rows.itertuples(index=False):
            due = _day(row.end)
            lately = self.at - pd.Timedelta(days=ENDED_LATELY)
            if not pd.isna(due) and lately < due <= self.at + self.ahead:
                key = "bodies.ended" if due < self.at else "bodies.ends"
                body = str(getattr(row, "body", "")) or followed.get(row.provision, "")
                what = said(key, provision=row.provision)
                yield OpenPoint(
                    row.provision, PROVISION, body, what, row.obligor, due, row.provision, row.confidence
                )

    @cached_property
    def _followed(self) -> dict[str, str]:
        """Provision -> body that follows it in an action point or a task."""
        found: dict[str, str] = {}
        for name in ("actions", "tasks"):
            for row in self.case.table(name).itertuples(index=False):
                if row.provision and row.body:
                    found.setdefault(row.provision, row.body)
        return found

    def _meetings(self) -> Iterator[OpenPoint]:
        """Meetings of bodies that have not met for longer than usual, and have none ahead."""
        for row in self.bodies().itertuples(index=False):
            if row.next_due is not pd.NaT and row.next_due <= self.at + self.ahead and pd.isna(row.called):
                own = self.case.table("bodies").set_index("body").loc[row.body]
                what = said("bodies.call", body=row.body)
                yield OpenPoint(
                    f"meeting_{row.body}",
                    MEETING,
                    row.body,
                    what,
                    own["chair"],
                    row.next_due,
                    "",
                    own["confidence"],
                )

    def bodies(self) -> pd.DataFrame:
        """Each body with its last meeting, the day by which it should meet again, and the day for which it is called."""
        meetings = self.case.table("meetings")
        days = pd.to_datetime(meetings["date"])
        found = []
        for row in self.case.table("bodies").itertuples(index=False):
            own = days[meetings["body"] == row.body]
            last, called = own[own <= self.at].max(), own[own > self.at].min()
            due = pd.NaT
            if not pd.isna(last) and not pd.isna(row.every_days):
                due = last + pd.Timedelta(days=float(row.every_days))
            found.append((row.body, row.level, row.under, last, due, called))
        return pd.DataFrame(found, columns=["body", "level", "under", "last", "next_due", "called"])


def owners(points: pd.DataFrame) -> pd.DataFrame:
    """Who owes how much: each office on its own where several owe one point."""
    rows = points.assign(owner=points["owner"].str.split(";")).explode("owner", ignore_index=True)
    rows = rows.assign(owner=rows["owner"].str.strip())
    found = []
    for owner, own in rows[rows["owner"] != ""].groupby("owner", sort=True):
        late = own["state"] == OVERDUE
        ahead = own["due"][~late].dropna()
        found.append(
            (
                owner,
                len(own),
                int(late.sum()),
                int(own["due"].isna().sum()),
                ahead.min() if len(ahead) else pd.NaT,
            )
        )
    frame = framed("bodies", "owners", found)
    return frame.sort_values(["overdue", "open", "owner"], ascending=[False, False, True], ignore_index=True)


def _day(value: Any) -> pd.Timestamp:
    return pd.NaT if pd.isna(value) or value == "" else pd.Timestamp(str(value))
