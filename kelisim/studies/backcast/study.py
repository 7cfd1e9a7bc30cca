"""The year against what was measured: every observation beside the model, and whether it is a test at all."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.results.observations import beside, counterparts
from kelisim.results.results import Results
from kelisim.results.scores import facts_of_scores, tables_of
from kelisim.results.tables import Tables
from kelisim.studies.backcast.arithmetic import Tested, tested, totals_of
from kelisim.studies.study import Study, param

MONTHS = "1mo"


@dataclass(frozen=True)
class Backcast(Study):
    """The least-cost year held against what was measured: every observation beside the model's value, and a score of those that no input decides."""

    name = "backcast"
    lets_go = False
    follow: bool = param(
        "move all bounds and fixed demands of one and of two tables at a time, and all prices of a carrier, to find observations "
        "that only repeat an input",
        default=True,
    )
    by: float = param("how far bounds and fixed demands are moved", unit="share", default=0.05)
    price_by: float = param("how far prices are moved", unit="share", default=0.2)
    near: float = param("how near to 1 an elasticity counts as one to one", unit="share", default=0.1)

    def run(self, engine: Engine) -> Results:
        case = engine.case
        for name in ("by", "price_by"):
            if not 0.0 < getattr(self, name) < 0.5:
                field = name.replace("_", "-")
                raise StudyError(f"--{field}: {getattr(self, name):g} is not a share between 0 and 0.5.")
        if case.table("observations").empty:
            raise StudyError(f'The case "{case.name}" has no observations to hold against the year.')
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        totals = totals_of(Tables(case, engine.base))
        found = beside(totals)
        rows = found.rows.assign(label=found.rows["test"], follows="", moved_by="", formula="")
        extra = {}
        if self.follow:
            wanted = {name: ask for name, ask in counterparts(case).items() if ask[0]}
            months = engine if case.horizon.step == MONTHS else Engine(case.at_step(MONTHS), engine.rules)
            test = tested(months, wanted, self.by, self.price_by)
            rows = self._judged(rows, test)
            extra = {"observations.elasticity": test.elasticity, "observations.prices": test.prices}
        frames = tables_of(totals, rows, found.left_out)
        return self.results(engine, frames | extra, facts_of_scores(frames))

    def _judged(self, rows: pd.DataFrame, test: Tested) -> pd.DataFrame:
        """The rows with what they follow, which price moves them and what they are made of; what is arithmetic is no test.

        A row that once counted stays one, whatever it follows now.
        """
        names, follows, moved_by = rows["observation"], test.follows(self.near), test.moved_by()
        rows = rows.assign(
            follows=[follows.get(name, "") for name in names],
            moved_by=[moved_by.get(name, "") for name in names],
            formula=[test.formula.get(name, "") for name in names],
        )
        is_arithmetic = (rows["follows"] != "") | (rows["moved_by"] == "")
        return rows.assign(test=rows["test"].where(~is_arithmetic | rows["counted"].astype(bool), "input"))
