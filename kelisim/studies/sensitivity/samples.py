"""Points of the factors, solved, and what they say: how far conclusions spread, and which factors move them.

Every factor is set to its low and high end alone, and all together are sampled by a Latin hypercube.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kelisim.engine import Engine
from kelisim.engine.estimates.cut import SampledCut
from kelisim.engine.estimates.factors import Factor, Floats, shifted
from kelisim.engine.estimates.sampled import SampledCase
from kelisim.lp.work import Row as Shown
from kelisim.lp.work import Task, Work
from kelisim.results.intervals import wilson
from kelisim.results.schema import framed
from kelisim.results.screening import partial_rank_correlation
from kelisim.results.tables import Tables
from kelisim.studies.sensitivity.conclusions import NO_PLAN, Headline, headline_of, headlines

Point = tuple[float, ...]  # level of each factor, -1 (low) to 1 (high); 0 is the case as it stands
Found = tuple[Headline, ...]  # the conclusions at a point; none without a plan that keeps all limits
Row = dict[str, Any]
CHUNK = 4  # points that a worker gets at a time
LINKED = ("correlation", "correlation_low", "correlation_high")
UNLINKED = {**dict.fromkeys(LINKED, np.nan), "conclusion": ""}
LOOSE = 0.2  # partial rank correlation below which a factor is not named


@dataclass(frozen=True)
class Asked:
    """What a worker needs to evaluate points.

    sampled      the case in plain parts, its factors and rules
    conclusions  names of those that are drawn
    cut          what is asked of each point beside its plan; its conclusion comes after the others
    """

    sampled: SampledCase
    conclusions: tuple[str, ...]
    cut: SampledCut | None = None


# ---- solving
def evaluate(asked: Asked, point: Point) -> Found:
    """Conclusions at a point.

    This is the only place where points are solved: each from the case compiled anew and the same basis.
    """
    sampled = asked.sampled
    here = shifted(sampled.case, sampled.factors, point)
    engine = Engine(here, rules=sampled.rules, cache=False, begin=sampled.begin)
    is_solved = engine.base.status == "optimal"
    return tuple(concluded(engine, asked.conclusions, asked.cut)) if is_solved else ()


def concluded(engine: Engine, conclusions: Sequence[str], cut: SampledCut | None) -> list[Headline]:
    """The conclusions of a solved case, that of a cut last."""
    found = headlines(Tables(engine.case, engine.base), conclusions)
    return [*found, headline_of(cut, engine)] if cut is not None else found


def solve(asked: Asked, points: Sequence[Point], work: Work) -> list[Found]:
    """Conclusions at each point, in order; the same for any number of workers."""

    def row(at: int, found: Found) -> Shown:
        return str(at + 1), {one.name: one.value for one in found}

    return work.each(Task("points", evaluate, asked, row=row), points, CHUNK).all


# ---- the tables
def _table(name: str, rows: Iterable[Row]) -> pd.DataFrame:
    return framed("sensitivity", name, rows)


def _falling(value: float) -> tuple[bool, float]:
    """Sorts the largest first, and what is no number last."""
    return (True, 0.0) if np.isnan(value) else (False, -value)


def _of(one: Headline) -> Row:
    return {"conclusion": one.name, "value": one.value, "unit": one.unit, "statement": one.statement}


def spread(here: Sequence[Headline], sampled: Sequence[Found]) -> pd.DataFrame:
    """Each conclusion as it stands, and how far it spreads when all factors are uncertain together."""
    rows = []
    for at, one in enumerate(here):
        found = [sample[at] for sample in sampled if sample]
        row = _of(one) | {"samples": len(found)}
        if found:
            ends = np.quantile([other.value for other in found], [0.05, 0.5, 0.95])
            same = sum(other.statement == one.statement for other in found) / len(found)
            low, high = wilson(same, len(found))
            row |= dict(zip(("low", "middle", "high"), ends.tolist(), strict=True))
            row |= {"share_same": same, "share_same_low": float(low), "share_same_high": float(high)}
        rows.append(row)
    numbers = ["low", "middle", "high", "share_same", "share_same_low", "share_same_high"]
    return _table("conclusions", rows).astype(dict.fromkeys(numbers, float))


def one_at_a_time(
    here: Sequence[Headline], factors: Sequence[Factor], found: Sequence[Found], moves: float
) -> pd.DataFrame:
    """Each conclusion with each factor at its low and its high end alone, the widest swing of a conclusion first.

    found  low and high end of each factor
    moves  change that counts, as a share of the conclusion
    """
    rows: list[Row] = []
    for at, one in enumerate(here if found else ()):
        least = max(moves * abs(one.value), one.least)
        mine = [
            _at_ends(one, least, [end[at] if end else None for end in ends]) | {"factor": factor.name}
            for factor, ends in zip(factors, zip(found[::2], found[1::2], strict=True), strict=True)
        ]
        rows += sorted(mine, key=lambda row: (_falling(row["swing"]), row["factor"]))
    return _table("one_at_a_time", rows)


def _at_ends(one: Headline, least: float, ends: Sequence[Headline | None]) -> Row:
    """A conclusion with a factor at its two ends; no plan is a statement of its own."""
    low, high = (end.value if end else np.nan for end in ends)
    changes = [abs(value - one.value) for value in (low, high) if not np.isnan(value)]
    swing = max(changes, default=np.nan)
    statements = [end.statement if end else NO_PLAN for end in ends]
    overturns = any(statement != one.statement for statement in statements)
    return {
        **{
            "conclusion": one.name,
            "unit": one.unit,
            "at_low": low,
            "as_it_stands": one.value,
            "at_high": high,
        },
        **{"swing": swing, "swing_over_least": swing / least if least else np.nan},
        **{"moves": bool(swing > least) or overturns, "overturns": overturns},
        **{"statement_low": statements[0], "statement_high": statements[1]},
    }


def screened(
    here: Sequence[Headline], factors: Sequence[Factor], levels: Floats, sampled: Sequence[Found]
) -> pd.DataFrame:
    """Partial rank correlation of each factor with each conclusion over the samples, the strongest of a conclusion first.

    levels  of the factors in each sample, (samples, factors)
    """
    solved = np.array([bool(found) for found in sampled], dtype=bool)
    rows: list[Row] = []
    for at, one in enumerate(here if solved.any() else ()):
        values = np.array([found[at].value for found in sampled if found])
        found = np.column_stack(partial_rank_correlation(levels[solved], values)).tolist()
        mine = [
            {"conclusion": one.name, "factor": factor.name, **dict(zip(LINKED, ends, strict=True))}
            for factor, ends in zip(factors, found, strict=True)
        ]
        rows += sorted(mine, key=lambda row: (_falling(abs(row["correlation"])), row["factor"]))
    return _table("screening", rows)


def to_know_better(factors: Sequence[Factor], ends: pd.DataFrame, screening: pd.DataFrame) -> pd.DataFrame:
    """Factors that move a conclusion, those first that overturn most, then by their widest swing and correlation.

    A factor is named if one of its ends moves a conclusion, or if its partial rank correlation is at least LOOSE and
    its interval leaves out 0.
    """
    rows: list[Row] = []
    for factor in factors:
        mine, linked = ends[ends["factor"] == factor.name], screening[screening["factor"] == factor.name]
        is_sure = linked["correlation_low"] * linked["correlation_high"] > 0
        sure = linked[(linked["correlation"].abs() >= LOOSE) & is_sure]
        moved = list(dict.fromkeys([*mine["conclusion"][mine["moves"]], *sure["conclusion"]]))
        if not moved:
            continue
        overturned = list(mine["conclusion"][mine["overturns"]])
        row = {"factor": factor.name, "rows": len(factor.rows), "overturned": len(overturned)}
        row |= {"moves": "; ".join(moved), "overturns": "; ".join(overturned)}
        row["swing_over_least"] = float(mine["swing_over_least"].max()) if len(mine) else np.nan
        known = linked[linked["correlation"].notna()].to_dict("records")
        strongest = max(known, key=lambda other: abs(other["correlation"]), default=UNLINKED)
        row |= {name: strongest[name] for name in LINKED} | {"correlates_with": strongest["conclusion"]}
        rows.append(row)

    def rank(row: Row) -> tuple[Any, ...]:
        size = _falling(abs(row["correlation"]))
        return -row["overturned"], _falling(row["swing_over_least"]), size, row["factor"]

    rows.sort(key=rank)
    return _table("to_know_better", rows)


def factor_table(factors: Sequence[Factor]) -> pd.DataFrame:
    """What was varied, how far, and on what it rests."""
    rows = [
        {"factor": one.name, **vars(one), "columns": "; ".join(one.columns), "rows": len(one.rows)}
        | {"sources": "; ".join(one.sources[:5])}
        for one in factors
    ]
    return _table("factors", rows)


def samples_table(sampled: Sequence[Found]) -> pd.DataFrame:
    """Each conclusion in each sample that has a plan."""
    rows = ({"sample": number, **_of(one)} for number, found in enumerate(sampled) for one in found)
    return _table("samples", rows)
