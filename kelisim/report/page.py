"""A page of an answer: what was asked, what is said, three numbers, and parts with figures and tables.

A study makes its page of facts and parts; html.py and markdown.py write it, the command line and the web show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kelisim import catalog
from kelisim.report.numbers import first_upper, human, text_of
from kelisim.report.table import View, view
from kelisim.report.words import Words
from kelisim.results.facts import Fact, facts_of
from kelisim.results.results import Results
from kelisim.results.schema import ResultTable, described

if TYPE_CHECKING:
    from kelisim.report.figure import Figure
    from kelisim.report.maps import Map

MOST_ROWS = 200  # of a table on a page


@dataclass(frozen=True)
class KeyNumber:
    """One of the numbers on the first page: value, what it is, what it is compared with."""

    value: str
    words: str
    beside: str = ""
    is_alarm: bool = False


@dataclass(frozen=True)
class Choice:
    """One of several contents of a part, chosen by a button: a carrier."""

    key: str
    name: str
    colour: str
    items: tuple[Figure | View, ...]


@dataclass(frozen=True)
class Part:
    """One part of a page: heading, anchor, figures and tables in their order; `none` stands where there are none."""

    heading: str
    anchor: str
    items: tuple[Figure | View, ...] = ()
    none: str = ""
    sentences: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Page:
    """The page of an answer.

    sentences   the answer, the most important first
    grades      evidence: grade, words, rows, share of the rows; that of the case if None
    map_title   what the map shows; without a map, why there is none
    """

    question: str
    sentences: tuple[str, ...] = ()
    key_numbers: tuple[KeyNumber, ...] = ()
    parts: tuple[Part, ...] = ()
    method: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    map: Map | None = None
    map_title: str = ""
    grades: list[tuple[str, str, int, float]] | None = None

    @property
    def views(self) -> list[View]:
        """All tables."""
        return views_of(self.parts)


def views_of(parts: Iterable[Part]) -> list[View]:
    """All tables of some parts."""
    return [
        item
        for part in parts
        for item in (*part.items, *(i for choice in part.choices for i in choice.items))
        if isinstance(item, View)
    ]


def key_number(words: Words, key: str, is_alarm: bool = False, /, **places: Any) -> KeyNumber:
    """A key number whose text has three parts: "{cost:money} | cost of supply | in {period:text}"."""
    value, what, beside = words.text(key, **places).split(" | ")
    return KeyNumber(value, what, beside, is_alarm)


def part(words: Words, key: str, *items: Figure | View | None, **more: Any) -> Part:
    """A part whose heading and word for an empty one are texts of the catalogue: `key.heading`, `key.none`."""
    none = words.text(f"{key}.none") if catalog.has(f"{key}.none") else ""
    shown = tuple(item for item in items if item is not None)
    return Part(words.text(f"{key}.heading"), key.rpartition(".")[2], shown, none, **more)


def made_page(
    results: Results,
    words: Words,
    parts: Iterable[Part],
    key_numbers: Iterable[KeyNumber] = (),
    places: Mapping[str, Any] | None = None,
    question: str = "",
    **more: Any,
) -> Page:
    """The page of a study with the texts of its section: question, method and limits; its facts are the answer.

    places  what these texts name
    """
    study, named = results.study, dict(places or {})
    own: dict[str, Any] = {
        "question": question or words.text(f"{study}.question", **named),
        "sentences": sentences(results, words),
        "method": tuple(words.lines(f"{study}.method", **named)),
        "limits": (*words.lines(f"{study}.limits", **named), *map(text_of, results.meta.get("limits", []))),
    }
    return Page(**own | {"parts": tuple(parts), "key_numbers": tuple(key_numbers)} | more)


def sentences(results: Results, words: Words) -> tuple[str, ...]:
    """What the facts of an answer say, one after the other."""
    if "facts" not in results:
        return ()
    return tuple(text for text in map(words.say, facts_of(results["facts"]).values()) if text)


def default_page(results: Results, words: Words, heading: str) -> Page:
    """The page of a study that has none of its own: its facts, and each table with the columns that are described.

    heading  what the study asks, in the words of its docstring
    """
    question = "" if catalog.has(f"{results.study}.question") else heading
    facts = facts_of(results["facts"]) if "facts" in results else {}
    numbers = tuple(
        KeyNumber(words.number(fact.value, fact.unit), first_upper(words.word(human(fact.key))))
        for fact in facts.values()
        if fact.unit
    )
    tables = described(results.study)
    parts = tuple(
        _table_part(words, name, frame, tables.get(name, ResultTable(name)))
        for name, frame in results.tables.items()
        if name != "facts"
    )
    return made_page(results, words, parts, numbers[:3], question=question)


def _table_part(words: Words, name: str, frame: Any, table: ResultTable) -> Part:
    heading = first_upper(human(name.replace(".", ": ")))
    specs = [f"{column}:{_form(frame[column].dtype.kind)}" for column in frame.columns]
    what: dict[str, Any] = {"most": MOST_ROWS, "what": table.description or heading}
    shown = view(words, frame.rename(columns=str), "tables", *specs, **what)
    return Part(heading, name.replace(".", "-"), () if shown is None else (shown,), words.text("tables.none"))


def _form(kind: str) -> str:
    return {"f": "number", "i": "count", "u": "count", "b": "yes", "M": "day"}.get(kind, "text")


def conflicts_page(results: Results, words: Words) -> Page:
    """The page of a result without an answer: the limits that cannot hold together."""
    status = text_of(results.meta.get("status")) or words.text("words.not_determined")
    said = [Fact("status", say="no_answer.status", status=status)]
    shown = None
    if "conflicts" in results and len(results["conflicts"]):
        said.append(Fact("conflicts", say="no_answer.conflicts"))
        frame = results["conflicts"]
        limits = map(words.limit, frame["table"], frame["element"])
        frame = frame.assign(limit=[first_upper(limit) for limit in limits])
        shown = view(words, frame, "no_answer", "limit", "step", "lower:number", "upper:number")
    return Page(
        question=words.text("no_answer.question"),
        sentences=tuple(words.say(fact) for fact in said),
        parts=() if shown is None else (Part(words.text("no_answer.heading"), "conflicts", (shown,)),),
    )
