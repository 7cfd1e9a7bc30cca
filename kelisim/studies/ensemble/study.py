"""Any study asked of every scenario of a table, with quantiles over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kelisim.case.scenario_table import read
from kelisim.engine import Engine
from kelisim.errors import StudyError
from kelisim.lp.work import Task
from kelisim.report.numbers import human
from kelisim.results.facts import Fact
from kelisim.results.results import Results
from kelisim.studies.ensemble import across
from kelisim.studies.study import Study, create, find, param

CHUNK = 4  # scenarios that a worker gets at a time
FIRST = 3  # numbers that are told in sentences


@dataclass(frozen=True)
class ScenarioEnsemble(Study):
    """What a study says in each of many scenarios, and how far its numbers spread over them.

    The case is changed as the rows of a scenario say, solved from the basis of the case as it stands, and asked the study.
    """

    name = "ensemble"
    lets_go = False
    study: str = param("the study that is asked of each scenario", default="balance")
    asked: tuple[str, ...] = param("its fields, NAME=VALUE, separated by commas", default=())
    table: str = param(
        "table of scenarios as CSV text, on the command line a file: scenario, acts_on, value, unit, start, end; those of the case if empty",
        default="",
        has_lines=True,
    )
    workers: int = param("processes that solve at the same time", default=1)

    def run(self, engine: Engine) -> Results:
        case = engine.case
        fields = self._fields()
        table = read(case, self.table)
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        stands = across.told_of(create(self.study, fields).run(engine))
        asked = across.AcrossTask(engine, table, self.study, fields)

        def row(at: int, done: across.ScenarioDone) -> Any:
            return across.shown(table, at, done)

        task = Task("scenarios", across.answered, asked, asked.packed, across.AcrossTask.unpacked, row=row)
        with engine.working(self.workers) as work:
            done = work.each(task, list(table.names), CHUNK).all
        frames = {
            "quantiles": across.quantiles(table, done, stands),
            "scenarios": across.scenario_frame(table, done),
            "scenarios.facts": across.fact_frame(table, done),
        }
        lost = sum(not one.told for one in done)
        facts = [
            Fact("scenarios", len(done), "scenarios", "ensemble.asked", study=self.study),
            Fact("without", lost, "scenarios", "ensemble.without" if lost else ""),
        ]
        names = ("low", "high", "as_it_stands", "most")
        for one in frames["quantiles"].head(FIRST).to_dict("records"):
            places = {name: one[name] for name in names} | {"what": human(one["fact"])}
            facts.append(Fact(f"of.{one['fact']}", one["middle"], one["unit"], "ensemble.spread", **places))
        return self.results(engine, frames, facts)

    def _fields(self) -> dict[str, Any]:
        """The fields of the study that is asked. Raises StudyError with all that is wrong."""
        wrong = []
        if self.study == self.name:
            raise StudyError(
                "study: an ensemble is not asked of an ensemble. Name the study that is asked of each scenario."
            )
        find(self.study)
        if self.workers < 1:
            wrong.append(f"workers: {self.workers} is below 1.")
        found: dict[str, str] = {}
        for text in self.asked:
            name, equals, value = text.partition("=")
            if equals:
                found[name.strip().replace("-", "_")] = value.strip()
            elif found:  # a list of several words
                last = next(reversed(found))
                found[last] = f"{found[last]},{text.strip()}"
            else:
                wrong.append(f'asked: "{text}" is not NAME=VALUE.')
        if wrong:
            raise StudyError("\n".join(wrong))
        create(self.study, found)
        return dict(found)
