"""Who owes what by when, by hand: what is known on a day, what is overdue, and the minutes."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from kelisim.engine import Engine
from kelisim.errors import KelisimError
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies import run
from kelisim.studies.pages import document, write_papers
from tests.cases.road_town import PARTS, road_town


@cache
def ask(day: date = date(2026, 1, 1), **fields: object) -> Results:
    return run("bodies", Engine(road_town(), cache=False), at=day, **fields)


def states(results: Results) -> list[tuple[str, str]]:
    frame = results["points"]
    return list(zip(frame["point"], frame["state"], strict=True))


def test_overdue_first_then_by_day_then_without_a_day() -> None:
    """What is late must not stand below what is not; what is done or not yet decided must not stand at all."""
    assert states(ask()) == [("rules", "overdue"), ("labs", "soon"), ("money", "no_date")]
    assert ask()["points"]["days_left"].tolist()[:2] == [-31, 45]


def test_a_day_on_the_day_is_not_late() -> None:
    """Who has until the first of December has the first of December."""
    assert dict(states(ask(date(2025, 12, 1))))["rules"] == "soon"
    assert dict(states(ask(date(2025, 12, 2))))["rules"] == "overdue"
    assert dict(states(ask(date(2025, 8, 1))))["list"] == "soon"  # done on 20 August


def test_tasks_provisions_and_meetings_are_points() -> None:
    """In July 2026 permits are late, laying waits, the provision on measuring has ended, and the commission should meet in November."""
    found = ask(date(2026, 7, 15), ahead=150)
    kinds = dict(zip(found["points"]["point"], found["points"]["kind"], strict=True))
    assert kinds == {
        "rules": "action", "labs": "action", "future": "action", "money": "action",
        "permits": "task", "account": "provision", "meeting_board": "meeting", "meeting_group": "meeting",
    }  # fmt: skip
    rows = found["points"].set_index("point")
    assert rows.loc["account", "body"] == "group" and rows.loc["account", "say"] == "bodies.ended"
    assert str(rows.loc["meeting_board", "due"].date()) == "2026-11-08"
    assert str(rows.loc["meeting_group", "due"].date()) == "2026-11-16"
    assert "method" not in rows.index  # an action point names it


def test_several_owe_one_point_whole() -> None:
    """Half a duty each is nobody's."""
    frame = ask()["owners"].set_index("owner")
    assert frame.loc["Metering offices", ["open", "overdue", "undated"]].tolist() == [2, 1, 0]
    assert frame.loc["Gas company", "open"] == 1 and frame.loc["Ministry of Finance", "undated"] == 1
    assert frame.index[0] == "Metering offices"


def test_what_nobody_follows_up_is_told() -> None:
    """Laying is due in the autumn of 2027 and no body follows it up."""
    found = ask(date(2027, 9, 1))
    fact = facts_of(found["facts"])["alone"]
    assert "laying" in found["points"]["point"][found["points"]["body"] == ""].tolist()
    assert fact.value == (found["points"]["body"] == "").sum() > 0


def test_minutes_hold_every_open_point_of_a_body(tmp_path: Path) -> None:
    """A point that falls out of the minutes is forgotten by both sides."""
    results = ask()
    names = {path.name for path in write_papers(results, tmp_path)}
    assert names == {f"minutes_{body}.{end}" for body in ("group", "board") for end in ("md", "html")}
    text = (tmp_path / "minutes_group.md").read_text(encoding="utf-8")
    assert text.startswith("# Gas working group: draft minutes, 1 January 2026\n")
    assert text.index("## Overdue") < text.index(
        "Draft rules of measuring gas. Who: Metering offices. Until: 1 December 2025."
    )
    assert text.index("Draft rules") < text.index(
        "Name the laboratories. Who: Metering offices, Gas company."
    )
    assert "Find money" not in text and "Not yet" not in text
    page = (tmp_path / "minutes_board.html").read_text(encoding="utf-8")
    assert "<h1>Commission: draft minutes, 1 January 2026</h1>" in page and "Until: no day set." in page


def test_one_body() -> None:
    """Who asks for one body gets its points and no other."""
    found = ask(body=("board",))
    assert found["points"]["point"].tolist() == ["money"] and found["meets"]["body"].tolist() == ["board"]
    assert "Gas working group" not in document(found)


def test_nothing_open_is_told() -> None:
    """An empty page leaves the reader in doubt whether it was computed."""
    case = road_town(actions="action, body, what, owner", tasks=PARTS["tasks"].splitlines()[1])
    found = run("bodies", Engine(case, cache=False), at=date(2026, 1, 1))
    assert list(facts_of(found["facts"])) == ["open"]
    assert document(found) == "Nothing is open.\n"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"body": ("grup",)}, 'body: no body "grup". Did you mean "group"?'),
        ({"ahead": -1}, "ahead: -1 days lie behind."),
    ],
)
def test_wrong_fields_are_told(fields: dict[str, object], message: str) -> None:
    """A body that is not there would have no open points."""
    with pytest.raises(KelisimError) as error:
        ask(**fields)
    assert str(error.value) == message
