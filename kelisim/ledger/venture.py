"""Books of a joint venture: what each partner pays in, earns and keeps, year by year, and what moves it.

Money is in one currency at the prices of one year, before financing; years are the rows of the books, the first one not
discounted. Volume and price may be in any unit as long as they share it. Arrays are (years).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from kelisim.errors import UserError
from kelisim.ledger.quantities import Column, Floats, not_negative, shares_only
from kelisim.tolerances import KEPT_SUM

WHOLE = "all"
LINES = ("capex", "revenue", "opex_fixed", "opex_variable", "tax", "transfer", "cash")
LEAST_RATE, MOST_RATE = -0.99, 100.0  # rates of return between which one is looked for
RATES = 2000  # at which the present value is looked at


@dataclass(frozen=True)
class Partner:
    """A partner of a venture.

    share    of capex and of fixed costs
    offtake  share of the volume that is his to sell or to use; his share of the variable costs too
    price    money per unit that he earns on it: the tariff of a pipe, or his margin on what he takes, (years) or one number
    tax      share of his profit that he pays; losses are carried forward, capex is written off in equal parts
    takes    share of his offtake that he takes, (years) or one number
    """

    name: str
    share: float
    offtake: float
    price: Column
    tax: float = 0.0
    takes: Column = 1.0


@dataclass(frozen=True)
class Venture:
    """A venture before it is divided.

    partners       whose shares and offtakes each sum to 1
    capex          money of each year, (years)
    volume         carried or made in each year, (years)
    opex_fixed     money of each year, (years) or one number, from the first year with volume on
    opex_variable  money per unit, (years) or one number
    write_off      years over which capex is written off, from the first year with volume on; 0 for none
    transfers      what each partner is paid by the others each year, (years) or one number; they sum to 0
    """

    partners: tuple[Partner, ...]
    capex: Column
    volume: Column
    opex_fixed: Column = 0.0
    opex_variable: Column = 0.0
    write_off: int = 0
    transfers: Mapping[str, Column] | None = None

    def __post_init__(self) -> None:
        """Raises UserError with all that does not fit together."""
        names = [partner.name for partner in self.partners]
        problems = (
            [] if len(set(names)) == len(names) and names else ["partners: each has a name of its own."]
        )
        problems += [f"partners: {WHOLE!r} is no name of one."] if WHOLE in names else []
        for what in ("share", "offtake"):
            total = sum(getattr(partner, what) for partner in self.partners)
            if abs(total - 1.0) > KEPT_SUM:
                problems.append(f"{what}: those of the partners sum to {total:g}, not to 1.")
        if np.shape(np.atleast_1d(self.capex)) != np.shape(np.atleast_1d(self.volume)):
            problems.append("capex and volume: they have a number for each year.")
        paid = self.transfers or {}
        problems += [f"transfers: no partner {name!r}." for name in paid if name not in names]
        if problems:
            raise UserError("\n".join(problems))
        total = sum(np.asarray(value, dtype=float) for value in paid.values())
        size = max(
            (float(np.abs(np.asarray(value, dtype=float)).max()) for value in paid.values()), default=0.0
        )
        if np.abs(total).max() > KEPT_SUM * size:
            raise UserError("transfers: what some are paid, others pay; they sum to 0.")
        for partner in self.partners:
            shares_only(share=partner.share, offtake=partner.offtake, tax=partner.tax, takes=partner.takes)
        not_negative(capex=self.capex, volume=self.volume)

    @property
    def years(self) -> int:
        return len(np.atleast_1d(self.capex))

    @property
    def first(self) -> int:
        """The first year with volume; that after the last if there is none."""
        at = np.flatnonzero(np.atleast_1d(self.volume) > 0)
        return int(at[0]) if len(at) else self.years


@dataclass(frozen=True)
class Books:
    """Lines of each partner and of all, money of each year: what comes in is above 0.

    lines  partner or "all" -> line -> (years); the parts sum to the whole
    """

    lines: dict[str, dict[str, Floats]]

    def cash(self, partner: str = WHOLE) -> Floats:
        return self.lines[partner]["cash"]


def _over(value: Column, years: int) -> Floats:
    return np.broadcast_to(np.asarray(value, dtype=float), years).copy()


def books(venture: Venture) -> Books:
    """The books of a venture.

    taken = offtake * takes * volume           capex, opex_fixed = -share * those of all
    revenue = taken * price                    opex_variable = -taken * cost of a unit
    cash = sum of all lines

    >>> half = (Partner("A", 0.5, 0.25, 10.0), Partner("B", 0.5, 0.75, 10.0))
    >>> found = books(Venture(half, capex=[100.0, 0.0], volume=[0.0, 40.0], opex_fixed=20.0))
    >>> found.cash("A").tolist(), found.cash("B").tolist(), found.cash().tolist()
    ([-50.0, 90.0], [-50.0, 290.0], [-100.0, 380.0])
    """
    years, first = venture.years, venture.first
    volume, capex = _over(venture.volume, years), _over(venture.capex, years)
    fixed = np.where(np.arange(years) >= first, _over(venture.opex_fixed, years), 0.0)
    variable = _over(venture.opex_variable, years)
    lines: dict[str, dict[str, Floats]] = {}
    for partner in venture.partners:
        taken = partner.offtake * volume * _over(partner.takes, years)
        own = {
            "capex": -partner.share * capex,
            "revenue": taken * _over(partner.price, years),
            "opex_fixed": -partner.share * fixed,
            "opex_variable": -taken * variable,
        }
        profit = own["revenue"] + own["opex_fixed"] + own["opex_variable"]
        own["tax"] = -_tax(profit, partner.share * capex, venture.write_off, first, partner.tax)
        own["transfer"] = _over((venture.transfers or {}).get(partner.name, 0.0), years)
        lines[partner.name] = own | {"cash": sum(own.values(), np.zeros(years))}
    lines[WHOLE] = {line: sum((own[line] for own in lines.values()), np.zeros(years)) for line in LINES}
    return Books(lines)


def _tax(profit: Floats, capex: Floats, write_off: int, first: int, rate: float) -> Floats:
    """Tax of each year: on profit less what is written off and less losses of years before."""
    left = profit.copy()
    if write_off:
        left[first : first + write_off] -= capex.sum() / write_off
    paid, lost = np.zeros(len(profit)), 0.0
    for year, gain in enumerate(left):
        lost -= min(gain, 0.0)
        used = min(lost, max(gain, 0.0))
        lost -= used
        paid[year] = rate * (max(gain, 0.0) - used)
    return paid


def to_the_cent(books: Books) -> Books:
    """Books in whole cents whose parts still sum to the whole: the cents that rounding leaves go to the largest remainders."""
    names = [name for name in books.lines if name != WHOLE]
    rounded: dict[str, dict[str, Floats]] = {name: {} for name in (*names, WHOLE)}
    for line in LINES[:-1]:
        cents = 100.0 * np.array([books.lines[name][line] for name in names])
        whole = np.round(cents.sum(axis=0))
        low = np.floor(np.round(cents, 6))
        order = np.argsort(-(cents - low), axis=0, kind="stable")
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(len(names))[:, None], axis=0)
        found = low + (rank < (whole - low.sum(axis=0)))
        for name, row in zip(names, found, strict=True):
            rounded[name][line] = row / 100.0
        rounded[WHOLE][line] = whole / 100.0
    for name, own in rounded.items():
        rounded[name]["cash"] = np.round(sum(own.values(), np.zeros(len(whole))), 2)
    return Books(rounded)


def npv(cash: Column, rate: float) -> float:
    """Present value of cash flows at the start of the first year.

    >>> round(npv([-100.0, 60.0, 60.0], 0.1), 2)
    4.13
    """
    flows = np.asarray(cash, dtype=float)
    return float(flows @ (1.0 + rate) ** -np.arange(len(flows), dtype=float))


def rates_of_return(cash: Column) -> tuple[float, ...]:
    """Every rate at which the present value is 0, the lowest first; none where it is always above or always below.

    >>> [round(rate, 4) for rate in rates_of_return([-100.0, 230.0, -132.0])]
    [0.1, 0.2]
    """
    flows = np.asarray(cash, dtype=float)
    if not flows.any():
        return ()
    rates = np.expm1(np.linspace(np.log(1.0 + LEAST_RATE), np.log(1.0 + MOST_RATE), RATES))
    worth = np.array([npv(flows, rate) for rate in rates])
    at = np.flatnonzero(np.diff(np.sign(worth)) != 0)
    found = (brentq(lambda rate: npv(flows, rate), rates[one], rates[one + 1], xtol=KEPT_SUM) for one in at)
    return tuple(dict.fromkeys(map(float, found)))


def irr(cash: Column) -> float:
    """Rate at which the present value is 0; not a number where there is none, or more than one.

    >>> round(irr([-100.0, 60.0, 60.0]), 4)
    0.1307
    """
    found = rates_of_return(cash)
    return found[0] if len(found) == 1 else float("nan")


def payback(cash: Column, rate: float = 0.0) -> float:
    """Years until what came in covers what was paid, counted from the start; not a number where it never does.

    Within a year money comes evenly. With a rate it is discounted.

    >>> payback([-100.0, 40.0, 40.0, 40.0])
    3.5
    """
    flows = np.asarray(cash, dtype=float)
    flows = flows * (1.0 + rate) ** -np.arange(len(flows), dtype=float)
    total = np.cumsum(flows)
    below = np.flatnonzero(total < -KEPT_SUM * np.abs(flows).max(initial=0.0))
    if not len(below):
        return 0.0
    last = int(below[-1])
    if last == len(flows) - 1:
        return float("nan")
    return float(last + 1 - total[last] / flows[last + 1])


def changed(
    venture: Venture,
    price: float = 1.0,
    volume: float = 1.0,
    capex: float = 1.0,
    delay: int = 0,
    stopped: tuple[int, int] | None = None,
    blocked: str = "",
) -> Venture:
    """The venture with something else than planned.

    price, volume, capex  factors
    delay    years by which the volume comes later; the last year stays, and capex is paid as planned
    stopped  first and last year (counted from 0) in which nothing is taken, as under a sanction of the trade
    blocked  the one partner who takes nothing in those years, as under a sanction of him; the others take what they would

    What partners pay each other goes with the volume: it comes later too, and stops in years with a sanction.
    """
    if delay < 0:
        raise UserError("delay: none or more years.")

    def later(value: Column) -> Floats:
        whole = _over(value, venture.years)
        return (
            np.concatenate([np.zeros(min(delay, len(whole))), whole[: max(0, len(whole) - delay)]]) * volume
        )

    taken = later(venture.volume)
    paid = {name: later(value) for name, value in (venture.transfers or {}).items()}
    partners = [replace(one, price=_over(one.price, venture.years) * price) for one in venture.partners]
    if stopped is not None:
        years = slice(stopped[0], stopped[1] + 1)
        for at, one in enumerate(partners):
            if blocked in ("", one.name):
                takes = _over(one.takes, venture.years)
                takes[years] = 0.0
                partners[at] = replace(one, takes=takes)
        for value in paid.values():
            value[years] = 0.0
    spent = _over(venture.capex, venture.years) * capex
    return replace(venture, partners=tuple(partners), volume=taken, capex=spent, transfers=paid)


def sensitivity(
    venture: Venture, rate: float, cases: Sequence[tuple[str, Mapping[str, object]]]
) -> list[tuple[str, str, float, float, int, float]]:
    """What each change does to each partner and to all: (case, partner, NPV, IRR, number of such rates, payback); the first rows are as planned.

    cases  name and the arguments of `changed`
    """
    rows = []
    for name, arguments in (("as_planned", {}), *cases):
        found = books(changed(venture, **arguments))  # type: ignore[arg-type]
        for partner, lines in found.lines.items():
            cash = lines["cash"]
            rates = rates_of_return(cash)
            own = rates[0] if len(rates) == 1 else float("nan")
            rows.append((name, partner, npv(cash, rate), own, len(rates), payback(cash)))
    return rows


def compensation(gain: Mapping[str, float], wanted: Mapping[str, float]) -> dict[str, float]:
    """What each side has to be paid, below 0 what it has to pay, so that it gains what was wanted; the sum is 0.

    gain    what each side gains by itself, without any payment
    wanted  what each is to gain, with the same sum

    >>> compensation({"A": -10.0, "B": 50.0}, {"A": 20.0, "B": 20.0})
    {'A': 30.0, 'B': -30.0}
    """
    size = max((abs(value) for value in (*gain.values(), *wanted.values())), default=0.0)
    if set(gain) != set(wanted) or abs(sum(gain.values()) - sum(wanted.values())) > KEPT_SUM * size * len(
        gain
    ):
        raise UserError("compensation: both have the same sides and the same sum.")
    return {name: wanted[name] - gain[name] for name in gain}
