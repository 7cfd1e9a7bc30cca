"""What stands on every page beside its answer: period, rules, grades of evidence, sources, licences, how it was computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.resources import files
from typing import Any

import pandas as pd

from kelisim import __version__, catalog
from kelisim.case.schema import KIND_TABLES
from kelisim.report.basemap import shapes
from kelisim.report.numbers import first_lower, human, plain, text_of
from kelisim.report.table import Cell, Head, Row, View, view
from kelisim.report.words import Words
from kelisim.results.results import Results

GRADED = (
    *("links", "assets", "asset_ports", "storages", "demand", "markets", "contracts", "resources"),
    *("duties", "customer_classes"),
)
_SOURCED = (
    *("places", "links", "assets", "asset_ports", "storages", "demand", "markets", "contracts"),
    *("resources", "duties", "profiles", "customer_classes"),
)
_NATURAL_EARTH = "Natural Earth"


def about(results: Results, words: Words) -> list[tuple[str, str]]:
    """Period, date, case and version."""
    made = text_of(results.meta.get("date") or results.meta.get("created"))[:10] or date.today().isoformat()
    fingerprint = text_of(results.meta.get("fingerprint")) or results.case.fingerprint
    version = (results.meta.get("versions") or {}).get("kelisim", __version__)
    return [
        (words.text("report.period"), f"{words.period}, {words.step_words}"),
        (words.text("report.date"), made),
        (
            words.text("report.case"),
            words.text("report.case_is", name=results.case.name, fingerprint=fingerprint),
        ),
        (words.text("report.with"), f"kelisim {version}"),
    ]


def rules(results: Results, words: Words) -> list[tuple[str, str]]:
    """The rules by which shortage is shared, named: (what, rule)."""
    given = results.meta.get("rules") or {}
    if not isinstance(given, Mapping):
        return [
            (words.text("report.rules"), ", ".join([given] if isinstance(given, str) else map(str, given)))
        ]
    return [(words.text(f"rules.{key}"), words.text(f"rules.{key}_{rule}")) for key, rule in given.items()]


def grades(words: Words, tables: Sequence[str] = GRADED) -> list[tuple[str, str, int, float]]:
    """Evidence of the rows of the case that the answer rests on: grade, words, rows, share; shipped rows are apart.

    tables  those that an answer rests on; those of the problem if not given
    """
    columns = [
        rows["confidence"].map(text_of) for rows in _own(words, tables) if "confidence" in rows.columns
    ]
    counts = pd.concat(columns).value_counts() if columns else pd.Series(dtype=int)
    total = int(counts.sum())
    return [
        (grade, words.text(f"grades.{grade or 'none'}"), int(counts[grade]), int(counts[grade]) / total)
        for grade in ("A", "B", "C", "")
        if counts.get(grade, 0)
    ]


def shipped(words: Words) -> str:
    """How many rows that ship with kelisim stand beside those of the case, which no grade of the case counts."""
    names = [name for name in GRADED if name in KIND_TABLES]
    count = sum(len(words.table(name)) for name in names) - sum(map(len, _own(words, names)))
    listed = ", ".join(words.table_name(name) for name in names)
    return words.text("grades.shipped", count=count, names=listed) if count else ""


def _own(words: Words, names: Iterable[str]) -> list[pd.DataFrame]:
    """Tables as the case wrote them."""
    return [words.case.tables[name] for name in names if name in words.case.tables]


def sources(words: Words) -> View | None:
    """Sources of the case, those that most rows rest on first."""
    frame = words.table("sources")
    if frame.empty:
        return None
    counts = _source_counts(words)
    texts = frame.reindex(columns=["source", "title", "publisher", "date", "licence", "url"]).map(text_of)
    texts = texts.assign(rows=[counts.get(source, 0) for source in texts["source"]])
    texts = texts.sort_values("rows", ascending=False, kind="stable")

    def title(row: Row) -> Cell:
        url, name = row["url"], row["title"] or row["source"]
        return Cell(name, name.lower(), href=url if url.startswith(("https://", "http://")) else "")

    columns = ("-publisher", "-date", "licence", "rows:count")
    head = Head(words.text("page.source"))
    return view(words, texts, "page.sources", (head, title), *columns, count=len(texts))


def _source_counts(words: Words) -> dict[str, int]:
    cells = [rows["source"].map(text_of) for rows in _own(words, _SOURCED) if "source" in rows.columns]
    if not cells:
        return {}
    parts = pd.concat(cells).str.split(";").explode().str.strip()
    return {str(key): int(count) for key, count in parts[parts != ""].value_counts().items()}


def run(results: Results, words: Words) -> list[tuple[str, str]]:
    """Status, versions, timings and counts as rows."""
    meta = results.meta
    objective = meta.get("objective")
    out = [("status", words.status(text_of(meta.get("status")))), ("solver", text_of(meta.get("method")))]
    out.append(("objective", "" if objective is None else plain(objective, ".8g", words.language)))
    for group in ("versions", "timings", "counts"):
        parts = meta.get(group) or {}
        if isinstance(parts, Mapping):
            said = (
                f"{words.known(f'solving.{key}', human(key))} {_plain(words, value)}"
                for key, value in parts.items()
            )
            out.append((group, ", ".join(said)))
    fields = dict(results.fields or {})
    given = {key: _given(words, value) for key, value in fields.items()}
    said = (f"{first_lower(words.field(key))}: {value}" for key, value in given.items() if value)
    out.append(("fields", "; ".join(said)))
    return [(words.text(f"report.{key}"), value) for key, value in out if value]


def _given(words: Words, value: Any) -> str:
    """What was asked in a field; nothing where it was left empty."""
    if isinstance(value, (tuple, list)):
        return ", ".join(_given(words, one) for one in value)
    if isinstance(value, bool):
        return words.text(f"words.{'yes' if value else 'no'}")
    return words.word(value)


def _plain(words: Words, value: Any) -> str:
    return plain(value, ".4g", words.language) if isinstance(value, float) else str(value)


def credit_lines(results: Results, has_map: bool) -> list[str]:
    """To whom data are owed."""
    lines = [text_of(line) for line in results.meta.get("credits") or []]
    lines = lines or [text_of(line) for line in results.case.setting("display", "credits")]
    if has_map and shapes("countries.geojson") and not any(_NATURAL_EARTH in line for line in lines):
        lines.append(f"{catalog.text('report.natural_earth')}.")
    return lines


def licences(results: Results) -> str:
    """Licence text of the case: its own, or that of the shipped reference case."""
    given = text_of(results.meta.get("licences"))
    if given:
        return given
    if results.case.name == "reference":
        for name in ("LICENCES.md", "LICENCES.txt", "LICENCES"):
            found = files("kelisim") / "reference" / name
            if found.is_file():
                return found.read_text(encoding="utf-8")
    return text_of(results.case.settings.get("licence"))
