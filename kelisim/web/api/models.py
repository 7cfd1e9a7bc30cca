"""What the interface for programs takes and gives."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Word = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Text = Annotated[str, StringConstraints(max_length=200_000)]
Value = bool | int | float | Text | None
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$")]


class Taken(BaseModel):
    """What comes in: nothing that is unknown, no number that is none."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class StudyAsked(Taken):
    """A question to a study.

    fields    as the study names them; a list for those that take several
    step      1mo or 1d; as the server shows it if empty
    scenario  of the case, several separated by commas
    """

    fields: dict[Word, Value | list[Value]] = Field(default_factory=dict, max_length=200)
    step: Word = ""
    scenario: Word = ""


class CutAsked(Taken):
    """What is taken out: elements, from a day on, for some days, by a share of the capacity."""

    lost: list[Word] = Field(min_length=1, max_length=50)
    start: date
    days: int = Field(default=30, ge=1, le=366)
    share: float = Field(default=1.0, gt=0.0, le=1.0)
    step: Word = ""


class Shared(Taken):
    """Whether the other sides may see a run."""

    shared: bool


class Refusal(BaseModel):
    """Why there is no answer."""

    detail: Any


class Health(BaseModel):
    """ok: the server answers; steps: for each length of step whether its year is open."""

    ok: bool
    steps: dict[str, bool]


class Me(BaseModel):
    """Who asks."""

    name: str
    role: str
    side: str


class CaseTold(BaseModel):
    """The case that is shown; tables: rows of each of its tables."""

    name: str
    title: str
    fingerprint: str
    currency: str
    steps: dict[str, bool]
    tables: dict[str, int]


class Rows(BaseModel):
    """Some rows of a table: rows in all, unit of each column that has one, and the rows asked for."""

    count: int
    units: dict[str, str] = Field(default_factory=dict)
    rows: list[dict[str, Any]]


class FieldTold(BaseModel):
    """A field of a study."""

    name: str
    help: str
    unit: str
    default: Any
    choices: list[str]


class StudyTold(BaseModel):
    """A study and its fields."""

    name: str
    about: str
    fields: list[FieldTold]


class JobTold(BaseModel):
    """A study that is under way, or has ended: the run if it was kept, else why there is none."""

    job: str
    study: str
    by: str
    is_done: bool
    doing: str
    seconds: float
    run: str
    failed: str


class RunTold(BaseModel):
    """A run: whose it is, what was asked, what it says first, and its tables with their rows."""

    run: str
    study: str
    created: str
    by: str
    side: str
    shared: bool
    fields: dict[str, Any]
    status: str
    fingerprint: str
    said: list[str] = Field(default_factory=list)
    tables: dict[str, int] = Field(default_factory=dict)


class CutTold(BaseModel):
    """What a cut does: sentences, the most important first, and the facts behind them."""

    said: list[str]
    facts: list[dict[str, Any]]
