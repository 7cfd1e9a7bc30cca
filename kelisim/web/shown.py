"""Which step and which part of its day a map shows, for one visitor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kelisim.results.parts import over_steps
from kelisim.web.address import Address, Cut, not_a_part
from kelisim.web.map_geometry import MapGeometry
from kelisim.web.session import MapSession, Reply


class Shown:
    """A step and a cell of it; the cell is the step itself where days have no parts.

    step, cell  positions
    part        of the day that the visitor has chosen; empty where the page chooses
    cut         the cut of an address as it can be asked
    wrong       what an address says and the case does not have
    """

    def __init__(self, plan: MapSession, sheet: MapGeometry, address: Address) -> None:
        self.plan, self.sheet, self.time = plan, sheet, plan.time
        self.cut, self.wrong, known = address.cut, list[str](), [name for name, _, _ in self.time.parts]
        if self.cut is not None and self.cut.at and self.cut.at not in known:
            self.wrong.append(not_a_part("at", self.cut.at, known))
            self.cut = replace(self.cut, at="")
        self.step = self.time.at(address.day or (address.cut.start if address.cut else None) or self._peak())
        found = self.time.find(self.step, address.part) if address.part else None
        if address.part and found is None:
            self.wrong.append(not_a_part("part", address.part, known))
        self.part = address.part if found is not None else ""
        self.cell = plan.hardest(self.step) if found is None else found

    def _peak(self) -> date | None:
        """The day of the highest use, all carriers added up: the hardest of the year."""
        if not self.plan.demand.size:
            return None
        used = over_steps(self.plan.case, self.plan.demand.sum(axis=0) * self.plan.hours)
        return self.time.day(int((used / over_steps(self.plan.case, self.plan.hours)).argmax()))

    @property
    def day(self) -> date:
        """First day of the step."""
        return self.time.day(self.step)

    def has_parts(self, family: str) -> bool:
        """Whether a family of carriers is in parts of the day."""
        return self.time.has_parts(self.sheet.carriers_of(family))

    def named(self, family: str) -> str:
        """The part as an address holds it; empty for a family that has none."""
        return self.time.name(self.cell) if self.has_parts(family) else ""

    def words(self, family: str) -> str:
        """The step in words, with the part for a family that has some."""
        part = f", {self.time.words_of(self.cell)}" if self.has_parts(family) else ""
        return self.time.when(self.step) + part

    # ---- what a visitor does
    def move(self, step: int) -> None:
        """Another step, the same part."""
        self.step, self.cell = step, self.time.nearest(step, self.cell)

    def choose(self, part: str) -> None:
        """Another part of the step."""
        found = self.time.find(self.step, part)
        if found is not None:
            self.cell, self.part = found, self.time.name(found)

    def see(self, reply: Reply, is_new: bool) -> None:
        """An answer: a step that it holds, and the part of the largest shortage unless one was chosen for it.

        is_new  it was asked here and not by an address
        """
        if not reply.holds(self.cell):
            self.move(self.time.at(reply.cut.start))
        if is_new or not self.part:
            self.cell, self.part = self.plan.hardest(self.step, reply.more), ""

    def from_here(self, cut: Cut | None) -> Cut:
        """What a form begins with: the cut, or nothing from the day that is shown."""
        return cut or Cut((), self.day)
