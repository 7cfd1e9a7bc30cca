"""The addresses of the interface for programs, each with the least role that may ask it (people/roles.py)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import date
from typing import Annotated, Any, TypeVar

import pandas as pd
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from kelisim import catalog
from kelisim.case import schema
from kelisim.errors import BusyError, ForbiddenError, KelisimError, RunError, UnderWayError
from kelisim.report.page import sentences
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.results.store import list_runs, plain, read_head
from kelisim.studies.study import Study, find, names
from kelisim.web.address import Cut
from kelisim.web.api import models
from kelisim.web.api.limits import Bucket
from kelisim.web.api.metrics import Metrics
from kelisim.web.job import Job
from kelisim.web.line import Turn
from kelisim.web.people.access import Access, access_of, of_visitor, share
from kelisim.web.people.audit import Audit
from kelisim.web.people.roles import ASK, CUT, LOOK, SHARE, STOP
from kelisim.web.people.visitor import Visitor, who
from kelisim.web.runs_kept import FILES, TYPES, file_of, folder_of, loaded
from kelisim.web.workspace import Workspace

T = TypeVar("T")
PREFIX, OPENAPI = "/api/v1", "/api/v1/openapi.json"
MOST_ROWS = 10_000  # of one answer
MOST_RUNS = 500  # of a list
RETRY = 5  # seconds
OFTEN, SELDOM = (
    (120, 0.1),
    (30, 1.0),
)  # questions at once, and seconds for one more: of those that look, and those that compute
WRONG: dict[int | str, dict[str, Any]] = {
    code: {"model": models.Refusal} for code in (400, 401, 403, 404, 409, 422, 429)
}
Lang = Annotated[str, Query(max_length=20, pattern="^[A-Za-z_-]*$", description="en, ru or kk")]
Limit = Annotated[int, Query(ge=0, le=MOST_ROWS)]
Offset = Annotated[int, Query(ge=0, le=10**9)]


def add(site: FastAPI, desk: Workspace, audit: Audit) -> None:
    """Give a site the interface, its description, and the answers to errors."""
    metrics = Metrics(desk)
    site.middleware("http")(metrics.count)
    site.include_router(Api(desk, audit, metrics).router, prefix=PREFIX)
    site.add_exception_handler(KelisimError, _told)


def _told(_: Request, error: Exception) -> Response:
    """An error of the asker as a status with its words."""
    codes = {ForbiddenError: 403, RunError: 404, BusyError: 429, UnderWayError: 429}
    status = next((code for kind, code in codes.items() if isinstance(error, kind)), 422)
    headers = {"retry-after": str(RETRY)} if status == 429 else {}
    return JSONResponse({"detail": str(error)}, status, headers)


class Api:
    """What each address does."""

    def __init__(self, desk: Workspace, audit: Audit, metrics: Metrics) -> None:
        self.desk, self.audit, self.metrics = desk, audit, metrics
        self.buckets = {True: Bucket(*SELDOM), False: Bucket(*OFTEN)}
        self.router = APIRouter(responses=WRONG, dependencies=[Depends(self._slowly)])
        for method, path, answer, more in self._addresses():
            self.router.add_api_route(path, answer, methods=[method], operation_id=answer.__name__, **more)

    def _addresses(self) -> list[tuple[str, str, Callable[..., Any], dict[str, Any]]]:
        get, post = "GET", "POST"
        numbers = {"response_model": None, "response_class": PlainTextResponse}
        kinds: dict[str, dict[str, Any]] = {kind.partition(";")[0]: {} for kind in TYPES.values()}
        files = {"response_model": None, "response_class": Response, "responses": {200: {"content": kinds}}}
        return [
            (get, "/health", self.health, {}),
            (get, "/metrics", self.numbers, numbers),
            (get, "/me", self.me, {}),
            (get, "/case", self.case, {}),
            (get, "/case/tables/{table}", self.case_table, {}),
            (get, "/studies", self.studies, {}),
            (get, "/studies/{study}", self.study, {}),
            (post, "/studies/{study}", self.ask, {"status_code": 202}),
            (get, "/jobs", self.jobs, {}),
            (get, "/jobs/{job}", self.job, {}),
            ("DELETE", "/jobs/{job}", self.stop, {}),
            (post, "/cuts", self.cut, {}),
            (get, "/runs", self.runs, {}),
            (get, "/runs/{run}", self.run, {}),
            (get, "/runs/{run}/tables/{table}", self.run_table, {}),
            (get, "/runs/{run}/files/{file}", self.run_file, files),
            ("PUT", "/runs/{run}/shared", self.set_shared, {}),
        ]

    async def _slowly(self, request: Request) -> None:
        """Not more often than is good for all. Raises HTTPException 429."""
        if request.url.path == f"{PREFIX}/health":
            return
        person = who().person()
        name = (person.name if person else "") or str(request.client.host if request.client else "")
        left = self.buckets[request.method == "POST"].wait(name)
        if left:
            raise HTTPException(429, f"Too many questions: wait {left} s.", {"retry-after": str(left)})

    # ---- the server
    async def health(self) -> models.Health:
        """Whether the server answers. Needs no login."""
        return models.Health(ok=True, steps=self._steps())

    def _steps(self) -> dict[str, bool]:
        return {step: self.desk.year(step) is not None for step in self.desk.steps}

    async def numbers(self) -> Response:
        """Numbers of the server in the text form of Prometheus."""
        who().must(LOOK)
        return Response(self.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def me(self) -> models.Me:
        """Who asks."""
        person = who().must(LOOK)
        return models.Me(name=person.name, role=person.role, side=person.side)

    # ---- the case
    async def case(self) -> models.CaseTold:
        """The case that is shown."""
        who().must(LOOK)
        case = self.desk.case
        rows = {name: len(case.table(name)) for name in schema.tables()}
        told = {key: getattr(case, key) for key in ("name", "title", "fingerprint", "currency")}
        return models.CaseTold(
            **told, steps=self._steps(), tables={name: count for name, count in rows.items() if count}
        )

    async def case_table(self, table: models.Name, limit: Limit = 1000, offset: Offset = 0) -> models.Rows:
        """Rows of a table of the case, as written: with units, sources and grades in their columns."""
        who().must(LOOK)
        if table not in schema.tables():
            raise _unknown("table", table, schema.tables())
        return _rows(self.desk.case.table(table), limit, offset)

    # ---- studies
    async def studies(self) -> list[models.StudyTold]:
        """All studies with their fields."""
        who().must(LOOK)
        return [_study(find(name)) for name in names()]

    async def study(self, study: models.Name) -> models.StudyTold:
        """A study and its fields."""
        who().must(LOOK)
        return _study(_found(study))

    async def ask(self, study: models.Name, asked: models.StudyAsked) -> models.JobTold:
        """Ask a study: it is answered aside and kept as a run. Needs the role analyst."""
        visitor = who()
        person = visitor.must(ASK)
        _found(study)
        job = self.desk.run(
            study, self._step(asked.step), _given(asked.fields), asked.scenario, of_visitor(visitor)
        )
        self.audit.write(person.name, ASK, study, job=job.key)
        return _job(job)

    def _step(self, step: str) -> str:
        if step and step not in self.desk.steps:
            raise _unknown("step", step, self.desk.steps)
        return step or self.desk.step

    async def jobs(self) -> list[models.JobTold]:
        """Studies that are under way, and those that ended lately, of the own side."""
        visitor = who()
        visitor.must(LOOK)
        return [_job(job) for job in self.desk.runs if job.access.opens_to(visitor)]

    async def job(self, job: models.Name) -> models.JobTold:
        """One of them."""
        who().must(LOOK)
        return _job(self._mine(job))

    async def stop(self, job: models.Name) -> models.JobTold:
        """End one of the own side; nothing of it is kept. Needs the role analyst."""
        person = who().must(STOP)
        found = self._mine(job)
        found.stop()
        self.audit.write(person.name, STOP, found.study, job=job)
        return _job(found)

    def _mine(self, key: str) -> Job:
        visitor = who()
        found = next((job for job in self.desk.runs if job.key == key and job.access.opens_to(visitor)), None)
        if found is None:
            raise HTTPException(404, f'There is no job "{key}".')
        return found

    # ---- cuts
    async def cut(self, asked: models.CutAsked, lang: Lang = "") -> models.CutTold:
        """What happens if elements are lost from a day on, for some days, by a share."""
        person = who().must(CUT)
        step = self._step(asked.step)
        if self.desk.year(step) is None:
            raise HTTPException(409, "The year is still being opened: ask again in a moment.")
        reply = await self.desk.ask(step, Cut(tuple(asked.lost), asked.start, asked.days, asked.share))
        self.audit.write(person.name, CUT, ";".join(asked.lost))
        said, facts = await self._read(reply.results, lang)
        return models.CutTold(said=said, facts=facts)

    async def _read(self, results: Results, lang: str) -> tuple[list[str], list[dict[str, Any]]]:
        """Sentences in a language, and facts."""

        tongue = catalog.meant(lang) or catalog.spoken()

        def read() -> tuple[list[str], list[dict[str, Any]]]:
            with catalog.speaking(tongue):
                said = sentences(results, Words(results.case))
            facts = facts_of(results["facts"]).values() if "facts" in results else ()
            return list(said), [plain(fact.to_dict()) for fact in facts]

        return await self._aside("page", read)

    async def _aside(self, what: str, function: Callable[[], T]) -> T:
        """Run something on the thread of files, when its turn comes. Raises BusyError."""
        return await self.desk.files.take(Turn(what), function)

    # ---- runs
    async def runs(self) -> list[models.RunTold]:
        """Runs that the visitor may see, the latest first."""
        visitor = who()
        visitor.must(LOOK)
        return await self._aside("runs", lambda: _runs(visitor))

    async def run(self, run: models.Name, lang: Lang = "") -> models.RunTold:
        """A run: what was asked, what it says, and its tables."""
        folder, access = _seen(run, who())
        results = await self._aside("run", lambda: loaded(folder))
        said, _ = await self._read(results, lang)
        tables = {entry["name"]: int(entry["rows"]) for entry in read_head(folder)["tables"]}
        return _run(read_head(folder), access).model_copy(update={"said": said, "tables": tables})

    async def run_table(
        self, run: models.Name, table: models.Name, limit: Limit = 1000, offset: Offset = 0
    ) -> models.Rows:
        """Rows of a table of a run."""
        folder, _ = _seen(run, who())
        results = await self._aside(run, lambda: loaded(folder))
        if table not in results.tables:
            raise _unknown("table", table, results.tables)
        frame = results.tables[table]
        units = (
            {str(column): results.units_of[table].get(column, "") for column in frame.columns}
            if table in results.units_of
            else {}
        )
        return _rows(frame, limit, offset, {column: unit for column, unit in units.items() if unit})

    async def run_file(self, run: models.Name, file: models.Name) -> Response:
        """A file that is made of a run: report.html, answer.xlsx or document.md."""
        _seen(run, who())
        if file not in FILES:
            raise _unknown("file", file, FILES)
        content, kind = await self._aside(run, lambda: file_of(run, file))
        return Response(content, media_type=kind)

    async def set_shared(self, run: models.Name, wanted: models.Shared) -> models.RunTold:
        """Let the other sides see a run of the own side, or no longer. Needs the role editor."""
        visitor = who()
        person = visitor.must(SHARE)
        folder, access = _seen(run, visitor)
        if not (visitor.is_here or access.is_of(visitor)):
            raise ForbiddenError("Only the side that asked can share a run, or take that back.")
        share(folder, wanted.shared)
        self.audit.write(person.name, SHARE, run, shared=wanted.shared)
        return _run(read_head(folder), access_of(folder))


def _seen(run: str, visitor: Visitor) -> tuple[Any, Access]:
    """Folder of a run that a visitor may see, and whose it is. Raises RunError, also where it is hidden: as if it were not there."""
    visitor.must(LOOK)
    folder = folder_of(run, visitor)
    return folder, access_of(folder)


def _unknown(kind: str, word: str, known: Any) -> HTTPException:
    near = schema.nearest(word, known)
    hint = f'Did you mean "{near}"?' if near else f"Known: {schema.some(known, 40)}."
    return HTTPException(404, f'There is no {kind} "{word}". {hint}')


def _found(study: str) -> type[Study]:
    if study not in names():
        raise _unknown("study", study, names())
    return find(study)


def _study(study: type[Study]) -> models.StudyTold:
    told = [
        models.FieldTold(
            name=one.name,
            help=one.metadata["help"],
            unit=one.metadata["unit"],
            default=None
            if one.default is MISSING
            else plain(one.default if not isinstance(one.default, date) else str(one.default)),
            choices=list(one.metadata["choices"]),
        )
        for one in fields(study)
    ]
    return models.StudyTold(name=study.name, about=study.heading(), fields=told)


def _given(asked: dict[str, Any]) -> dict[str, str]:
    """Fields as the command line would read them."""

    def text(value: Any) -> str:
        return (
            {True: "yes", False: "no", None: ""}.get(value, str(value))
            if isinstance(value, bool | None)
            else str(value)
        )

    return {
        name: ",".join(map(text, value)) if isinstance(value, list) else text(value)
        for name, value in asked.items()
    }


def _job(job: Job) -> models.JobTold:
    told = {key: getattr(job, key) for key in ("study", "is_done", "doing", "run", "failed")}
    return models.JobTold(job=job.key, by=job.access.by, seconds=round(job.seconds, 1), **told)


def _rows(frame: pd.DataFrame, limit: int, offset: int, units: dict[str, str] | None = None) -> models.Rows:
    some = frame.iloc[offset : offset + limit]
    rows = [{str(key): _plain(value) for key, value in row.items()} for row in some.to_dict("records")]
    return models.Rows(count=len(frame), units=units or {}, rows=rows)


def _plain(value: Any) -> Any:
    if value is pd.NaT or value is pd.NA:
        return None
    return value.isoformat() if hasattr(value, "isoformat") else plain(value)


def _runs(visitor: Visitor) -> list[models.RunTold]:
    found: list[models.RunTold] = []
    for row in list_runs().to_dict("records"):
        folder = folder_of(str(row["run"])) if not row["problem"] else None
        if folder is None or len(found) >= MOST_RUNS:
            continue
        access = access_of(folder)
        if access.opens_to(visitor):
            found.append(_run(read_head(folder), access))
    return found


def _run(head: dict[str, Any], access: Access) -> models.RunTold:
    told: dict[str, Any] = {
        key: str(head.get(key, "")) for key in ("run", "study", "created", "status", "fingerprint")
    }
    return models.RunTold(
        **told, by=access.by, side=access.side, shared=access.shared, fields=plain(head["fields"])
    )
