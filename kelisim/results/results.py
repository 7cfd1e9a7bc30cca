"""What came out of a study: long tables with units, and what made them."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from kelisim import catalog
from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.errors import UserError
from kelisim.late import late
from kelisim.results import workbook
from kelisim.results.parts import with_parts
from kelisim.results.schema import described

UNSOLVED = "answered without a solve"  # status of a study that needs no least-cost year


def is_answered(status: object) -> bool:
    """Whether a run with this status has an answer; one without a status has."""
    return status in (None, "optimal", UNSOLVED)


@dataclass(frozen=True, eq=False, repr=False)
class Results:
    """The answer of one study on one case.

    study     name of the study
    fields    its fields as they were set
    case      what was asked about
    tables    table name -> long table
    units_of  table name -> column -> unit; columns without a quantity are left out
    meta      fingerprint, status, objective, rules, versions, timings, counts
    """

    study: str
    fields: Mapping[str, Any]
    case: Case
    tables: Mapping[str, pd.DataFrame]
    units_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", with_parts(self.case, self.tables))

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer."""
        return is_answered(self.meta.get("status"))

    # ---- tables
    def __getitem__(self, name: str) -> pd.DataFrame:
        """One table, to be changed at will. Raises UserError with the nearest name."""
        self._require(name)
        return self.tables[name].copy(deep=False)

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    @property
    def names(self) -> list[str]:
        """Names of the tables, the most general first, as the study gave them."""
        return list(self.tables)

    def units(self, name: str) -> dict[str, str]:
        """Unit of each column of a table that has one. Raises UserError with the nearest name."""
        self._require(name)
        return dict(self.units_of.get(name, {}))

    @property
    def key_figures(self) -> pd.DataFrame:
        """Per country and carrier what was made, used, imported, exported and unserved, in display units."""
        return self["key_figures"]

    def _require(self, name: str) -> None:
        if name not in self.tables:
            near = schema.nearest(str(name), self.tables)
            hint = f' Did you mean "{near}"?' if near else ""
            raise UserError(
                f'The results of {self.study} have no table "{name}".{hint} Known: {", ".join(self.tables)}.'
            )

    # ---- pictures and documents; `report` stands above this layer, see docs/decisions/0002-plot-accessor.md
    @property
    def plot(self) -> Any:
        """Charts: results.plot.balance("natural_gas")."""
        return late("Plots")(self)

    def map(self, carrier: str | None = None, step: Any = None) -> Any:
        """The map with flows: width is flow, colour is loading."""
        return late("flow_map")(self, carrier, step)

    def report(self, path: str | Path, language: str = "") -> Path:
        """Write the report as one HTML file, or as a document if the path ends in .md.

        language  en, ru or kk; the one that is spoken if not given
        """
        written: Path = late("write_report")(self, path, language)
        return written

    # ---- files
    def save(self, folder: str | Path | None = None, name: str = "", force: bool = False) -> Path:
        """Keep as a run in a folder of runs (./runs if not given), with force over one; gives the folder of the run."""
        written: Path = late("save")(self, folder, name, force)
        return written

    def to_excel(self, path: str | Path, figures: Mapping[str, pd.DataFrame] | None = None) -> Path:
        """Write the tables as sheets of one workbook; tables too long for reading are named, not written.

        figures  sheets on the figures of a report, by their names; none if not given
        """
        told = described(self.study)
        return workbook.write(Path(path), self.tables, self.units_of, self._about(), told, figures)

    @property
    def limits(self) -> list[str]:
        """Sentences on what the study cannot see; those that name something stand on its page only."""
        own = [line for line in catalog.lines(f"{self.study}.limits") if "{" not in line]
        return [*own, *self.meta.get("limits", [])]

    def _about(self) -> list[tuple[str, str]]:
        """What a reader must know beside the tables: heading and text."""
        rules = self.meta.get("rules", {})
        rows = [
            ("study", self.study),
            *((f"field {name}", _words(value)) for name, value in self.fields.items()),
            ("case", self.case.title),
            ("period", self._period()),
            ("fingerprint", str(self.meta.get("fingerprint", ""))),
            ("status", str(self.meta.get("status", ""))),
            ("objective", _money(self.meta.get("objective"), self.case.currency)),
            *((f"{name} rule", str(rule)) for name, rule in dict(rules).items()),
            *(
                (f"version of {name}", str(value))
                for name, value in dict(self.meta.get("versions", {})).items()
            ),
            *(("limit", sentence) for sentence in self.limits),
            *(("credit", str(sentence)) for sentence in self.meta.get("credits", [])),
        ]
        return [(name, text) for name, text in rows if text]

    def _period(self) -> str:
        horizon = self.case.horizon
        last = horizon.end - pd.Timedelta(days=1)
        days = {"start": f"{horizon.start:%Y-%m-%d}", "end": f"{last:%Y-%m-%d}"}
        key = "run.period_parts" if horizon.has_parts else "run.period"
        counts = {"count": horizon.whole, "step": horizon.step, "parts": len(horizon.parts)}
        return catalog.text(key).format(**days, **counts)

    def __repr__(self) -> str:
        status = f"; {self.meta['status']}" if "status" in self.meta else ""
        return f"Results({self.study}, {self.case.name!r}, {len(self.tables)} tables{status})"

    def _repr_html_(self) -> str:
        """A short summary for notebooks."""
        shown = ("period", "status", "objective", "place rule", "time rule", "fingerprint")
        facts = [(name, text) for name, text in self._about() if name in shown]
        lines = [
            f"<p><b>{html.escape(self.study)}: {html.escape(self.case.title)}</b><br>",
            "<br>".join(f"{html.escape(name)}: {html.escape(text)}" for name, text in facts) + "</p>",
        ]
        if "key_figures" in self:
            figures = self.key_figures
            if "country" in figures:
                figures = figures[figures["country"] == "all"].drop(columns="country")
            lines.append(figures.to_html(index=False, border=0, float_format=_three_digits, na_rep=""))
        lines.append(f"<p>Tables: {html.escape(', '.join(self.names))}</p>")
        return "\n".join(lines)


def _words(value: Any) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, (list, tuple)) else str(value)


def _money(value: Any, currency: str) -> str:
    return "" if value is None or pd.isna(value) else f"{value:,.0f} {currency}"


def _three_digits(value: float) -> str:
    """A number with three significant digits, without an exponent."""
    if value == 0:
        return "0"
    size = len(f"{abs(value):.0f}")
    return f"{round(value, 3 - size):,.0f}" if abs(value) >= 100 else f"{value:#.3g}".rstrip(".")
