"""What is run: the parts of a full and of a quick run, and what the project promised to reach."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench.settings import Settings

ALL = ("kelisim", "highs", "linopy", "pypsa")
ONE = Settings("simplex", 1, "on")
SAME = (ONE, Settings("simplex", 0, "on"), Settings("hipo", 0, "on"))


@dataclass(frozen=True)
class Part:
    """One table of the page: a phase on one case, tool by tool.

    phase     import, build, whole, engine, sweep, all_cuts, report, cuts, preliminary, snapshot, no_gain, clicks or adequacy
    size      of the system: places of the family, 12 (months) or 366 (days) of the reference case, seeds of adequacy
    step      of the family
    plain     without what PyPSA has no words for
    settings  of the solver, the same for all tools
    runs      repetitions; a process of its own each
    rule      of help from abroad, of cuts, first answers and snapshots
    cuts      elements to cut, tool by tool, where the phase is sweep
    """

    name: str
    phase: str
    system: str = ""
    size: int = 0
    days: int = 365
    step: str = "1d"
    plain: bool = True
    peers: tuple[str, ...] = ALL
    settings: tuple[Settings, ...] = (ONE,)
    runs: int = 5
    rule: str = "open"
    cuts: tuple[tuple[str, int], ...] = (("kelisim", 100), ("highs", 100), ("linopy", 40), ("pypsa", 4))

    @property
    def group(self) -> str:
        """What `--only` may also name: the phase and the system."""
        return f"{self.phase}-{self.system}" if self.system else self.phase


BUILDERS = ("kelisim", "linopy", "pypsa")
FULL = [
    Part("import", "import", runs=7),
    *(Part(f"build-family-{n}", "build", "family", n, plain=False, peers=("kelisim",), runs=7) for n in (20, 50, 100, 200, 500, 1000)),
    *(Part(f"build-plain-{n}", "build", "family", n, peers=BUILDERS, runs=3) for n in (20, 56, 200)),
    Part("whole-family-56", "whole", "family", 56, settings=SAME, runs=5),
    Part("whole-family-200", "whole", "family", 200, runs=1),
    Part("whole-reference-12", "whole", "reference", 12, runs=3),
    Part("engine-reference-12", "engine", "reference", 12, plain=False, peers=("kelisim",), runs=3),
    Part("engine-reference-366", "engine", "reference", 366, plain=False, peers=("kelisim",), runs=1),
    Part("engine-family-200", "engine", "family", 200, plain=False, peers=("kelisim",), runs=1),
    Part("sweep-family-200-months", "sweep", "family", 200, step="1mo", runs=3),
    Part("sweep-family-56-days", "sweep", "family", 56, runs=1),
    Part("sweep-reference-12", "sweep", "reference", 12, runs=3),
    Part("all_cuts-family-200-months", "all_cuts", "family", 200, step="1mo", peers=("kelisim", "highs"), runs=3),
    Part("all_cuts-reference-12", "all_cuts", "reference", 12, plain=False, peers=("kelisim", "highs"), runs=3),
    Part("report-reference-12", "report", "reference", 12, plain=False, peers=("kelisim",), runs=3),
    Part("cuts-reference-366", "cuts", "reference", 366, plain=False, peers=("kelisim",), runs=1),
    Part("cuts-planned-reference-366", "cuts", "reference", 366, plain=False, peers=("kelisim",), runs=1, rule="planned"),
    Part("cuts-agreed-reference-366", "cuts", "reference", 366, plain=False, peers=("kelisim",), runs=1, rule="agreed"),
    Part("preliminary-reference-366", "preliminary", "reference", 366, plain=False, peers=("kelisim",), runs=1, rule="planned"),
    Part("preliminary-open-reference-366", "preliminary", "reference", 366, plain=False, peers=("kelisim",), runs=1),
    Part("snapshot-reference-366", "snapshot", "reference", 366, plain=False, peers=("kelisim",), runs=1),
    Part("no_gain-reference-12", "no_gain", "reference", 12, plain=False, peers=("kelisim",), runs=1),
    Part("no_gain-reference-366", "no_gain", "reference", 366, plain=False, peers=("kelisim",), runs=1),
    Part("clicks-reference-366", "clicks", "reference", 366, plain=False, peers=("kelisim",), runs=1),
    Part("adequacy-rts79", "adequacy", size=200, runs=3),
]  # fmt: skip

_FEW = (("kelisim", 10), ("highs", 10), ("linopy", 5), ("pypsa", 1))
QUICK = [
    Part("import", "import", runs=2),
    *(Part(f"build-family-{n}", "build", "family", n, plain=False, peers=("kelisim",), runs=1) for n in (20, 50, 100)),
    Part("build-plain-20", "build", "family", 20, peers=BUILDERS, runs=1),
    Part("whole-family-20", "whole", "family", 20, settings=(ONE,), runs=1),
    Part("sweep-family-20-months", "sweep", "family", 20, step="1mo", runs=1, cuts=_FEW),
    Part("all_cuts-family-20-months", "all_cuts", "family", 20, step="1mo", peers=("kelisim", "highs"), runs=1),
    Part("report-reference-12", "report", "reference", 12, plain=False, peers=("kelisim",), runs=1),
    Part("adequacy-rts79", "adequacy", size=20, runs=1),
]  # fmt: skip


def parts(quick: bool, only: str, runs: int) -> list[Part]:
    """The parts asked for, by name, phase, system or both; with so many repetitions, if given."""
    chosen = [
        part
        for part in (QUICK if quick else FULL)
        if not only or only in (part.name, part.phase, part.system, part.group)
    ]
    return [replace(part, runs=runs) for part in chosen] if runs else chosen
