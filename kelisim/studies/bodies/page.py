"""The page of open points, and the minutes that are drafted from them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kelisim.report import evidence
from kelisim.report.forms import FORMS
from kelisim.report.markdown import table_lines
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, key_number, made_page, part
from kelisim.report.table import View, view
from kelisim.report.words import Words
from kelisim.results.facts import facts_of, sentence_of
from kelisim.results.results import Results


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    parts = [
        part(words, "bodies.points", _points(results, words, results["points"])),
        part(words, "bodies.owners", _owners(results, words)),
        part(words, "bodies.meets", _meets(results, words)),
        part(words, "bodies.decisions", _decisions(results, words, results["decisions"])),
    ]
    grades = evidence.grades(words, ("actions", "meetings", "bodies", "tasks", "provisions"))
    return made_page(results, words, parts, _key_numbers(results, words), grades=grades)


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    points, facts = results["points"], facts_of(results["facts"])
    found = [key_number(words, "bodies.key_open", value=len(points), at=results.fields["at"])]
    if "soon" in facts:
        late = int(facts["overdue"].value)
        found.append(key_number(words, "bodies.key_overdue", late > 0, value=late))
        found.append(
            key_number(words, "bodies.key_soon", value=facts["soon"].value, days=results.fields["ahead"])
        )
    return found


def _points(results: Results, words: Words, frame: pd.DataFrame, told: bool = True) -> View | None:
    frame = frame.assign(what=[words.say(sentence_of(row)) for row in frame.to_dict("records")])
    columns = (
        "what:text, owner:offices, -body:some_body, due:set_day, state:code bodies.state, confidence:grade"
    )
    return view(words, frame, "bodies.points", columns, most=MOST_ROWS, told=told)


def _owners(results: Results, words: Words) -> View | None:
    frame = results["owners"]
    return view(
        words,
        frame,
        "bodies.owners",
        "owner:offices, open:count, overdue:count, undated:count, next:known_day",
    )


def _meets(results: Results, words: Words) -> View | None:
    frame = results["meets"]
    frame = frame[(frame["open"] > 0) | frame["last"].notna() | (frame["under"] != "")].reset_index(drop=True)
    frame = frame.assign(level=frame["level"].replace("", "none"))
    columns = "body:body, level:code bodies.level, -under:some_body, last:known_day, next_due:known_day, open:count, overdue:count"
    return view(words, frame, "bodies.meets", columns, most=MOST_ROWS, told=False)


def _decisions(results: Results, words: Words, frame: pd.DataFrame) -> View | None:
    return view(
        words, frame, "bodies.decisions", "day:day, body:body, decision:text", most=MOST_ROWS, told=False
    )


# ---- minutes
def document(results: Results, words: Words) -> str:
    """The minutes of every body that follows something up, in Markdown."""
    return "\n".join(text for _, text in _minutes(results, words)) or words.text("bodies.minutes.none") + "\n"


def papers(results: Results, words: Words) -> dict[str, str]:
    """Minutes drafted for each body; points that none follows up stand in a paper of their own."""
    made = {f"minutes_{body or 'no_body'}.md": text for body, text in _minutes(results, words)}
    return made or {"minutes.md": words.text("bodies.minutes.none") + "\n"}


def _minutes(results: Results, words: Words) -> Iterator[tuple[str, str]]:
    points = results["points"]
    for body in [*results["meets"]["body"], ""]:
        own = points[points["body"] == body].reset_index(drop=True)
        if len(own):
            yield body, "\n".join(_lines(results, words, body, own)) + "\n"


def _lines(results: Results, words: Words, body: str, own: pd.DataFrame) -> Iterator[str]:
    at = results.fields["at"]
    yield f"# {words.text('bodies.minutes.title' if body else 'bodies.minutes.title_none', body=body, at=at)}"
    yield from ("", words.text("bodies.minutes.draft", at=at), "")
    if body:
        row = results.case.table("bodies").set_index("body").loc[body]
        yield f"- {words.text('bodies.minutes.chair', chair=row['chair'] or words.text('words.not_known'))}"
        met = results["meets"].set_index("body").loc[body]
        if not pd.isna(met["last"]):
            yield f"- {words.text('bodies.minutes.last', day=met['last'])}"
        if not pd.isna(met["called"]) or not pd.isna(met["next_due"]):
            key, day = ("called", met["called"]) if not pd.isna(met["called"]) else ("due", met["next_due"])
            yield f"- {words.text(f'bodies.minutes.{key}', day=day)}"
        yield f"- {words.text('bodies.minutes.present')}"
        decided = results["decisions"]
        decided = decided[decided["body"] == body].reset_index(drop=True)
        yield from ("", f"## {words.text('bodies.decisions.heading')}", "")
        shown = _decisions(results, words, decided)
        yield from table_lines(shown, len(shown.rows)) if shown else [words.text("bodies.decisions.none")]
    for state in ("overdue", "soon", "later", "no_date"):
        rows = own[own["state"] == state].reset_index(drop=True)
        if len(rows):
            yield from ("", f"## {words.text(f'bodies.minutes.{state}')}", "")
            yield from _agenda(results, words, rows)
    yield from (
        "",
        f"## {words.text('bodies.minutes.signed')}",
        "",
        *words.lines("bodies.minutes.signatures"),
    )


def _agenda(results: Results, words: Words, rows: pd.DataFrame) -> Iterator[str]:
    for number, row in enumerate(rows.to_dict("records"), start=1):
        what, owner = (
            words.say(sentence_of(row)),
            FORMS["offices"](words, row["owner"]) or words.text("bodies.nobody"),
        )
        due = words.text("words.no_day_set") if pd.isna(row["due"]) else words.day(row["due"])
        yield words.text("bodies.minutes.point", number=number, what=what, owner=owner, due=due)
        yield words.text("bodies.minutes.decided")
