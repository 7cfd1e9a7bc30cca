"""A case with its estimates, in plain parts that travel between processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.horizon import Horizon
from kelisim.case.series import Series
from kelisim.engine.cache import Basis
from kelisim.engine.engine import Engine
from kelisim.engine.estimates.factors import Factor
from kelisim.model.rules import Rules


@dataclass(frozen=True)
class SampledCase:
    """A case in plain parts, its factors and rules; begin: basis of the case as it stands, from which each sample is solved.

    The frozen mappings of a case do not travel between processes; with its empty tables no sample has to make them again.
    """

    settings: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    files: Mapping[str, str]
    horizon: Horizon
    series: Mapping[str, Series]
    rules: Rules
    factors: tuple[Factor, ...]
    begin: Basis

    @classmethod
    def of(cls, engine: Engine, factors: Sequence[Factor]) -> SampledCase:
        """The case of an engine whose base is solved."""
        case = engine.case
        tables = {name: case.table(name) for name in schema.tables() if name not in schema.KIND_TABLES}
        files, tables = dict(case.files), tables | dict(case.tables)
        plain = dict(case.settings), tables, files, case.horizon, dict(case.series)
        return cls(*plain, engine.rules, tuple(factors), engine.basis)

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return Case(self.settings, MappingProxyType(dict(self.tables)), self.files, self.horizon, self.series)
