"""Who owns what on a day, through chains and circles, and which companies a rule catches through their owners.

Shares form a matrix A: `A[i, j]` of j is held by i. What i holds of j through all chains is

    F[i, j] = N[i, j] / N[i, i]  for i != j,      N = (I - A)^-1 = I + A + A A + ...

the sum over all chains from i to j that do not come back to i (Brioschi, Buzzacchi and Colombo 1989; Baldone, Brioschi and Paleari 1998).
Laws do not multiply shares: whatever a caught person holds counts whole, link by link. Two tests are known:

    summed   shares of all caught persons are added; caught if they reach the threshold
    single   of one listed person and of what that person has; caught if more than the threshold, others are not added
    named    nobody is caught through owners

What no arithmetic decides is flagged for a person: control without shares, exactly the threshold, a known range of a share, and
several listed persons who pass the threshold only together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import splu

from kelisim.errors import UserError
from kelisim.tolerances import ROUNDING

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
TESTS = ("summed", "single", "named")
GRADES = ("", "A", "B", "C")  # from the best to the worst


@dataclass(frozen=True)
class Shareholding:
    """One share of one company.

    owner, owned  names
    share         0-1; the least of it where a range is known
    most          the largest of it where a range is known; the share if not given
    is_control    the owner can steer it without holding the share: a vote, a seat, a contract of management
    start, end    days from and to which it is held, both included; None is always
    """

    owner: str
    owned: str
    share: float = 0.0
    start: date | None = None
    end: date | None = None
    most: float | None = None
    is_control: bool = False
    source: str = ""
    confidence: str = ""

    def holds(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Caught:
    """Whom a test catches.

    is_caught   (entities) caught: listed, or through owners
    counted     (entities) share that the test counted: of all caught persons, or of the one who has most
    held        (entities) share of all caught persons together
    by          (entities) positions of the caught persons who hold shares, the largest first
    doubts      (entities) why a person must judge: "control", "half", "range", "together"; empty if nothing is open
    """

    is_caught: Flags
    counted: Floats
    held: Floats
    by: list[tuple[int, ...]]
    doubts: list[tuple[str, ...]]


class HeldShares:
    """Shares on one day."""

    def __init__(self, names: Sequence[str], holdings: Iterable[Shareholding]) -> None:
        """names  of all entities, in the order of the arrays; holdings of that day between them."""
        self.names = tuple(names)
        self.at = {name: place for place, name in enumerate(self.names)}
        kept = list(holdings)
        self.matrix = self._matrix(kept, lambda one: one.share)
        self.most = self._matrix(kept, lambda one: one.share if one.most is None else one.most)
        self.control = self._matrix([one for one in kept if one.is_control], lambda _: 1.0)
        self._grades = {(one.owner, one.owned): one.confidence for one in kept}

    def _matrix(self, holdings: list[Shareholding], of: Callable[[Shareholding], float]) -> sparse.csr_array:
        rows = [self.at[one.owner] for one in holdings]
        columns = [self.at[one.owned] for one in holdings]
        size = (len(self.names), len(self.names))
        return sparse.coo_array(([of(one) for one in holdings], (rows, columns)), shape=size).tocsr()

    @cached_property
    def _solved(self) -> sparse.linalg.SuperLU:
        try:
            return splu(sparse.csc_array(sparse.eye_array(len(self.names)) - self.matrix))
        except RuntimeError as error:
            raise UserError(
                "Some companies are held whole by one another in a circle, so nobody outside holds them."
            ) from error

    def through(self, holders: Sequence[str]) -> Floats:
        """What each holder has of each entity through all chains, 0-1: (holders, entities). A holder has all of itself."""
        places = [self.at[name] for name in holders]
        unit = np.zeros((len(self.names), len(places)))
        unit[places, np.arange(len(places))] = 1.0
        walks = self._solved.solve(unit, trans="T").T if places else unit.T
        own = walks[np.arange(len(places)), places]
        return np.asarray(walks / own[:, None])

    def caught(self, listed: Sequence[str], test: str, threshold: float) -> Caught:
        """Whom a test catches, if these are listed.

        test       summed, single or named
        threshold  share, 0-1: reached by `summed`, passed by `single`
        """
        if test not in TESTS:
            raise UserError(f'test: "{test}" is not one of {", ".join(TESTS)}.')
        seeds = sorted({self.at[name] for name in listed if name in self.at})
        if test == "summed":
            found = self._summed(seeds, threshold)
        elif test == "single":
            found = self._single(seeds, threshold)
        else:
            found = self._named(seeds)
        return found

    # ---- tests
    def _spread(self, seeds: list[int], matrix: sparse.csr_array, threshold: float, reaches: bool) -> Flags:
        """Whom seeds catch together: what a caught one holds counts whole, until nobody new is caught."""
        inside = np.zeros(len(self.names), dtype=bool)
        inside[seeds] = True
        while True:
            held = matrix.T @ inside.astype(float)
            more = held >= threshold - ROUNDING if reaches else held > threshold + ROUNDING
            grown = inside | more
            if (grown == inside).all():
                return inside
            inside = grown

    def _named(self, seeds: list[int]) -> Caught:
        size = len(self.names)
        inside = np.zeros(size, dtype=bool)
        inside[seeds] = True
        held = self._held(inside)
        return Caught(inside, held, held, self._holders(inside), [()] * size)

    def _summed(self, seeds: list[int], threshold: float) -> Caught:
        inside = self._spread(seeds, self.matrix, threshold, reaches=True)
        perhaps = self._spread(seeds, self.most, threshold, reaches=True) & ~inside
        doubts = self._doubts({"range": perhaps, "control": self._steered(inside) & ~inside})
        held = self._held(inside)
        return Caught(inside, held, held, self._holders(inside), doubts)

    def _single(self, seeds: list[int], threshold: float) -> Caught:
        size = len(self.names)
        inside, counted = np.zeros(size, dtype=bool), np.zeros(size)
        perhaps = np.zeros(size, dtype=bool)
        for seed in seeds:
            own = self._spread([seed], self.matrix, threshold, reaches=False)
            perhaps |= self._spread([seed], self.most, threshold, reaches=False)
            counted = np.maximum(counted, self._held(own))
            inside |= own
        held = self._held(inside)
        together = held > threshold + ROUNDING
        half = (np.abs(counted - threshold) <= ROUNDING) & (counted > 0)
        open_ = {
            "range": perhaps,
            "half": half,
            "together": together & ~half,
            "control": self._steered(inside),
        }
        doubts = self._doubts({why: flags & ~inside for why, flags in open_.items()})
        return Caught(inside, counted, held, self._holders(inside), doubts)

    def _held(self, inside: Flags) -> Floats:
        return np.asarray(self.matrix.T @ inside.astype(float))

    def _steered(self, inside: Flags) -> Flags:
        return np.asarray(self.control.T @ inside.astype(float) > 0)

    def _holders(self, inside: Flags) -> list[tuple[int, ...]]:
        """Caught holders of each entity, the largest first."""
        turned = sparse.csr_array(self.matrix.T)
        found = []
        for place in range(len(self.names)):
            span = slice(turned.indptr[place], turned.indptr[place + 1])
            pairs = sorted((-s, int(o)) for s, o in zip(turned.data[span], turned.indices[span], strict=True))
            found.append(tuple(owner for share, owner in pairs if inside[owner] and share < 0))
        return found

    def _doubts(self, flags: dict[str, Flags]) -> list[tuple[str, ...]]:
        return [tuple(why for why in flags if flags[why][place]) for place in range(len(self.names))]

    # ---- in words
    def chain(self, caught: Caught, name: str) -> list[tuple[str, str, float]]:
        """How a caught entity is caught: (holder, held, share), from the entity up to those who are listed."""
        found: list[tuple[str, str, float]] = []
        seen, queue = {self.at[name]}, [self.at[name]]
        while queue:
            place = queue.pop(0)
            for owner in caught.by[place]:
                found.append((self.names[owner], self.names[place], float(self.matrix[owner, place])))
                if owner not in seen:
                    seen.add(owner)
                    queue.append(owner)
        return found

    def grade(self, chain: Iterable[tuple[str, str, float]]) -> str:
        """The worst grade of the shares of a chain; empty if none has one."""
        grades = [self._grades.get((owner, owned), "") for owner, owned, _ in chain]
        return max(grades, key=GRADES.index, default="")


class Ownership:
    """Dated shares. Two rows of the same pair and kind on one day add up."""

    def __init__(self, holdings: Iterable[Shareholding], others: Iterable[str] = ()) -> None:
        """others  entities without owners and without shares, which a rule may list all the same."""
        self.holdings = tuple(holdings)
        wrong = [
            f"{one.owner} of {one.owned}: the share {one.share:g} is not between 0 and 1."
            for one in self.holdings
            if not 0.0 <= one.share <= 1.0 + ROUNDING
        ]
        wrong += [
            f"{one.owner} of {one.owned}: it ends on {one.end}, before it begins on {one.start}."
            for one in self.holdings
            if one.start and one.end and one.end < one.start
        ]
        if wrong:
            raise UserError("\n".join(wrong))
        ends = (name for one in self.holdings for name in (one.owner, one.owned))
        self.names = tuple(dict.fromkeys([*ends, *others]))
        self._days: dict[tuple[int, ...], HeldShares] = {}

    def on(self, day: date) -> HeldShares:
        """Shares on a day; days with the same holdings share one answer."""
        held = tuple(place for place, one in enumerate(self.holdings) if one.holds(day))
        if held not in self._days:
            self._days[held] = HeldShares(self.names, (self.holdings[place] for place in held))
        return self._days[held]

    def changes(self) -> list[date]:
        """Days on which a share begins, or has just ended."""
        days = {one.start for one in self.holdings if one.start}
        days |= {date.fromordinal(one.end.toordinal() + 1) for one in self.holdings if one.end}
        return sorted(days)
