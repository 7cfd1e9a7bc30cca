"""A cut asked of samples of a case: each sample has a plan of its own, and is cut beside it.

Samples are solved in the steps of the case where it is small, else in months around the cut and seasons before and after; the months in which
the cut begins and ends are split there. Each starts from the basis of the case as it stands, so that the answer depends on its numbers and not
on who solved before.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kelisim.case.case import Case
from kelisim.engine.around import far_months
from kelisim.engine.engine import TAIL, Engine
from kelisim.engine.estimates.conditioned import Movable, drawn, units_of
from kelisim.engine.estimates.cut import SampledCut, outcome
from kelisim.engine.estimates.factors import Factor, Floats, factors_of, shifted
from kelisim.engine.estimates.known import Known, answered, known_of
from kelisim.engine.estimates.sampled import SampledCase
from kelisim.lp.work import Row, Task
from kelisim.results.intervals import likeness

SMALL = 50_000  # columns up to which samples have the steps of the case
PARTS = 4  # chunks that each worker gets, one after the other
TOLERANCE = 0.05  # share of what was observed by which an answer may miss it


@dataclass(frozen=True)
class Ensemble:
    """The samples of a cut.

    stands     outcome of the case as it stands, in the steps of the samples
    outcomes   of each sample with a plan, (samples, rows of demand + 1)
    weight     of each, adding up to 1
    levels     of each factor in each, mean of its units, (samples, factors)
    answers    what each says to the answers that are known; answer of the case as it stands, and tolerance of each
    lost       samples without a plan that keeps all limits
    own_steps  whether samples have the steps of the case itself
    """

    factors: tuple[Factor, ...]
    known: Known
    stands: Floats
    outcomes: Floats
    weight: Floats
    levels: Floats
    answers: Floats
    answer: Floats
    tolerance: Floats
    lost: int
    own_steps: bool


def ensemble(
    engine: Engine, cut: SampledCut, count: int, seed: int = 1, workers: int = 1, grades: str = "A"
) -> Ensemble:
    """Samples of a case, conditioned on what is known of it, each asked a cut.

    count    samples; seed: start of the random numbers
    workers  processes that solve at the same time
    grades   of observations that count as known
    """
    base = engine if _has_own_steps(engine, cut) else engine.beside(around(engine.case, cut))
    case = base.case
    factors = factors_of(case)
    units = units_of(case, factors)
    known = known_of(case, factors, units, grades)
    levels = drawn(units, known.sums, count, seed, known.still)
    task = SampleTask(SampledCase.of(base, factors), units, cut, known)
    with engine.working(workers) as work:
        loop = Task("samples", evaluate, task, key=_key, row=_row)
        found = work.each(loop, list(levels), -(-len(levels) // (max(workers, 1) * PARTS)) or 1).all
    solved = np.array([bool(one) for one in found], dtype=bool)
    rows = [one for one in found if one]
    wide = len(case.table("demand")) + 1
    outcomes = np.array([row for row, _ in rows]).reshape(len(rows), wide)
    answers = np.array([said for _, said in rows]).reshape(len(rows), len(known.answers))
    answer = answered(base, known)
    tolerance = np.maximum(TOLERANCE * np.abs(known.observed), np.abs(answer - known.observed))
    told = np.isfinite(answer) & np.isfinite(answers).all(axis=0) & (tolerance > 0)
    weight = likeness(answers[:, told], known.observed[told], tolerance[told])
    return Ensemble(
        tuple(factors),
        known,
        outcome(cut.seen(base)),
        outcomes,
        weight,
        _by_factor(levels[solved], units),
        answers,
        answer,
        tolerance,
        int((~solved).sum()),
        base is engine,
    )


def _has_own_steps(engine: Engine, cut: SampledCut) -> bool:
    """Whether the steps of a case are few, and tell the days of a cut."""
    if engine.plain.shape[1] > SMALL:
        return False
    share = engine.case.horizon.share_within(cut.start, cut.last)
    return engine.case.horizon.step != "1mo" or bool(np.isin(share, (0.0, 1.0)).all())


def around(case: Case, cut: SampledCut) -> Case:
    """The case in months around the cut, which has steps of its own, and in seasons before and after."""
    begin, end = pd.Timestamp(cut.start), pd.Timestamp(cut.last) + pd.Timedelta(days=1)
    return case.split_at(begin, end, joined=far_months(case, begin, end + pd.Timedelta(days=TAIL)))


def _by_factor(levels: Floats, units: Movable) -> Floats:
    count = np.bincount(units.of, minlength=len(units.rows))
    found = np.zeros((len(levels), len(units.rows)))
    np.add.at(found.T, units.of, levels.T)
    return found / np.maximum(count, 1)


# ---- solving
@dataclass(frozen=True)
class SampleTask:
    """What a worker needs to solve samples."""

    sampled: SampledCase
    units: Movable
    cut: SampledCut
    known: Known


Sampled = tuple[Floats, ...]  # outcome, and what is said to the known answers; nothing without a plan


def evaluate(task: SampleTask, levels: Floats) -> Sampled:
    """The outcome of a sample, (units)."""
    case, factors = task.sampled.case, task.sampled.factors
    here = shifted(case, factors, [levels[at] for at in task.units.rows])
    engine = Engine(here, task.sampled.rules, cache=False, begin=task.sampled.begin)
    if engine.base.status != "optimal":
        return ()
    return outcome(task.cut.seen(engine)), answered(engine, task.known)


def _key(levels: Floats) -> str:
    return f"{zlib.crc32(levels.tobytes()):08x}"


def _row(at: int, found: Sampled) -> Row:
    """What a sample says before all are there: MWh unserved and what it costs more."""
    if not found:
        return str(at + 1), {}
    return str(at + 1), {"unserved": float(found[0][:-1].sum()), "extra_cost": float(found[0][-1])}
