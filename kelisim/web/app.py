"""The server: pages, the sheet of the map, pages and files of answers, who may ask."""

from __future__ import annotations

import asyncio
import logging
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from nicegui import app, background_tasks, ui

from kelisim import __version__, catalog
from kelisim.case.case import Case
from kelisim.errors import BusyError, KelisimError, UserError
from kelisim.report.html import policy
from kelisim.report.library import ECHARTS, path_of
from kelisim.web.address import Address, parse
from kelisim.web.api.routes import OPENAPI
from kelisim.web.api.routes import add as add_api
from kelisim.web.game import Game
from kelisim.web.guard import Guard, is_loopback
from kelisim.web.headers import ALWAYS, Sealed
from kelisim.web.line import Turn
from kelisim.web.listening import Punctual, listen
from kelisim.web.people.audit import Audit
from kelisim.web.people.register import Register
from kelisim.web.people.visitor import Visitor, who
from kelisim.web.runs_kept import file_of, framed
from kelisim.web.texts import step_name, text
from kelisim.web.tongue import SpokenPage, Tongue, of_visitor
from kelisim.web.views.border import border_page
from kelisim.web.views.map import MapPage
from kelisim.web.views.play import play_page
from kelisim.web.views.report import CHARTS
from kelisim.web.views.runs import run_page, runs_page
from kelisim.web.views.study import studies_page, study_page
from kelisim.web.workspace import Workspace, Year

HERE = Path(__file__).parent
MAP = ("map.js", "map.css", "map_svg.css")  # of report/templates, which the page draws with as reports do
STYLE = "".join(f'<link rel="stylesheet" href="/kelisim/{name}">' for name in MAP[1:])
STYLE += '<script src="/kelisim/map.js"></script><link rel="stylesheet" href="/kelisim/static/site.css"><script defer src="/kelisim/static/site.js"></script>'
RETRY = 5  # seconds after which one may ask again where too many wait
LOOK = 0.5  # seconds between two looks whether a visitor is still there
STAYS = 10.0  # seconds after which a visitor whose connection is lost has left
LONG = 10.0  # seconds after which the page offers months instead


def check_host(host: str, port: int, has_people: bool) -> None:
    """Raises UserError where others than this machine could ask without logging in, or nobody can listen."""
    if not is_loopback(host) and not has_people:
        raise UserError(
            f"--host {host}: others could reach this server. Say who may: kelisim users add NAME, then --users FILE."
        )
    for free in listen(host, port):
        free.close()


def serve(
    source: str,
    case: Case,
    step: str = "",
    host: str = "127.0.0.1",
    port: int = 8080,
    users: Path | None = None,
    shows: bool = True,
) -> None:
    """Show a case until the process is stopped.

    users  file of the people who may log in; who did what is written beside it, into audit.jsonl
    Raises UserError for a host that is open to others without one, and for a file with mistakes.
    """
    check_host(host, port, users is not None)
    register = Register(users) if users else None
    audit = Audit(users.with_name("audit.jsonl") if users else None)
    desk = Workspace(source, case, step, audit)
    _routes(desk)
    app.on_startup(lambda: background_tasks.create(_open(desk)))
    app.on_shutdown(desk.close)
    if shows:
        address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
        app.on_startup(lambda: threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start())
    logging.getLogger("nicegui").setLevel(logging.WARNING)
    site = FastAPI(title="kelisim", version=__version__, openapi_url=OPENAPI, docs_url=None, redoc_url=None)
    add_api(site, desk, audit)
    looks: dict[str, Any] = {
        "title": "kelisim",
        "favicon": "🗺",
        "tailwind": False,
        "reconnect_timeout": STAYS,
    }
    ui.run_with(site, **looks, show_welcome_message=False, gzip_middleware_factory=None)
    catalog.ask(of_visitor)
    guarded = GZipMiddleware(Tongue(Sealed(Guard(site, register, audit))))
    options: dict[str, Any] = {"http": Punctual, "ws": "wsproto", "headers": ALWAYS, "server_header": False}
    server = uvicorn.Server(uvicorn.Config(guarded, log_level="warning", **options))
    with suppress(KeyboardInterrupt):
        server.run(listen(host, port))


async def _open(desk: Workspace) -> None:
    """Begin with the first year before anybody asks."""
    try:
        await desk.opening(desk.step)
        desk.border(desk.step)
    except KelisimError:
        return  # the page says it


def _routes(desk: Workspace) -> None:
    app.add_static_files("/kelisim/static", HERE / "static", max_cache_age=0)
    for name in MAP:
        template = files("kelisim.report") / "templates" / name
        app.add_static_file(local_file=Path(str(template)), url_path=f"/kelisim/{name}", max_cache_age=0)
    app.add_static_file(local_file=path_of(ECHARTS), url_path=CHARTS)

    @app.exception_handler(Exception)
    def unmet(_: Request, error: Exception) -> Response:
        raise error  # told and logged in one place, around everything

    @app.get("/kelisim/sheet/{step}.json")
    async def sheet(step: str) -> Response:
        year = desk.year(step)
        if year is None:
            return Response(status_code=404)
        return Response(
            year.sheet.text, media_type="application/json", headers={"cache-control": "private, max-age=3600"}
        )

    @app.get("/answer/{page}")
    async def answer(page: str, request: Request) -> Response:
        results = desk.answered(parse(page, request.query_params))
        if results is None:
            return Response(text("gone"), status_code=404)
        return await _made(desk, request, lambda: _framed(framed(results)))

    @app.get("/run/{run}/{name}")
    async def file(run: str, name: str, request: Request) -> Response:
        visitor = who()
        return await _made(desk, request, lambda: _file(run, name, visitor))

    @SpokenPage("/", title="web.title.map")
    async def map_page(request: Request) -> Response | None:
        address = parse("map", request.query_params)
        if address.cut and desk.line.is_full:
            return _busy(BusyError(len(desk.line)))
        await _page(desk, address, lambda year: MapPage(desk, year, address).build())
        return None

    @SpokenPage("/border", title="web.title.border")
    async def border(request: Request) -> None:
        address = parse("border", request.query_params)
        await _page(desk, address, lambda year: border_page(desk, year, address))

    @SpokenPage("/play", title="web.title.play")
    async def play(request: Request) -> None:
        address = parse("play", request.query_params)
        game = Game.of(request.query_params)
        await _page(desk, address, lambda year: play_page(desk, year, address, game))

    @SpokenPage("/studies", title="web.title.studies")
    def studies(request: Request) -> None:
        ui.add_head_html(STYLE)
        studies_page(desk, parse("studies", request.query_params))

    @SpokenPage("/study/{name}", title="web.title.study")
    def study(name: str, request: Request) -> None:
        ui.add_head_html(STYLE)
        study_page(desk, name, request.query_params)

    @SpokenPage("/runs", title="web.title.runs")
    def runs(request: Request) -> None:
        ui.add_head_html(STYLE)
        runs_page(desk, parse("runs", request.query_params))

    @SpokenPage("/run/{run}", title="web.title.run")
    def kept(run: str) -> None:
        ui.add_head_html(STYLE)
        run_page(desk, run)


async def _made(desk: Workspace, request: Request, make: Callable[[], Response]) -> Response:
    """A page or file of an answer, made when its turn comes; of a visitor who has left it is not made."""
    task = asyncio.ensure_future(desk.files.take(Turn(request.url.path), make))
    while not task.done():
        await asyncio.wait({task}, timeout=LOOK)
        if not task.done() and await request.is_disconnected():
            task.cancel()
            await asyncio.wait({task})
            return Response(status_code=499)
    try:
        return task.result()
    except BusyError as error:
        return _busy(error)


def _busy(error: BusyError) -> Response:
    return Response(str(error), 503, {"retry-after": str(RETRY)}, media_type="text/plain; charset=utf-8")


def _file(run: str, name: str, visitor: Visitor) -> Response:
    try:
        content, kind = file_of(run, name, visitor)
    except KelisimError as error:
        return Response(str(error), status_code=404)
    if name == "page":
        return _framed(content)
    target = quote(f"{run}{Path(name).suffix}", safe="")
    return Response(
        content, media_type=kind, headers={"content-disposition": f"attachment; filename*=UTF-8''{target}"}
    )


def _framed(content: bytes) -> Response:
    """The page of an answer, for a frame of this server only."""
    headers = {"content-security-policy": f"{policy(CHARTS)}; frame-ancestors 'self'"}
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


async def _page(desk: Workspace, address: Address, build: Callable[[Year], None]) -> None:
    """The page at once where the year is open; else a line that says what is being done, then the page."""
    ui.add_head_html(STYLE)
    step = address.step if address.step in desk.steps else desk.step
    year = desk.year(step)
    if year is not None:
        build(year)
        return
    with ui.element("div").classes("k-page") as waiting, ui.element("div").classes("k-open"):
        ui.html(f"<h1 style='font-size:20px;line-height:1.3'>{escape(desk.words.title)}</h1>", sanitize=False)
        opening = partial(text, steps=step_name(step))
        words = ui.label(opening("opening.begins")).props('role="status"')
        note = ui.html("", sanitize=False).classes("k-note")
    task, line = desk.opening(step), desk.line

    def tell() -> None:
        if not task.done():
            doing = line.doing or text("opening.waiting")
            words.set_text(opening("opening.goes_on", doing=doing, seconds=f"{line.seconds:.0f}"))
            if line.seconds > LONG and step != "1mo" and "1mo" in desk.steps:
                link = f'<a href="/?step=1mo">{text("opening.months")}</a>'
                note.set_content(text("opening.minutes", link=link))
            return
        timer.cancel()
        error = task.exception()
        if error is None:
            waiting.delete()
            build(task.result())
        elif isinstance(error, KelisimError):
            words.set_text(str(error))
        else:
            raise error

    timer = ui.timer(0.3, tell)
