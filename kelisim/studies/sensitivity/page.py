"""Page of the study of sensitivity: how firm the conclusions are, which estimates move them, and what to ask for."""

from __future__ import annotations

import pandas as pd

from kelisim.case.home import home_of
from kelisim.engine.estimates.factors import factor_said, range_said
from kelisim.report.bars import bars
from kelisim.report.figure import Figure
from kelisim.report.numbers import figure
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.table import records, view
from kelisim.report.theme import QUIET
from kelisim.report.words import Words
from kelisim.results.facts import Fact, facts_of
from kelisim.results.results import Results
from kelisim.studies.sensitivity.conclusions import conclusion_said, statement_said

MOST_BARS = 12
SPREAD = "low:quantity unit, high:quantity unit, share_same:interval share_same_low share_same_high 0.01"
ENDS = "at_low:quantity unit, as_it_stands:quantity unit, at_high:quantity unit"
CORRELATION = "correlation:correlation correlation_low correlation_high"


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    return made_page(results, words, _parts(results, words), _key_numbers(results, words))


def _key_numbers(results: Results, words: Words) -> list[KeyNumber]:
    estimates = facts_of(results["facts"])["estimates"]
    frame, ends = results["conclusions"], results["one_at_a_time"]
    overturned = int(ends.loc[ends["overturns"].astype(bool), "conclusion"].nunique())
    moved = int(estimates.value)
    found = [
        key_number(words, "sensitivity.numbers.estimates", moved > 0, moved=moved, **estimates.places),
        key_number(
            words, "sensitivity.numbers.overturned", overturned > 0, overturned=overturned, all=len(frame)
        ),
    ]
    if frame["share_same"].notna().any():
        least = frame.loc[frame["share_same"].idxmin()]
        what, share = conclusion_said(least["conclusion"], home_of(results.case)), least["share_same"]
        found.append(key_number(words, "sensitivity.numbers.sure", share < 1.0, what=what, share=share))
    return found


def _parts(results: Results, words: Words) -> list[Part]:
    home = home_of(results.case)
    spread = _named(results["conclusions"], home)
    spread["statement"] = _statements(spread, "statement")
    know = _named(results["to_know_better"], home)
    know = know.merge(results["factors"].drop(columns=["rows"]), on="factor")
    know["range"] = _ranges(know)
    know["ask"] = [factor_said(name, "ask") for name in know["factor"]]
    for column in ("moves", "overturns", "correlates_with"):
        know[column] = [
            [conclusion_said(name, home) for name in names.split("; ") if name] for names in know[column]
        ]
    ends = _named(results["one_at_a_time"], home)
    ends = ends[ends["moves"].astype(bool)]
    for column in ("statement_low", "statement_high"):
        ends[column] = _statements(ends, column)
    screening = _named(results["screening"], home).dropna(subset="correlation")
    factors = _named(results["factors"], home)
    factors["range"] = _ranges(factors)

    def made(key: str, frame: pd.DataFrame, *columns: str, chart: Figure | None = None) -> Part:
        key, told = f"sensitivity.{key}", key in ("conclusions", "know")
        return part(words, key, chart, view(words, frame, key, *columns, most=MOST_ROWS, told=told))

    effect = f"-rows:count, swing_over_least:number, {CORRELATION}, -correlates_with:each"
    moved = "moves:each, -overturns:each, ask:say, -rule, -sources"
    statements = "-statement_low:say, -statement_high:say, overturns:yes"
    return [
        made("conclusions", spread, "what:say, value:quantity unit", SPREAD, "statement:say"),
        made("know", know, "estimate:say, range:say", effect, moved, chart=_bars(know, words)),
        made("ends", ends, "what:say, estimate:say", ENDS, statements),
        made("screening", screening, "what:say, estimate:say", CORRELATION),
        made("factors", factors, "estimate:say, range:say, rows:count, rule, -sources"),
    ]


def _named(frame: pd.DataFrame, home: str) -> pd.DataFrame:
    """A table with what its conclusions and factors are, to be said."""
    more = {}
    if "conclusion" in frame:
        more["what"] = [conclusion_said(name, home) for name in frame["conclusion"]]
    if "factor" in frame:
        more["estimate"] = [factor_said(name) for name in frame["factor"]]
    return frame.assign(**more)


def _statements(frame: pd.DataFrame, column: str) -> list[Fact]:
    return [statement_said(*pair) for pair in zip(frame["conclusion"], frame[column], strict=True)]


def _ranges(frame: pd.DataFrame) -> list[Fact]:
    columns = ["how", "spread", "low", "high"]
    return [range_said(*row) for row in frame[columns].itertuples(index=False, name=None)]


def _bars(know: pd.DataFrame, words: Words) -> Figure | None:
    """How far each estimate alone moves a conclusion, in the least change that counts; hatched where it overturns one."""
    rows = know.dropna(subset="swing_over_least").sort_values(
        "swing_over_least", ascending=False, kind="stable"
    )
    rows = rows.head(MOST_BARS)
    if rows.empty:
        return None
    top = rows.iloc[0]
    title = words.text("sensitivity.know.bars", estimate=top["estimate"], swing=top["swing_over_least"])
    names = [words.text("sensitivity.know.bar", **row) for row in records(rows)]
    values = rows["swing_over_least"].tolist()
    shape = ["x" if count else "" for count in rows["overturned"]]
    axis = words.text("sensitivity.know.axis")
    return bars(title, names, values, [figure(value) for value in values], QUIET, axis, shape)
