"""Every error a user can meet, and what each carries.

KelisimError
├── UserError            something the user can put right; exit code 2
│   ├── CaseError        a case with problems: `.problems`, one for each wrong cell or rule
│   ├── UnitError        a unit that cannot be what the column holds
│   ├── StudyError       a study asked with wrong fields
│   ├── ClusterError     a cluster that is not there, or does not fit
│   ├── BusyError        more is asked of a server than can wait: `.waiting`
│   └── RunError         a run that is not there, or not whole
├── ExtraMissing         an optional part is not installed; exit code 2
├── SolverError          the solver stopped without an answer: `.status`
└── InternalError        a state that the product holds to be impossible
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

MOST_LISTED = 50  # problems of one file that a message lists; `.problems` holds all

MOST_LETTERS = 1_000  # of one message; of a longer one, which quotes a long cell, the middle is left out

# signs that steer a terminal, and halves of characters, which none can show; a message that quotes a cell shows that something stands there
_CONTROL = {
    code: "\ufffd"
    for code in (*range(32), *range(127, 160), *range(0xD800, 0xE000))
    if chr(code) not in "\t\n"
}


def printable(text: str) -> str:
    """A text as a terminal can show it, without what would steer it."""
    return text.translate(_CONTROL)


def readable(text: str) -> str:
    """The same without the middle of what is too long to be read."""
    if len(text) > MOST_LETTERS:
        text = f"{text[: MOST_LETTERS // 2]} ... {text[-MOST_LETTERS // 4 :]}"
    return printable(text)


class KelisimError(Exception):
    """Root of all errors of this package."""

    exit_code = 1


class UserError(KelisimError):
    """Something the user can put right."""

    exit_code = 2


@dataclass(frozen=True, order=True)
class InputProblem:
    """One thing that is wrong in a case: where, what, and what to do.

    row is the line in the file (the header is line 1); 0 where the whole file is meant.
    nearest is the nearest right value, empty if there is none.
    """

    file: str
    row: int
    column: str
    message: str
    remedy: str = ""
    nearest: str = ""
    rule: str = ""

    def __str__(self) -> str:
        place = readable(self.file) + (f" row {self.row}" if self.row else "")
        place += f", {readable(self.column)}" if self.column else ""
        parts = [f"{place}: {readable(self.message)}"]
        if self.nearest:
            parts.append(readable(f'Did you mean "{self.nearest}"?'))
        if self.remedy:
            parts.append(readable(self.remedy))
        return " ".join(parts)


class CaseError(UserError):
    """A case with problems: `.problems` has all of them, the message the first of each file and how many more there are."""

    def __init__(self, case: str, problems: list[InputProblem]) -> None:
        self.case = case
        self.problems = sorted(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        count = len(self.problems)
        head = f'{count} problem{"" if count == 1 else "s"} in case "{readable(self.case)}"'
        lines = [head]
        for file, found in groupby(self.problems, lambda problem: problem.file):
            own = list(found)
            lines += [f"  {problem}" for problem in own[:MOST_LISTED]]
            if len(own) > MOST_LISTED:
                lines.append(f"  {readable(file)}: and {len(own) - MOST_LISTED:,} more.")
        return "\n".join(lines)


class UnitError(UserError):
    """A unit that cannot be what the column holds."""


class StudyError(UserError):
    """A study asked with wrong fields."""


class BusyError(UserError):
    """More is asked of a server than can wait for its turn."""

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        super().__init__(
            f"So many questions wait already that no more can: {waiting}. Try again in a moment."
        )


class ClusterError(UserError):
    """A cluster that is not there, or whose workers do not fit."""


class UnderWayError(UserError):
    """As many studies are under way as may be."""


class ForbiddenError(UserError):
    """What a visitor of a server may not do."""


class RunError(UserError):
    """A run that is not there, or not whole."""


class ExtraMissing(UserError):
    """An optional part is not installed."""

    def __init__(self, extra: str) -> None:
        self.extra = extra
        super().__init__(f"This needs an optional part: pip install 'kelisim[{extra}]'")


class SolverError(KelisimError):
    """The solver stopped without an answer."""

    def __init__(self, status: str, message: str) -> None:
        self.status = status
        super().__init__(f"{message} (solver status: {status})")


class InternalError(KelisimError):
    """A state that the product holds to be impossible; please report it."""
