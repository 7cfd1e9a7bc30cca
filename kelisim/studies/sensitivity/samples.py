"""Points of the factors, solved, and what they say: how far conclusions spread, and which factors move them.

Every factor is set to its low and high end alone, and all together are sampled by a Latin hypercube.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.horizon import Horizon
from kelisim.engine import Engine, Rules
from kelisim.results.intervals import wilson
from kelisim.results.screening import partial_rank_correlation
from kelisim.results.tables import Tables
from kelisim.studies.sensitivity.conclusions import NO_PLAN, Headline, headlines
from kelisim.studies.sensitivity.factors import Factor, Floats, shifted

Point = tuple[float, ...]  # level of each factor, -1 (low) to 1 (high); 0 is the case as it stands
Found = tuple[Headline, ...]  # the conclusions at a point; none without a plan that keeps all limits
CHUNK = 4  # points that a worker gets at a time
LOOSE = 0.2  # partial rank correlation below which a factor is not named


@dataclass(frozen=True)
class SampledCase:
    """What a worker needs to evaluate points: the case in plain parts, its factors and rules, and the conclusions.

    The frozen mappings of a case do not travel between processes; with its empty tables no point has to make them again.
    """

    settings: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    files: Mapping[str, str]
    horizon: Horizon
    rules: Rules
    factors: tuple[Factor, ...]
    conclusions: tuple[str, ...]

    @classmethod
    def of(
        cls, case: Case, rules: Rules, factors: Sequence[Factor], conclusions: Sequence[str]
    ) -> SampledCase:
        tables = {name: case.table(name) for name in schema.tables() if name not in schema.KIND_TABLES}
        files, tables = dict(case.files), tables | dict(case.tables)
        return cls(
            dict(case.settings), tables, files, case.horizon, rules, tuple(factors), tuple(conclusions)
        )

    @property
    def case(self) -> Case:
        return Case(self.settings, MappingProxyType(dict(self.tables)), self.files, self.horizon)


# ---- solving
def evaluate(asked: SampledCase, points: Sequence[Point]) -> list[Found]:
    """Conclusions at each point.

    This is the only place where points are solved: each cold, from the case compiled anew. A way that goes on from
    the basis of the base need change nothing else.
    """
    case = asked.case
    found: list[Found] = []
    for point in points:
        here = shifted(case, asked.factors, point)
        base = Engine(here, rules=asked.rules, cache=False).base
        is_solved = base.status == "optimal"
        found.append(tuple(headlines(Tables(here, base), asked.conclusions)) if is_solved else ())
    return found


def solve(
    asked: SampledCase, points: Sequence[Point], pool: Executor | None, say: Callable[[int, int], None]
) -> list[Found]:
    """Conclusions at each point, in order; the same for any number of workers.

    say  told after each chunk how many points are done, of how many
    """
    chunks = [points[at : at + CHUNK] for at in range(0, len(points), CHUNK)]
    found: list[list[Found]] = [[] for _ in chunks]

    def keep(at: int, solved: list[Found]) -> None:
        found[at] = solved
        say(sum(len(one) for one in found), len(points))

    if pool is None:
        for at, chunk in enumerate(chunks):
            keep(at, evaluate(asked, chunk))
    else:
        jobs = {pool.submit(evaluate, asked, chunk): at for at, chunk in enumerate(chunks)}
        try:
            for job in as_completed(jobs):
                keep(jobs[job], job.result())
        except BaseException:
            for job in jobs:
                job.cancel()
            raise
    return [one for chunk in found for one in chunk]


# ---- the tables
def spread(here: Sequence[Headline], sampled: Sequence[Found]) -> pd.DataFrame:
    """Each conclusion as it stands, and how far it spreads when all factors are uncertain together."""
    rows = []
    for at, one in enumerate(here):
        values = np.array([found[at].value for found in sampled if found])
        count = len(values)
        same = sum(found[at].statement == one.statement for found in sampled if found)
        low, middle, high, *shares = np.full(6, np.nan)
        if count:
            low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
            shares = [same / count, *wilson(same / count, count)]
        rows.append((one.name, one.value, one.unit, one.statement, low, middle, high, *shares, count))
    columns = [
        "conclusion", "value", "unit", "statement", "low", "middle", "high", "share_same", "share_same_low",
        "share_same_high", "samples",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def one_at_a_time(
    here: Sequence[Headline], factors: Sequence[Factor], found: Sequence[Found], moves: float
) -> pd.DataFrame:
    """Each conclusion with each factor at its low and its high end alone, the widest swing of a conclusion first.

    found  low and high end of each factor
    moves  change that counts, as a share of the conclusion
    """
    rows = []
    for at, one in enumerate(here if found else ()):
        counts = max(moves * abs(one.value), one.least)
        for which, factor in enumerate(factors):
            ends = [end[at] if end else None for end in found[2 * which : 2 * which + 2]]
            values = [end.value if end else np.nan for end in ends]
            statements = [end.statement if end else NO_PLAN for end in ends]
            swing = max((abs(value - one.value) for value in values if not np.isnan(value)), default=np.nan)
            is_overturned = any(statement != one.statement for statement in statements)
            rows.append(
                (
                    at, one.name, factor.name, values[0], one.value, values[1], one.unit, swing, swing / counts if counts else np.nan,
                    bool(swing > counts) or is_overturned, is_overturned, *statements,
                )
            )  # fmt: skip
    columns = [
        "order", "conclusion", "factor", "at_low", "as_it_stands", "at_high", "unit", "swing", "swing_over_least", "moves",
        "overturns", "statement_low", "statement_high",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.sort_values(["order", "swing", "factor"], ascending=[True, False, True], ignore_index=True)
    return frame.drop(columns="order")


def screened(
    here: Sequence[Headline], factors: Sequence[Factor], levels: Floats, sampled: Sequence[Found]
) -> pd.DataFrame:
    """Partial rank correlation of each factor with each conclusion over the samples, the strongest of a conclusion first.

    levels  of the factors in each sample, (samples, factors)
    """
    solved = np.array([bool(found) for found in sampled], dtype=bool)
    rows = []
    for at, one in enumerate(here if solved.any() else ()):
        values = np.array([found[at].value for found in sampled if found])
        correlations = np.column_stack(partial_rank_correlation(levels[solved], values))
        rows += [
            (at, abs(row[0]), one.name, factor.name, *row)
            for factor, row in zip(factors, correlations.tolist(), strict=True)
        ]
    columns = ["order", "size", "conclusion", "factor", "correlation", "correlation_low", "correlation_high"]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.sort_values(["order", "size", "factor"], ascending=[True, False, True], ignore_index=True)
    return frame.drop(columns=["order", "size"])


def to_know_better(factors: Sequence[Factor], ends: pd.DataFrame, screening: pd.DataFrame) -> pd.DataFrame:
    """Factors that move a conclusion, those first that overturn most, then by their widest swing and correlation.

    A factor is named if one of its ends moves a conclusion, or if its partial rank correlation is at least LOOSE and
    its interval leaves out 0.
    """
    rows = []
    for factor in factors:
        mine, linked = ends[ends["factor"] == factor.name], screening[screening["factor"] == factor.name]
        is_sure = linked["correlation_low"] * linked["correlation_high"] > 0
        sure = linked[(linked["correlation"].abs() >= LOOSE) & is_sure]
        moved = list(dict.fromkeys([*mine["conclusion"][mine["moves"]], *sure["conclusion"]]))
        if not moved:
            continue
        overturned = list(mine["conclusion"][mine["overturns"]])
        known = linked[linked["correlation"].notna()]
        strongest = known.loc[known["correlation"].abs().idxmax()] if len(known) else {}
        rows.append(
            {
                "factor": factor.name, "rows": len(factor.rows), "moves": "; ".join(moved), "overturns": "; ".join(overturned),
                "overturned": len(overturned), "swing_over_least": float(mine["swing_over_least"].max()) if len(mine) else np.nan,
                **{name: float(strongest.get(name, np.nan)) for name in ("correlation", "correlation_low", "correlation_high")},
                "correlates_with": str(strongest.get("conclusion", "")),
            }
        )  # fmt: skip
    columns = [
        "factor", "rows", "moves", "overturns", "overturned", "swing_over_least", "correlation", "correlation_low",
        "correlation_high", "correlates_with",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.assign(size=frame["correlation"].astype(float).abs())
    keys = ["overturned", "swing_over_least", "size", "factor"]
    frame = frame.sort_values(keys, ascending=[False, False, False, True], ignore_index=True)
    return frame.drop(columns="size").astype({"rows": int, "overturned": int})


def factor_table(factors: Sequence[Factor]) -> pd.DataFrame:
    """What was varied, how far, and on what it rests."""
    rows = [
        (
            one.name, one.table, "; ".join(one.columns), len(one.rows), one.how, one.spread, one.low, one.high, one.rule,
            "; ".join(one.sources[:5]),
        )
        for one in factors
    ]  # fmt: skip
    columns = ["factor", "table", "columns", "rows", "how", "spread", "low", "high", "rule", "sources"]
    return pd.DataFrame(rows, columns=columns)


def samples_table(sampled: Sequence[Found]) -> pd.DataFrame:
    """Each conclusion in each sample that has a plan."""
    rows = [
        (number, one.name, one.value, one.unit, one.statement)
        for number, found in enumerate(sampled)
        for one in found
    ]
    return pd.DataFrame(rows, columns=["sample", "conclusion", "value", "unit", "statement"])
