"""The tables of an agreement: provisions, the year with and without them, what each is worth, N-1 of the border, gaps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from kelisim.agreement.aid import arrives_of, spare_of
from kelisim.agreement.carried import Package
from kelisim.agreement.gaps.conflict import conflicts
from kelisim.agreement.gaps.dates import before_finish, ends_after_start, outlives
from kelisim.agreement.gaps.duties import without_body, without_counterpart
from kelisim.agreement.gaps.gap import KINDS, Gap
from kelisim.agreement.gaps.season import above_season
from kelisim.agreement.gaps.security import aid_without_giver, without_n1
from kelisim.agreement.gaps.standing import beside
from kelisim.agreement.gaps.together import not_together
from kelisim.agreement.provision import Provision
from kelisim.engine.working import counted
from kelisim.ledger.games import Shares
from kelisim.results.schema import framed
from kelisim.studies.agreement.worth import COST, PROTECTED, Security, Worth, short, touched
from kelisim.tolerances import SMALL_ENERGY

NONE, ALL, WITHOUT = "none", "all", "without"
BINDS, OPEN, GAP, OVER = "binds", "open", "gap", "over"


class AgreementAsked(Protocol):
    """The fields of the study that the tables read."""

    @property
    def n1(self) -> str: ...
    @property
    def exact(self) -> int: ...
    @property
    def pairs(self) -> int: ...


@dataclass(frozen=True)
class Found:
    """What was found for one package.

    known  provisions of the case, where those of a draft stand in their place
    """

    asked: AgreementAsked
    worth: Worth
    security: Security
    start: date
    known: tuple[Provision, ...] = ()

    @property
    def package(self) -> Package:
        return self.worth.package

    @cached_property
    def provisions(self) -> list[Provision]:
        return [one.provision for one in self.package.every]

    # ---- N-1
    @cached_property
    def losses(self) -> pd.DataFrame:
        """N-1 of the border regions with all provisions that hold in the days asked about."""
        return self.security.losses(self.package.holding(self.security.months))

    @cached_property
    def losses_none(self) -> pd.DataFrame:
        """The same with none of them."""
        return self.security.losses(self.package.without_help()) if self.package.names else self.losses

    def n1(self) -> pd.DataFrame:
        """Regions whose protected customers go short with all or with none of the provisions."""
        if self.asked.n1 == "no":
            return framed("agreement", "n1")
        row = ["region", "carrier"]
        beside = self.losses_none[[*row, "protected"]].rename(columns={"protected": "protected_none"})
        frame = self.losses.merge(beside, on=row, how="left")
        some = (frame["protected"] > SMALL_ENERGY) | (frame["protected_none"] > SMALL_ENERGY)
        return frame[some.to_numpy()].reset_index(drop=True)

    def _n1_of(self, left_out: str) -> float:
        """MWh that protected customers lack under N-1 without one of the provisions."""
        if self.asked.n1 != "each":
            return float("nan")
        some = touched(self.losses, self.losses_none)
        chosen = set(self.package.names) - {left_out}
        left = self.package.holding(self.security.months, chosen)
        return short(self.security.losses(left, some)) if some else 0.0

    # ---- worth
    @cached_property
    def shares(self) -> dict[str, Shares]:
        return self.worth.shares(self.asked.exact, self.asked.pairs) if self.package.names else {}

    @cached_property
    def states(self) -> pd.DataFrame:
        """The year with none, with all, and without each."""
        names, rows = self.package.names, []
        asked = self.asked.n1 != "no"
        before = self.worth.figures(())
        sets: list[tuple[str, str, set[str], float]] = [
            (NONE, "", set(), short(self.losses_none) if asked else np.nan),
            (ALL, "", set(names), short(self.losses) if asked else np.nan),
        ]
        each = counted(self.worth.engine.say, "provisions", names)
        sets += [(WITHOUT, name, set(names) - {name}, self._n1_of(name)) for name in each]
        for state, name, chosen, lacking in sets:
            now = self.worth.figures(chosen)
            money = [now[of] - before[of] for of in (COST, *self.worth.pair)]
            rows.append((state, name, *money, now[PROTECTED], lacking))
        return framed("agreement", "states", rows)

    @cached_property
    def values(self) -> pd.DataFrame:
        """What each provision is worth, the most first."""
        rows = []
        states = self.states.set_index("provision")
        whole = self.states.iloc[1]
        first, second = self.worth.pair
        for at, name in enumerate(self.package.names):
            left = states.loc[name]
            missed = [float(left[of] - whole[of]) for of in ("cost", "first", "second", "n1")]
            shared = [float(self.shares[of].share[at]) for of in (COST, first, second, PROTECTED)]
            rows.append((name, *shared, float(self.shares[COST].error[at]), *missed))
        frame = framed("agreement", "worth", rows)
        return frame.sort_values(["all", "provision"], ascending=[False, True], ignore_index=True)

    # ---- gaps
    @cached_property
    def gaps(self) -> list[Gap]:
        """All gaps, in the order of their kinds."""
        case, mine = self.package.case, self.provisions
        found: list[Gap] = []
        if self.asked.n1 != "no":
            inside = [one for one in mine if set(one.months) & set(self.security.months)]
            found += without_n1(case, inside, self.losses)
        found += [
            *without_body(case, mine),
            *without_counterpart(case, mine),
            *before_finish(case, mine),
            *ends_after_start(mine),
            *outlives(case, mine),
        ]
        found += [*conflicts(case, mine), *above_season(case, mine), *not_together(case, mine)]
        engine, home = self.worth.engine, str(case.setting("defaults", "home"))
        found += aid_without_giver(mine, spare_of(engine), arrives_of(engine, mine), home)
        return sorted(found, key=lambda gap: KINDS.index(gap.kind))

    def _gap_rows(self) -> Iterator[tuple[Any, ...]]:
        for number, gap in enumerate(self.gaps, 1):
            places = json.dumps(gap.say.to_dict()["places"], ensure_ascii=False)
            yield number, gap.kind, ";".join(gap.provisions), gap.say.say, places, ";".join(gap.rows)

    def _beside_rows(self) -> Iterator[tuple[Any, ...]]:
        for number, one in enumerate(beside(self.package.case, self.provisions, self.known), 1):
            places = json.dumps(one.say.to_dict()["places"], ensure_ascii=False)
            names = (one.draft.name, one.standing.name, one.standing.agreement)
            yield number, one.relation, *names, one.say.say, places, ";".join(one.rows)

    # ---- provisions
    def _standing(self, carries: str, provision: Provision, gaps: int) -> str:
        """The light of a provision: over, in a gap, open (no duty yet), or binding."""
        if provision.is_over:
            return OVER
        if gaps:
            return GAP
        binds = provision.is_hard and provision.status in ("in force", "signed")
        return BINDS if binds else OPEN

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        count: dict[str, int] = {}
        for gap in self.gaps:
            for name in gap.provisions:
                count[name] = count.get(name, 0) + 1
        for one in self.package.every:
            it = one.provision
            gaps = count.get(it.name, 0)
            changes = ";".join(f"{t.table}:{t.element}:{t.column}" for t in one.values)
            told = (
                it.name,
                it.agreement,
                it.article,
                it.text,
                it.kind,
                it.force,
                it.status,
                one.what,
                self._standing(one.what, it, gaps),
            )
            yield (
                *told,
                it.obligor,
                it.beneficiary,
                it.carrier,
                it.quantity,
                it.unit,
                it.start or pd.NaT,
                it.end or pd.NaT,
                it.body,
                it.metric,
                changes,
                gaps,
                it.confidence,
                it.source,
            )

    def frames(self) -> dict[str, pd.DataFrame]:
        """All tables."""
        return {
            "provisions": framed("agreement", "provisions", self._rows()),
            "states": self.states,
            "worth": self.values,
            "n1": self.n1()[list(framed("agreement", "n1").columns)],
            "gaps": framed("agreement", "gaps", self._gap_rows()),
            "standing": framed("agreement", "standing", self._beside_rows()),
        }
