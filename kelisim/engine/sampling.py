"""States of elements that are up or down: drawn plainly, by the number that is out, or where losses are likely.

A sample of states is drawn from the rates alone; what a state does is another's question. `answers` asks it once for
each state that differs. Everything is drawn from a generator that is given, so the same seed gives the same states.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from kelisim.results.intervals import Estimate, estimate, poisson_binomial

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Ask = Callable[[Bools], Floats]
METHODS = ("plain", "stratified", "importance")
ELITE = 0.1  # share of samples that the next rates are learned from
SMOOTH = 0.9  # weight of the new rates against the old ones
PLATEAU = 0.5  # share of samples that are too many to be the worst ones
ROUNDS = 12  # of learning rates, at most
SURE = 3.0  # standard errors by which an element must be out more often in losses to get a rate of its own
HIGHEST = 0.5  # rate that an element gets at most, or its own if that is higher
FEW = 8.0  # expected samples below which numbers of failures share a stratum


@dataclass(frozen=True)
class Sample:
    """States and what each stands for.

    out     (samples, elements)
    weight  the expectation of f is sum(weight x f(out)), (samples)
    group   stratum of each sample, (samples)
    exact   strata of which all states are here, (groups)
    """

    out: Bools
    weight: Floats
    group: Ints
    exact: Bools

    def of(self, values: Floats) -> Estimate:
        """Expectation of what the states give, (samples) or (samples, columns)."""
        return estimate(values, self.weight, self.group, self.exact)

    def times(self, factor: float) -> Sample:
        """The same states that stand for so much more."""
        return replace(self, weight=self.weight * factor)


def joined(samples: list[Sample]) -> Sample:
    """Samples of different things, each in its own groups, as one."""
    shift = np.cumsum([0, *(len(sample.exact) for sample in samples)])
    return Sample(
        np.concatenate([sample.out for sample in samples]),
        np.concatenate([sample.weight for sample in samples]),
        np.concatenate([sample.group + by for sample, by in zip(samples, shift[:-1], strict=True)]),
        np.concatenate([sample.exact for sample in samples]),
    )


def distinct(states: Bools | Ints) -> tuple[Ints, Ints]:
    """Rows that differ: position of the first of each, and which of these each row is.

    states  bits or numbers, (rows, columns)
    """
    if states.shape[1] == 0:
        return np.zeros(min(len(states), 1), dtype=np.int64), np.zeros(len(states), dtype=np.int64)
    packed = np.packbits(states, axis=1) if states.dtype == bool else np.ascontiguousarray(states)
    key = np.ascontiguousarray(packed).view([("", packed.dtype)] * packed.shape[1]).ravel()
    _, first, back = np.unique(key, return_index=True, return_inverse=True)
    return first.astype(np.int64), back.ravel().astype(np.int64)


def answers(out: Bools, ask: Ask) -> Floats:
    """What each state gives, asked once for those that are equal; (samples) or (samples, columns)."""
    first, back = distinct(out)
    return ask(out[first])[back]


# ---- plain
def plain(rates: Floats, count: int, rng: np.random.Generator) -> Sample:
    """States drawn as they come, each element by itself."""
    out = rng.random((count, len(rates))) < rates
    return Sample(out, np.full(count, 1.0 / count), np.zeros(count, dtype=np.int64), np.zeros(1, dtype=bool))


# ---- by the number that is out
def stratified(rates: Floats, count: int, rng: np.random.Generator, enumerate_up_to: int = 2) -> Sample:
    """States by the number of elements that are out: few are enumerated, more are drawn.

    count            states altogether; numbers of failures whose states would be more than half of it are drawn
    enumerate_up_to  largest number of failures that is enumerated

    E[f] = sum over k of P(K = k) E[f | K = k], P by `poisson_binomial`; numbers that would get few samples share a stratum.
    """
    elements = len(rates)
    chance = poisson_binomial(rates)
    some = int((rates > 0).sum())
    parts: list[Sample] = []
    used = k = 0
    while k <= min(enumerate_up_to, elements) and used + comb(some, k) <= max(count // 2, 1):
        parts.append(_every(rates, k))
        used += comb(some, k)
        k += 1
    left = max(count - used, 2)
    rest = float(chance[k:].sum())
    stop = k
    bins: list[tuple[int, int]] = []
    while stop <= elements and chance[stop:].sum() > 0:
        start = stop
        # the last bins are joined, so that none is left with too little
        while stop <= elements and chance[start:stop].sum() * left < FEW * rest:
            stop += 1
        if chance[stop:].sum() * left < FEW * rest:
            stop = elements + 1
        bins.append((start, stop))
    for start, stop in bins:
        mine = chance[start:stop]
        total = float(mine.sum())
        n = max(2, round(left * total / rest))
        numbers = start + rng.choice(len(mine), n, p=mine / total)
        out = with_number(rates, numbers.astype(np.int64), rng)
        parts.append(Sample(out, np.full(n, total / n), np.zeros(n, dtype=np.int64), np.zeros(1, dtype=bool)))
    return joined(parts)


def _every(rates: Floats, k: int) -> Sample:
    """All states with k elements out, with their probabilities."""
    at = np.flatnonzero(rates > 0)
    chosen = np.array(list(combinations(at.tolist(), k)), dtype=np.int64).reshape(comb(len(at), k), k)
    out = np.zeros((len(chosen), len(rates)), dtype=bool)
    out[np.arange(len(chosen))[:, None], chosen] = True
    with np.errstate(divide="ignore"):
        logs = np.log(np.where(out, rates, 1.0 - rates)).sum(axis=1)
    return Sample(out, np.exp(logs), np.zeros(len(out), dtype=np.int64), np.ones(1, dtype=bool))


def with_number(rates: Floats, numbers: Ints, rng: np.random.Generator) -> Bools:
    """States in which so many elements are out, drawn as they would come among all states of that number.

    rates    (elements); numbers: failures in each state, (samples)

    Element by element: it is out with P(x_i = 1 | so many of the elements from i on are out), by the same recursion as
    `poisson_binomial`, from the last element backwards.
    """
    elements, most = len(rates), int(numbers.max(initial=0))
    # after[i, j]: probability that j of the elements i, i + 1, ... are out
    after = np.zeros((elements + 1, most + 1))
    after[elements, 0] = 1.0
    for i in range(elements - 1, -1, -1):
        after[i] = after[i + 1] * (1 - rates[i])
        after[i, 1:] += after[i + 1, :-1] * rates[i]
    out = np.zeros((len(numbers), elements), dtype=bool)
    left = numbers.copy()
    for i in range(elements):
        some = left > 0
        all_ = after[i, left]
        share = np.where(
            some & (all_ > 0),
            rates[i] * after[i + 1, np.maximum(left - 1, 0)] / np.where(all_ > 0, all_, 1.0),
            0.0,
        )
        out[:, i] = rng.random(len(numbers)) < share
        left -= out[:, i]
    return out


# ---- where losses are likely
@dataclass(frozen=True)
class Learned:
    """Rates to draw with, the states that were asked to find them, and the rounds it took.

    found  whether losses were seen often enough to learn from
    """

    rates: Floats
    asked: int
    rounds: int
    found: bool


def learn(rates: Floats, severity: Ask, count: int, rng: np.random.Generator) -> Learned:
    """Rates with which losses are seen often, by the cross-entropy method.

    severity  how bad each state is, (states); above 0 is a loss, below it says how far off one is
    count     states of each round

    From the worst tenth of each round (or all losses, once they are more): v_i = sum(W x_i) / sum(W) over these, W the
    likelihood ratio of rates and v; v is smoothed with its last value (Rubinstein and Kroese 2004; Leite da Silva,
    Gonzalez-Fernandez, Sales and Manso 2010, IEEE Transactions on Power Systems 25). Elements that are not out clearly more
    often than usual keep their rate: with hundreds of elements their noise would make the weights useless.
    """
    v, asked = rates.copy(), 0
    for turn in range(1, ROUNDS + 1):
        out = plain(v, count, rng).out
        bad = answers(out, severity)
        asked += count
        threshold = min(float(np.quantile(bad, 1.0 - ELITE)), 0.0)
        elite = (bad > 0.0) if threshold >= 0.0 else (bad >= threshold)
        if elite.mean() > PLATEAU:
            # many are equally bad, and say nothing of what makes it worse
            elite = bad > threshold
        if not elite.any():
            return Learned(rates, asked, turn, False)
        weight = likelihood(out[elite], rates, v)
        seen = out[elite]
        fresh = weight @ seen / weight.sum()
        error = np.sqrt(((weight[:, None] * (seen - fresh)) ** 2).sum(axis=0)) / weight.sum()
        fresh = np.where(
            fresh > rates + SURE * error, np.clip(fresh, rates, np.maximum(HIGHEST, rates)), rates
        )
        v = SMOOTH * fresh + (1 - SMOOTH) * v
        if threshold >= 0.0:
            return Learned(v, asked, turn, True)
    return Learned(v, asked, ROUNDS, False)


def likelihood(out: Bools, rates: Floats, drawn: Floats) -> Floats:
    """How much likelier each state is with its rates than with those it was drawn with, (states)."""
    at = np.flatnonzero(rates != drawn)
    if not len(at):
        return np.ones(len(out))
    up = np.log((1 - rates[at]) / (1 - drawn[at]))
    down = np.log(rates[at] / drawn[at])
    return np.exp(out[:, at] @ (down - up) + up.sum())


def importance(rates: Floats, drawn: Floats, count: int, rng: np.random.Generator) -> Sample:
    """States drawn with other rates, weighted so that the expectation stays that of the own ones."""
    sample = plain(drawn, count, rng)
    return replace(sample, weight=sample.weight * likelihood(sample.out, rates, drawn))


# ---- over time
def out_over_time(rates: Floats, repair: Floats, moments: Floats, rng: np.random.Generator) -> Bools:
    """Whether each element is out at each moment of one path: times up and down are exponential.

    rates    share of the time that an element is out, (elements); repair: mean h, (elements)
    moments  h, rising, (steps); one inside each step stands for all of it, so that a state is as likely as it is at any time
    returns  (elements, steps)

    Mean time up = repair (1 - rate) / rate, so that the share of the time down is the rate; an element is down at the start
    with its rate.
    """
    end = float(moments[-1])
    out = np.zeros((len(rates), len(moments)), dtype=bool)
    for at, (rate, hours) in enumerate(zip(rates, repair, strict=True)):
        if rate <= 0 or hours <= 0:
            continue
        up = hours * (1 - rate) / rate
        down = bool(rng.random() < rate)
        now = 0.0
        while now < end:
            after = now + rng.exponential(hours if down else up)
            if down:
                out[at] |= (moments >= now) & (moments < after)
            now, down = after, not down
    return out
