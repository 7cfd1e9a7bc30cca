"""What we do not know: estimates as ranges, and which of them move the conclusions.

Rows graded C that share a rule form one factor; `ranges.csv` says how rows are grouped and how far they
may lie off. Every factor is set to its low and high end alone, and all together are sampled by a Latin hypercube.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from io import StringIO
from multiprocessing import get_context
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.engine import Engine, Rules
from kelisim.errors import StudyError, UserError
from kelisim.results import screening
from kelisim.results.bottlenecks import bottlenecks
from kelisim.results.intervals import wilson
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies.sensitivity import conclusions as headlines
from kelisim.studies.study import Study, param, provenance

Floats = npt.NDArray[np.float64]
Point = tuple[float, ...]  # level of each factor, -1 (low) to 1 (high); 0 is the case as it stands
Found = tuple[
    tuple[float, ...], tuple[str, ...]
]  # values and statements of the conclusions; empty without a plan

CHUNK = 4  # points that a worker gets at a time
LOOSE = 0.2  # partial rank correlation below which a factor is not named
NUMBER = r"\d+(?:\.\d+)?"
LIMITS = (
    "Ranges without a statement in the note of a row are rules by kind of quantity, not measurements; rows of a group move together.",
    "The case is solved in months with perfect foresight; seasonal shapes, positions of places and the structure of the network are held.",
    "A rank correlation sees a result that rises or falls with a factor; one that turns shows in the table of ends only.",
    "Gas answers count capacities only and no pressures: they are an upper bound of what the network can deliver.",
)


@dataclass(frozen=True)
class Factor:
    """Rows of one table that share a rule, and how far they may lie off.

    rows      positions of the rows in the table of the case
    how       relative: value x (1 + level x spread); absolute: value + level x spread; noted: from low to high
    low, high values at the ends of a range that the note of the row gives
    """

    name: str
    what: str
    table: str
    columns: tuple[str, ...]
    rows: tuple[int, ...]
    how: str
    spread: float
    low: float
    high: float
    sources: tuple[str, ...]
    rule: str
    ask: str


@dataclass(frozen=True)
class AskedSample:
    """What a worker needs to evaluate points: the case in plain parts, its factors and rules, and the conclusions."""

    settings: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    files: dict[str, str]
    horizon: Any
    rules: Rules
    factors: tuple[Factor, ...]
    conclusions: tuple[str, ...]

    @classmethod
    def of(
        cls, case: Case, rules: Rules, factors: Sequence[Factor], conclusions: Sequence[str]
    ) -> AskedSample:
        """From a case; its frozen mappings do not travel between processes, and no point has to make empty tables again."""
        tables = {name: case.table(name) for name in schema.tables() if name not in schema.KIND_TABLES}
        return cls(
            dict(case.settings),
            {**tables, **case.tables},
            dict(case.files),
            case.horizon,
            rules,
            tuple(factors),
            tuple(conclusions),
        )

    @property
    def case(self) -> Case:
        return Case(self.settings, MappingProxyType(self.tables), MappingProxyType(self.files), self.horizon)


@dataclass(frozen=True)
class Sensitivity(Study):
    """Which estimates move the conclusions about the home country, and what would have to be known better."""

    name = "sensitivity"
    conclusions: tuple[str, ...] = param(
        "conclusions: unserved_protected, dearest_limit, cost, net_import:CARRIER, imported_share:CARRIER, power_from:FAMILY, power_share:FAMILY",
        default=headlines.USUAL,
    )
    samples: int = param("samples of all factors together; 0 leaves the screening out", default=300)
    ends: bool = param("set each factor to its low and high end alone", default=True)
    moves: float = param("change of a conclusion that counts as moving it", unit="share", default=0.1)
    alone: int = param("links among the dearest limits at home that are factors of their own", default=10)
    only: tuple[str, ...] = param("names of factors to look at; all if not given", default=())
    seed: int = param("start of the random numbers", default=1)
    workers: int = param("processes that solve at the same time", default=1)

    def run(
        self, engine: Engine, executor: Executor | None = None, say: Callable[[str], None] | None = None
    ) -> Results:
        """The answer as tables with units.

        executor  solves the points; processes of its own (field workers) if not given
        say       told after each chunk how many points are done; the progress of the engine if not given
        """
        began = time.perf_counter()
        self._require(engine.case)
        case = engine.case
        base = engine.base
        if base.status != "optimal":
            return self.unanswered(engine)
        tables = Tables(case, base)
        factors = factors_of(case, tables, self.alone)
        factors = _chosen(factors, self.only)
        here = headlines.headlines(tables, self.conclusions)
        points = self._points(len(factors))
        asked = AskedSample.of(case, engine.rules, factors, self.conclusions)
        with _pool(executor, self.workers) as pool:
            found = solve(asked, points, pool, say or engine._say)
        frames = self._frames(here, factors, points, found)
        units = {name: _units(frame) for name, frame in frames.items()}
        meta = provenance(engine, began, LIMITS)
        lost = sum(not values for values, _ in found)
        meta["counts"] = {
            **meta["counts"],
            "factors": len(factors),
            "solves": len(points),
            "without_a_plan": lost,
        }
        return Results(self.name, self.values(), case, frames, units, meta)

    def _require(self, case: Case) -> None:
        wrong = []
        try:
            headlines.require(case, self.conclusions)
        except UserError as error:
            wrong.append(f"conclusions: {error}")
        if not 0.0 < self.moves < 1.0:
            wrong.append(f"moves: {self.moves:g} is not a share between 0 and 1.")
        least = {"samples": 0, "alone": 0, "workers": 1}
        wrong += [
            f"{name}: {self.values()[name]} is below {low}."
            for name, low in least.items()
            if self.values()[name] < low
        ]
        if wrong:
            raise StudyError("\n".join(wrong))

    def _points(self, count: int) -> list[Point]:
        """Low and high end of each factor alone, then the samples."""
        alone = [
            tuple(level if at == which else 0.0 for at in range(count))
            for which in range(count if self.ends else 0)
            for level in (-1.0, 1.0)
        ]
        together = screening.latin_hypercube(self.samples, count, self.seed)
        return alone + [tuple(float(level) for level in row) for row in together]

    def _frames(
        self,
        here: Sequence[headlines.Headline],
        factors: Sequence[Factor],
        points: Sequence[Point],
        found: Sequence[Found],
    ) -> dict[str, pd.DataFrame]:
        split = 2 * len(factors) if self.ends else 0
        ends = _ends(here, factors, found[:split], self.moves) if self.ends else _ends([], [], [], self.moves)
        levels = np.array(points[split:], dtype=float).reshape(-1, len(factors))
        sampled = found[split:]
        screened = _screened(here, factors, levels, sampled)
        return {
            "conclusions": _conclusions(here, sampled),
            "to_know_better": _to_know(here, factors, ends, screened),
            "one_at_a_time": ends,
            "screening": screened,
            "factors": _factor_table(factors),
            "samples": _samples(here, sampled),
        }


# ---- the factors
@cache
def ranges() -> tuple[dict[str, str], ...]:
    """How rows are grouped and how far they may lie off: the lines of `ranges.csv`."""
    text = (files("kelisim.studies.sensitivity") / "ranges.csv").read_text(encoding="utf-8")
    return tuple(pd.read_csv(StringIO(text), dtype=str).fillna("").to_dict("records"))


def factors_of(case: Case, tables: Tables | None = None, alone: int = 0) -> list[Factor]:
    """The factors of a case, in the order of the ranges.

    A row takes part if its grade is among those of the range, it is in use and its value is neither missing nor zero.
    A row whose note gives a range is a factor of its own, and so is a link among the `alone` dearest limits of `tables`
    that touch the home country, with the links that share its capacity.
    """
    dear = _dearest(case, tables, alone) if tables is not None and alone else {}
    found: list[Factor] = []
    for line in ranges():
        frame = _marked(case, line["table"])
        columns = line["columns"].split(";")
        used = frame["confidence"].isin(list(line["grades"])) & frame["_in_use"]
        used &= frame[columns[0]].notna() & (frame[columns[0]] != 0)
        if columns[0] == "ratio":
            used &= frame["ratio"].abs() != 1.0  # the port that the others are counted by
        if columns[0] == "availability":
            used &= frame["availability"] < 1.0  # 1: the capacity is what can be used
        groups: dict[tuple[str, ...], list[int]] = {}
        by = [column for column in line["by"].split(";") if column]
        for at in np.flatnonzero(used):
            row = frame.iloc[at]
            name = dear.get(str(row.iloc[0]), "") if "capacity_back" in columns else ""
            name = str(row.iloc[0]) if _noted(row, columns[0]) else name
            key = (name,) if name else tuple(str(row[column]) for column in by)
            groups.setdefault(key, []).append(int(at))
        found += [_factor(line, key, frame, rows) for key, rows in groups.items()]
    return found


def _factor(line: Mapping[str, str], key: tuple[str, ...], frame: pd.DataFrame, at: list[int]) -> Factor:
    rows = frame.iloc[at]
    columns = tuple(line["columns"].split(";"))
    noted = _noted(rows.iloc[0], columns[0]) if len(at) == 1 else None
    words = [word for word in key if word]
    notes = rows["note"][rows["note"] != ""] if "note" in rows else pd.Series(dtype=str)
    sources = dict.fromkeys(
        word.strip() for text in rows["source"] for word in str(text).split(";") if word.strip()
    )
    return Factor(
        name=".".join([line["table"], columns[0], *words]),
        what=f"{line['what']}: {', '.join(word.replace('_', ' ') for word in words)}"
        if words
        else line["what"],
        table=line["table"],
        columns=columns,
        rows=tuple(at),
        how="noted" if noted else line["how"],
        spread=float(line["spread"]),
        low=noted[0] if noted else np.nan,
        high=noted[1] if noted else np.nan,
        sources=tuple(sources),
        rule=str(notes.mode().iloc[0]) if len(notes) else "",
        ask=line["ask"],
    )


def _dearest(case: Case, tables: Tables, count: int) -> dict[str, str]:
    """Links behind the dearest limits at home: link -> name of its factor, that of the group that shares a capacity."""
    limits = bottlenecks(tables)
    links = _marked(case, "links").set_index("link")
    there = limits["element"][limits["table"] == "links"]
    dear = [
        link for link in there if links.at[link, "confidence"] == "C" and links.at[link, "side"] != "abroad"
    ]
    groups = list(dict.fromkeys(links.at[link, "shared_with"] or link for link in dear))[:count]
    shared = links["shared_with"].where(links["shared_with"] != "", links.index.to_series())
    return {str(link): str(group) for link, group in shared.items() if group in groups}


def _marked(case: Case, table: str) -> pd.DataFrame:
    """A table with what its rows are grouped by: kind, family, side (home or abroad), and whether a row is in use."""
    frame = case.table(table).copy()
    home = headlines.home_of(case)
    country = case.table("places").set_index("place")["country"]
    family = case.table("carriers").set_index("carrier")["family"]
    frame["_in_use"] = frame["status"].eq("base") if "status" in frame else True
    if table == "links":
        ends = frame[["from_place", "to_place"]].apply(lambda side: side.map(country).eq(home))
        frame["side"] = np.where(ends.all(axis=1), "home", np.where(ends.any(axis=1), "border", "abroad"))
        own = frame["carrier"].map(family)
        frame["family"] = own.where(frame["shared_with"] == "", "")
    elif table == "assets":
        frame["side"] = np.where(frame["place"].map(country) == home, "home", "abroad")
        frame["family"] = frame["asset"].map(_main_family(case)).fillna("")
        frame["kind_at_home"] = frame["kind"].where(frame["side"] == "home", "")
        frame["role"] = np.where(frame["asset"].isin(_converters(case)), "plants", "sources")
    elif table == "asset_ports":
        frame["family"] = frame["carrier"].map(family)
        frame["role"] = np.where(frame["asset"].isin(_converters(case)), "plants", "sources")
    elif table in ("demand", "storages", "markets"):
        frame["side"] = np.where(frame["place"].map(country) == home, "home", "abroad")
        frame["family"] = frame["carrier"].map(family)
        if table == "demand":
            frame["class_at_home"] = frame["customer_class"].where(frame["side"] == "home", "")
    elif table == "profiles":
        frame["_in_use"] = frame["meaning"].eq("availability")
    return frame


def _converters(case: Case) -> set[str]:
    """Assets that take something in."""
    return set(case.ports["asset"][case.ports["ratio"] < 0])


def _main_family(case: Case) -> dict[str, str]:
    """Family of the fuel of each asset, of its largest input; of its reference carrier where it takes nothing in."""
    family = dict(case.table("carriers").set_index("carrier")["family"])
    ports = case.ports[case.ports["ratio"] < 0]
    ports = (
        ports[ports["carrier"] != "electricity"].sort_values("ratio", kind="stable").drop_duplicates("asset")
    )
    found = {asset: family.get(carrier, "") for asset, carrier in case.reference_carriers.items()}
    return found | {
        asset: family.get(carrier, "")
        for asset, carrier in zip(ports["asset"], ports["carrier"], strict=True)
    }


def _noted(row: pd.Series, column: str) -> tuple[float, float] | None:
    """Range that the note of a row gives for a cell: "range 2-3", "range of capacity: 2 to 3", "2-3 taken as 2.5".

    It counts only if the cell lies within it.
    """
    value, note = float(row[column]), str(row.get("note", ""))
    pair = rf"({NUMBER})\s*(?:-|\u2013|to)\s*({NUMBER})"
    told = re.search(rf"range(?: of (\w+))?:?\s*{pair}", note)
    if told and told[1] in (None, column):
        low, high = float(told[2]), float(told[3])
    else:
        taken = re.search(rf"{pair}\s+taken as\s+({NUMBER})", note)
        if not taken or float(taken[3]) != value:
            return None
        low, high = float(taken[1]), float(taken[2])
    return (low, high) if low < high and low <= value <= high else None


def _chosen(factors: Sequence[Factor], only: Sequence[str]) -> list[Factor]:
    if not factors:
        raise StudyError("The case has no estimate (grade C) that a range could be given to.")
    known = {factor.name: factor for factor in factors}
    wrong = [name for name in only if name not in known]
    if wrong:
        hints = [
            f'no factor "{name}". Did you mean "{schema.nearest(name, known) or next(iter(known))}"?'
            for name in wrong
        ]
        raise StudyError("only: " + "\n".join(hints))
    return [known[name] for name in only] or list(factors)


# ---- solving
def shifted(case: Case, factors: Sequence[Factor], levels: Sequence[float]) -> Case:
    """The case with each factor at its level, -1 to 1; values stay within what their column allows."""
    changed: dict[tuple[str, str], Floats] = {}
    for factor, level in zip(factors, levels, strict=True):
        if level == 0.0:
            continue
        rows = list(factor.rows)
        for name in factor.columns:
            key = (factor.table, name)
            if key not in changed:
                changed[key] = case.table(factor.table)[name].to_numpy(dtype=float, copy=True)
            value = changed[key][rows]
            how = factor.how
            moved = (
                value + level * factor.spread if how == "absolute" else value * _times(case, factor, level)
            )
            column = schema.tables()[factor.table][name]
            low, high = column.minimum, column.maximum
            moved = moved if low is None else np.maximum(moved, low)
            changed[key][rows] = moved if high is None else np.minimum(moved, high)
    frames: dict[str, pd.DataFrame] = {}
    for (table, name), values in changed.items():
        frames[table] = frames.get(table, case.table(table)).assign(**{name: values})
    moved_case = replace(case, tables=MappingProxyType({**case.tables, **frames}))
    if "profiles" not in frames:
        # shapes over the hours of the year are a fifth of the time of a point
        vars(moved_case)["profiles"] = case.profiles
    return moved_case


def _times(case: Case, factor: Factor, level: float) -> float:
    """What a level multiplies the rows of a factor with; the ends of a noted range hold for its first column."""
    if factor.how == "relative":
        return 1.0 + level * factor.spread
    first = float(case.table(factor.table)[factor.columns[0]].iloc[factor.rows[0]])
    return 1.0 + abs(level) * ((factor.low if level < 0 else factor.high) / first - 1.0)


def evaluate(asked: AskedSample, points: Sequence[Point]) -> list[Found]:
    """Conclusions at each point; no values where its limits cannot all be kept.

    This is the only place where points are solved: each cold, from the case compiled anew. A way that goes on from
    the basis of the base need change nothing else.
    """
    case = asked.case
    found: list[Found] = []
    for point in points:
        here = shifted(case, asked.factors, point)
        base = Engine(here, rules=asked.rules, cache=False).base
        if base.status != "optimal":
            found.append(((), ()))
            continue
        told = headlines.headlines(Tables(here, base), asked.conclusions)
        found.append((tuple(one.value for one in told), tuple(one.statement for one in told)))
    return found


def solve(
    asked: AskedSample,
    points: Sequence[Point],
    pool: Executor | None = None,
    say: Callable[[str], None] | None = None,
) -> list[Found]:
    """Conclusions at each point, in order; the same for any number of workers."""
    chunks = [points[at : at + CHUNK] for at in range(0, len(points), CHUNK)]
    found: list[list[Found]] = [[] for _ in chunks]

    def keep(at: int, told: list[Found]) -> None:
        found[at] = told
        if say:
            say(f"{sum(len(one) for one in found):,} of {len(points):,} points")

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


@contextmanager
def _pool(executor: Executor | None, workers: int) -> Iterator[Executor | None]:
    if executor is not None or workers == 1:
        yield executor
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool


# ---- the tables
def _conclusions(here: Sequence[headlines.Headline], sampled: Sequence[Found]) -> pd.DataFrame:
    """Each conclusion as it stands, and how far it spreads when all factors are uncertain together."""
    rows = []
    for at, told in enumerate(here):
        values = np.array([found[0][at] for found in sampled if found[0]])
        same = sum(found[1][at] == told.statement for found in sampled if found[0])
        low, high = wilson(same / len(values), len(values)) if len(values) else (np.nan, np.nan)
        spread = np.quantile(values, [0.05, 0.5, 0.95]) if len(values) else np.full(3, np.nan)
        rows.append(
            (
                told.name, told.what, told.value, told.unit, told.statement, *(float(q) for q in spread),
                same / len(values) if len(values) else np.nan, low, high, len(values),
            )
        )  # fmt: skip
    columns = [
        "conclusion", "what", "value", "unit", "statement", "low", "middle", "high", "share_same", "share_same_low",
        "share_same_high", "samples",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _ends(
    here: Sequence[headlines.Headline], factors: Sequence[Factor], found: Sequence[Found], moves: float
) -> pd.DataFrame:
    """Each conclusion with each factor at its low and its high end alone, the widest swing of a conclusion first."""
    rows = []
    for at, told in enumerate(here):
        counts = max(moves * abs(told.value), told.least)
        for which, factor in enumerate(factors):
            low, high = found[2 * which], found[2 * which + 1]
            values = [end[0][at] if end[0] else np.nan for end in (low, high)]
            words = [end[1][at] if end[1] else "no plan keeps all limits" for end in (low, high)]
            changes = [abs(value - told.value) for value in values if not np.isnan(value)]
            swing = max(changes, default=np.nan)
            overturned = any(word != told.statement for word in words)
            rows.append(
                (
                    told.name, factor.name, values[0], told.value, values[1], told.unit, swing, swing / counts if counts else np.nan,
                    bool(swing > counts) or overturned, overturned, *words,
                )
            )  # fmt: skip
    columns = [
        "conclusion", "factor", "at_low", "as_it_stands", "at_high", "unit", "swing", "swing_over_least", "moves", "overturns",
        "statement_low", "statement_high",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    order = {told.name: at for at, told in enumerate(here)}
    frame["_order"] = frame["conclusion"].map(order)
    frame = frame.sort_values(["_order", "swing", "factor"], ascending=[True, False, True], ignore_index=True)
    return frame.drop(columns="_order")


def _screened(
    here: Sequence[headlines.Headline], factors: Sequence[Factor], levels: Floats, sampled: Sequence[Found]
) -> pd.DataFrame:
    """Partial rank correlation of each factor with each conclusion over the samples, with its interval."""
    rows: list[tuple[Any, ...]] = []
    solved = np.array([bool(found[0]) for found in sampled], dtype=bool)
    for at, told in enumerate(here if solved.sum() else []):
        result = np.array([found[0][at] for found in sampled if found[0]])
        told_by = screening.partial_rank_correlation(levels[solved], result)
        rows += [
            (told.name, factor.name, *(float(part[j]) for part in told_by))
            for j, factor in enumerate(factors)
        ]
    frame = pd.DataFrame(
        rows, columns=["conclusion", "factor", "correlation", "correlation_low", "correlation_high"]
    )
    size = frame["correlation"].abs()
    order = {told.name: at for at, told in enumerate(here)}
    frame = frame.assign(_order=frame["conclusion"].map(order), _size=size)
    frame = frame.sort_values(["_order", "_size", "factor"], ascending=[True, False, True], ignore_index=True)
    return frame.drop(columns=["_order", "_size"])


def _to_know(
    here: Sequence[headlines.Headline], factors: Sequence[Factor], ends: pd.DataFrame, screened: pd.DataFrame
) -> pd.DataFrame:
    """Factors that move a conclusion, those first that overturn most, then by their widest swing and correlation.

    A factor is named if one of its ends moves a conclusion, or if its partial rank correlation is at least LOOSE and
    its interval leaves out 0.
    """
    names = {told.name: told.what for told in here}
    rows = []
    for factor in factors:
        mine = ends[ends["factor"] == factor.name]
        linked = screened[screened["factor"] == factor.name]
        sure = linked[
            (linked["correlation"].abs() >= LOOSE)
            & (linked["correlation_low"] * linked["correlation_high"] > 0)
        ]
        moved = list(dict.fromkeys([*mine["conclusion"][mine["moves"]], *sure["conclusion"]]))
        if not moved:
            continue
        strongest = (
            linked.loc[linked["correlation"].abs().idxmax()] if linked["correlation"].notna().any() else None
        )
        rows.append(
            {
                "factor": factor.name, "what": factor.what, "range": range_words(factor), "rows": len(factor.rows),
                "moves": "; ".join(names[name] for name in moved),
                "overturns": "; ".join(names[name] for name in mine["conclusion"][mine["overturns"]]),
                "overturned": int(mine["overturns"].sum()),
                "swing_over_least": float(mine["swing_over_least"].max()) if len(mine) else np.nan,
                "correlation": float(strongest["correlation"]) if strongest is not None else np.nan,
                "correlation_low": float(strongest["correlation_low"]) if strongest is not None else np.nan,
                "correlation_high": float(strongest["correlation_high"]) if strongest is not None else np.nan,
                "correlates_with": names[str(strongest["conclusion"])] if strongest is not None else "",
                "ask": factor.ask, "rule": factor.rule, "sources": "; ".join(factor.sources[:5]),
            }
        )  # fmt: skip
    columns = [
        "factor", "what", "range", "rows", "moves", "overturns", "overturned", "swing_over_least", "correlation",
        "correlation_low", "correlation_high", "correlates_with", "ask", "rule", "sources",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.assign(_size=frame["correlation"].astype(float).abs())
    frame = frame.sort_values(
        ["overturned", "swing_over_least", "_size", "factor"],
        ascending=[False, False, False, True],
        ignore_index=True,
    )
    return frame.drop(columns="_size").astype({"rows": int, "overturned": int})


def range_words(factor: Factor) -> str:
    """The range of a factor as people write it."""
    if factor.how == "noted":
        return f"{factor.low:g} to {factor.high:g} (note of the row)"
    if factor.how == "absolute":
        return f"\u00b1{factor.spread:g}"
    return f"\u00b1{factor.spread * 100:g} %"


def _factor_table(factors: Sequence[Factor]) -> pd.DataFrame:
    rows = [
        (
            f.name,
            f.what,
            f.table,
            "; ".join(f.columns),
            len(f.rows),
            range_words(f),
            f.rule,
            "; ".join(f.sources[:5]),
        )
        for f in factors
    ]
    return pd.DataFrame(
        rows, columns=["factor", "what", "table", "columns", "rows", "range", "rule", "sources"]
    )


def _samples(here: Sequence[headlines.Headline], sampled: Sequence[Found]) -> pd.DataFrame:
    rows = [
        (number, told.name, found[0][at], told.unit, found[1][at])
        for number, found in enumerate(sampled)
        if found[0]
        for at, told in enumerate(here)
    ]
    return pd.DataFrame(rows, columns=["sample", "conclusion", "value", "unit", "statement"])


def _units(frame: pd.DataFrame) -> dict[str, str]:
    of_row = dict.fromkeys(
        ("value", "low", "middle", "high", "at_low", "as_it_stands", "at_high", "swing"), "unit of the row"
    )
    shares = dict.fromkeys(
        (
            "share_same",
            "share_same_low",
            "share_same_high",
            "correlation",
            "correlation_low",
            "correlation_high",
        ),
        "share",
    )
    known = of_row | shares | {"swing_over_least": "times the least change that counts"}
    return {column: known[column] for column in frame.columns if column in known}
