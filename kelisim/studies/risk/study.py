"""The risk register: what fails, how often, what that does to the home country, and which preventive measure it calls for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from kelisim.case.case import Case
from kelisim.case.settings import PLACE_RULES
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.facts import Fact, said
from kelisim.results.outage_rates import KEYS, failing
from kelisim.results.results import Results
from kelisim.studies.outage_fields import SWEPT, help_rule, peak_day, place_rule
from kelisim.studies.risk.prevention import Actions
from kelisim.studies.risk.register import LEVELS, Hit, Scales, events, losses, matrix, register
from kelisim.studies.study import Study, param

# own_first would need a look at each country alone for every loss
RULES = tuple(rule for rule in PLACE_RULES if rule != "own_first")


@dataclass(frozen=True)
class Risk(Study):
    """Which failures are risks to the home country: how often each happens, what it does, and what should be done before it does.

    Each element that can fail is lost on one day of high use, one unit of it and the whole. Its rate of failure gives the
    likelihood, the value lost and the homes cut give the consequence; both in classes give the matrix and the order of work.
    """

    name = "risk"
    lets_go = False
    day: date | None = param("the day; that of the highest use if not given", default=None)
    of: tuple[str, ...] = param("what can fail: links, assets, storages", default=tuple(KEYS))
    carriers: tuple[str, ...] = param(
        "only elements of these carriers; all if empty", refers_to=("carriers",), default=()
    )
    common_cause: float = param(
        "share of the failures of one of two units that takes the other with it; of more units less",
        unit="share",
        default=0.1,
    )
    tanks: float = param(
        "days that customers of oil products, LPG and coal live on tanks and yards of their own",
        unit="day",
        default=3.0,
    )
    likelihood: tuple[str, ...] = param(
        "limits between the five classes of likelihood, failures a year, separated by commas",
        unit="1/year",
        default=("0.01", "0.1", "1", "10"),
    )
    money: tuple[str, ...] = param(
        "limits between the five classes of value lost in one failure, million, separated by commas",
        default=("0.1", "1", "10", "100"),
    )
    people: tuple[str, ...] = param(
        "limits between the five classes of homes cut: largest share of the protected use of a region, separated by commas",
        unit="share",
        default=("0.01", "0.05", "0.2", "0.5"),
    )
    level: tuple[str, ...] = param(
        "likelihood plus twice consequence from which a risk is medium, high and very high, separated by commas",
        default=("8", "10", "12"),
    )
    most: int = param("risks to work on that are named", default=10)
    place_rule: str = place_rule(RULES)
    help_rule: str = help_rule(SWEPT)
    workers: int = param("processes that solve at the same time", default=1)

    def run(self, engine: Engine) -> Results:
        case = engine.case
        scales = self._checked()
        risks = events(case, failing(case, self.of, self.carriers), self.common_cause)
        if not risks:
            raise StudyError(
                "of: nothing here has a rate of failure. Give rows in outage_rates: table, element or kind, failures_per_year, repair_hours."
            )
        day = self.day or peak_day(engine)
        rules = replace(engine.rules, place=self.place_rule, time="none", help=self.help_rule)
        window = engine.snapshot(day, rules)
        with engine.working(self.workers) as work:
            done, stopped = losses(window, risks, work)
        hit = Hit(case, str(case.setting("defaults", "home")), self.tanks)
        rows = register(window, done, risks, scales, hit, Actions(case, hit.country))
        frames = {"register": rows, "matrix": matrix(rows, scales), "classes": scales.frame()}
        solved = {"place": self.place_rule, "time": "none", "help": self.help_rule}
        return self.results(
            engine,
            frames,
            self._facts(case, hit, day, rows, len(risks)),
            fields={"day": day},
            rules=solved,
            solves=dict(window.counts),
            interrupted=stopped,
        )

    def _facts(self, case: Case, hit: Hit, day: date, rows: pd.DataFrame, looked: int) -> list[Fact]:
        """How many risks of which level, the first to work on, whose homes, and on which rates it rests."""
        counts = {level: int((rows["level"] == level).sum()) for level in LEVELS}
        when = said(f"contingency.{'in_month' if case.horizon.step == '1mo' else 'on_day'}", day=day)
        country = said("risk.of_country", country=hit.country) if hit.country else ""
        found = [
            Fact(
                "risks",
                len(rows),
                "risks",
                "risk.counted",
                when=when,
                looked=looked,
                country=country,
                **counts,
            )
        ]
        for row in rows.head(1).to_dict("records"):
            places: dict[str, Any] = {"risk": named(row), "often": often(row["frequency"])}
            places |= {"hours": row["repair_hours"], "who": who(row), "call": call(row), "ready": ready(row)}
            found.append(Fact("first", row["cost_home"], case.currency, "risk.first", **places))
        general = int(rows["is_general"].sum())
        found.append(Fact("general", general, "risks", "risk.general" if general else "", risks=len(rows)))
        return found

    def _checked(self) -> Scales:
        wrong = [
            f'of: "{word}" is nothing that can fail. Known: {", ".join(KEYS)}.'
            for word in self.of
            if word not in KEYS
        ]
        if not 0.0 <= self.common_cause < 1.0:
            wrong.append(f"common_cause: {self.common_cause:g} is not a share from 0 to below 1.")
        if not 0.0 <= self.tanks < 366.0:
            wrong.append(f"tanks: {self.tanks:g} is not a number of days from 0 to 365.")
        if self.most < 1 or self.workers < 1:
            wrong.append("most and workers: give whole numbers from 1 on.")
        texts = {name: getattr(self, name) for name in ("likelihood", "money", "people", "level")}
        try:
            scales = Scales.read(texts)
        except StudyError as error:
            wrong.append(str(error))
        if wrong:
            raise StudyError("\n".join(wrong))
        return scales


# ---- words of a row
def named(row: dict[str, Any]) -> Fact:
    """What fails: the element, one of its units, or all of them."""
    kind = "alone" if row["units"] == 1 else row["scope"]
    return said(f"risk.{kind}", element=row["element"], units=row["units"])


def often(frequency: float) -> Fact:
    """How often: times a year, or once in so many years."""
    if frequency >= 1.0:
        return said("risk.times", times=frequency)
    return said("risk.once", years=1.0 / frequency)


def who(row: dict[str, Any]) -> Fact:
    """Whose homes are cut, else who goes short, else nobody."""
    if row["people"] > 0:
        return said("risk.homes", share=row["people"], region=row["region"], carrier=row["carrier"])
    return said("risk.short" if row["most_in"] else "risk.nobody", most_in=row["most_in"])


def call(row: dict[str, Any]) -> Fact:
    """What the risk calls for."""
    if row["action"] == "rule":
        return said(f"risk.rule_{row['by']}")
    return said("risk.call_project", by=row["by"])


def ready(row: dict[str, Any]) -> Fact | str:
    """The measure of the case that is ready for when it happens, as the end of a sentence."""
    return said("risk.ready", by=row["ready"]) if row["ready"] else ""
