"""A server of the small border year in a process of its own, as a user starts it, and pages on it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kelisim.case.case import Case
from kelisim.io import write
from kelisim.web.map_geometry import MapGeometry
from kelisim.web.session import MapSession
from tests.cases.border_year import border_year
from tests.conftest import ROOT

OWNERS = """
    element, entity, share, table, confidence
    pipe_a,  company, 0.75, links, B
    pipe_a,  partner, 0.25, links, B
"""
ENTITIES = """
    entity,  name,           country
    company, Gas Transit Co, RU
    partner, Steppe Energy,  KZ
"""
MEASURES = """
    measure, name,             acts_on,                                    value, mode,  lead_time, cost, cost_unit, crisis_level
    call,    Call on homes,    demand:a_town:natural_gas:household:amount, 0.9, scale, 24,        50,   USD/MWh,   alert
"""


def small() -> Case:
    """The border year in days, with the owners of a pipe and a measure."""
    return border_year(days=60, owners=OWNERS, entities=ENTITIES, measures=MEASURES)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(folder: Path, *arguments: str, before: str = "", **environment: str) -> Iterator[str]:
    """Run `kelisim serve ARGUMENTS`; gives the address once it answers.

    before  Python that the process runs first
    """
    port = free_port()
    known = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "KELISIM_RUNS": str(folder / "runs"),
        "OMP_NUM_THREADS": "1",
        **environment,
    }
    known.pop("PYTEST_CURRENT_TEST", None)  # the server must not take itself for a test
    words = [
        f"{before}\nfrom kelisim.cli import main; main()",
        "serve",
        *arguments,
        "--port",
        str(port),
        "--no-browser",
    ]
    log = folder / f"serve_{port}.log"
    with log.open("w") as handle:
        process = subprocess.Popen(
            [sys.executable, "-c", *words], cwd=folder, env=known, stdout=handle, stderr=handle
        )
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 120
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, f"no answer: {log.read_text()}"
            try:
                urllib.request.urlopen(address, timeout=30).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def plan() -> MapSession:
    """The small border year, solved here."""
    found = MapSession(small(), cache=False)
    found.solve()
    return found


@pytest.fixture(scope="session")
def sheet(plan: MapSession) -> MapGeometry:
    return MapGeometry(plan)


@pytest.fixture(scope="session")
def case_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(small(), tmp_path_factory.mktemp("web") / "border_year")


@pytest.fixture(scope="session")
def server(case_folder: Path) -> Iterator[str]:
    """Address of a server that shows the small border year in days."""
    with serving(case_folder.parent, str(case_folder)) as address:
        yield address


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page, as visit(address, width, height); at the end nothing may have gone wrong or been asked of a network."""
    pages = []
    wrong: list[str] = []

    def open_page(address: str, width: int = 1440, height: int = 900) -> Any:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(60_000)
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: None if is_here(request.url) else wrong.append(request.url))
        page.goto(address)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert wrong == []


def is_here(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))
