"""What stands on top of every page: the case, its step, the way to the other pages, and notes."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from nicegui import ui

from kelisim import catalog
from kelisim.web.address import Address
from kelisim.web.people.roles import STOP
from kelisim.web.people.visitor import who
from kelisim.web.texts import step_name, text
from kelisim.web.views.wait import follow
from kelisim.web.workspace import Workspace

PAGES = ("map", "border", "play", "studies", "runs")


def head(desk: Workspace, address: Callable[[], Address], step: str = "") -> None:
    """The head of a page; the links keep what is chosen.

    step  of what is shown, where another can be shown in its place
    """
    with ui.element("header").classes("k-head"), ui.element("div").classes("in"):
        ui.html(f"<h1>{escape(desk.words.title)}</h1>", sanitize=False).style("flex:1 1 260px")
        # the address of the bar may be newer than these links, so it is read at the click
        links = ""
        for one in desk.steps if step else ():
            target = escape(address().at(step=one).link(), quote=True)
            other = f'<a href="{target}" data-step="{one}">{step_name(one)}</a>'
            here = text("head.steps", steps=step_name(one))
            links += f'<span aria-current="true">{here}</span>' if one == step else other
        ui.html(links, sanitize=False).classes("step")
        links = ""
        for page in PAGES:
            current = 'aria-current="page"' if address().page == page else ""
            target = escape(address().link(page), quote=True)
            links += f'<a href="{target}" data-page="{page}" {current}>{text(f"head.{page}")}</a>'
        ui.html(links, sanitize=False, tag="nav")
        switch = ui.html(languages(address()), sanitize=False).classes("lang").props('role="group"')
        switch.props["aria-label"] = text("head.language")
        if not who().is_here:
            _leave()


def languages(address: Address) -> str:
    """The switch of languages: each by its own name, as links to the same page."""
    found = []
    for language in catalog.languages():
        here = 'aria-current="true"' if language == catalog.spoken() else ""
        target = escape(address.at(language=language).link(), quote=True)
        code = f'lang="{language}" hreflang="{language}" title="{catalog.name(language)}"'
        found.append(f'<a href="{target}" data-lang="{language}" {code} {here}>{language.upper()}</a>')
    return "".join(found)


def _leave() -> None:
    """Who has logged in, and the way out."""
    person = who().person()
    role = text(f"people.{person.role}") if person else ""
    said = escape(text("people.logged_in", name=person.name, role=role)) if person else ""
    button = f"<button>{escape(text('people.leave'))}</button>"
    form = f'<span>{said}</span><form method="post" action="/logout">{button}</form>'
    ui.html(form, sanitize=False).classes("k-person")


def notes(wrong: tuple[str, ...]) -> None:
    """What could not be read in the address."""
    for one in wrong:
        ui.label(text("head.left_out", wrong=one)).classes("k-warn")


def later_note(desk: Workspace, step: str) -> None:
    """How far the year in days is, while it is solved aside."""
    later = desk.aside("1d")
    if later is None or step == "1d":
        return

    def done() -> None:
        link = f'<a href="/?step=1d" data-step="1d">{text("head.show_days")}</a>'
        failed = text("head.no_days", why=escape(later.failed))
        words = failed if later.failed else text("head.days_ready", link=link)
        ui.html(words, sanitize=False).classes("k-note later")

    stop = text("wait.stop") if who().may(STOP) else ""
    follow(later, lambda doing: text("head.days_later", doing=doing), done, stop)
