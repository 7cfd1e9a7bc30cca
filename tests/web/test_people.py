"""People of a server: the file, the command, and what each role and side must not do."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from kelisim.errors import UserError
from kelisim.io import read as read_case
from kelisim.web.api.limits import Bucket
from kelisim.web.api.routes import add
from kelisim.web.guard import Guard
from kelisim.web.people.audit import Audit
from kelisim.web.people.register import Register, hashed, read
from kelisim.web.workspace import Workspace
from tests.conftest import Command
from tests.web.some_people import ROLES, TOKEN, some_people

API = "/api/v1"
WAIT = 60.0  # seconds for a study of a tiny case


class Programs:
    """A server without its pages, and what programs of its people ask."""

    def __init__(self, folder: Path, case: Path) -> None:
        users = some_people(folder)
        self.audit = Audit(folder / "audit.jsonl")
        self.desk = Workspace(str(case), read_case(case), audit=self.audit)
        site = FastAPI(openapi_url=f"{API}/openapi.json")
        add(site, self.desk, self.audit)
        transport = httpx.ASGITransport(Guard(site, Register(users), self.audit))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://map.example")
        self.loop = asyncio.new_event_loop()  # of a thread: the browser tests have one in the main one
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def plain(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run_coroutine_threadsafe(
            self.client.request(method, API + path, **more), self.loop
        ).result()

    def ask(self, name: str, method: str, path: str, **more: Any) -> httpx.Response:
        token = TOKEN if name == "ana" else f"{name}-{TOKEN}"
        return self.plain(method, path, headers={"authorization": f"Bearer {token}"}, **more)

    def close(self) -> None:
        self.desk.close()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, case_folder: Path) -> Iterator[Programs]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KELISIM_RUNS", str(tmp_path_factory.mktemp("runs")))
        made = Programs(tmp_path_factory.mktemp("people"), case_folder)
        yield made
        made.close()


@pytest.fixture(scope="module")
def job(programs: Programs) -> dict[str, Any]:
    """A study that bek of the first side has asked, once it has ended."""
    asked = programs.ask("bek", "POST", "/studies/balance", json={})
    assert asked.status_code == 202
    until = time.monotonic() + WAIT
    while True:
        told: dict[str, Any] = programs.ask("bek", "GET", f"/jobs/{asked.json()['job']}").json()
        if told["is_done"]:
            assert not told["failed"]
            return told
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_run_is_of_its_side_until_it_is_shared(programs: Programs, job: dict[str, Any]) -> None:
    """What one side drafts must not be read across the table: not in the list, not by its name, not its tables or files."""
    run, hidden = job["run"], ("vera", "guest")
    places = [f"/runs/{run}{more}" for more in ("", "/tables/facts", "/files/document.md")]
    for name in ROLES:
        expected = 404 if name in hidden else 200
        assert [programs.ask(name, "GET", place).status_code for place in places] == [expected] * 3
        listed = [one["run"] for one in programs.ask(name, "GET", "/runs").json()]
        assert (run in listed) == (name not in hidden)
        assert programs.ask(name, "GET", f"/jobs/{job['job']}").status_code == expected
    shared = f"/runs/{run}/shared"
    assert programs.ask("vera", "PUT", shared, json={"shared": True}).status_code == 404
    for name in ("bek", "dana"):
        assert programs.ask(name, "PUT", shared, json={"shared": True}).status_code == 403
    assert programs.ask("ana", "PUT", shared, json={"shared": True}).json()["shared"] is True
    assert programs.ask("vera", "GET", places[0]).json()["said"]
    assert programs.ask("vera", "PUT", shared, json={"shared": False}).status_code == 403  # of the other side
    assert programs.ask("ana", "PUT", shared, json={"shared": False}).status_code == 200
    assert programs.ask("vera", "GET", places[0]).status_code == 404
    log = programs.audit.path.read_text(encoding="utf-8") if programs.audit.path else ""
    assert '"person": "ana", "act": "share"' in log and '"person": "bek", "act": "ask"' in log


def test_what_a_viewer_must_not(programs: Programs, job: dict[str, Any]) -> None:
    """Who may only look starts nothing and stops nothing."""
    assert programs.ask("dana", "POST", "/studies/balance", json={}).status_code == 403
    assert programs.ask("dana", "DELETE", f"/jobs/{job['job']}").status_code == 403
    assert programs.ask("vera", "DELETE", f"/jobs/{job['job']}").status_code == 404
    for place in (
        "/me",
        "/case",
        "/case/tables/links",
        "/studies",
        "/studies/disruption",
        "/metrics",
        "/jobs",
    ):
        assert programs.ask("dana", "GET", place).status_code == 200
    assert programs.plain("GET", "/me").status_code == 401
    assert programs.plain("GET", "/health").json()["ok"] is True


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/studies/disruptoin", None, 404),
        ("GET", "/case/tables/lnks", None, 404),
        ("GET", "/runs/.hidden", None, 422),
        ("GET", "/runs/none-such", None, 404),
        ("POST", "/studies/disruption", {"fields": {"lost": "no_such"}}, 202),
        ("POST", "/studies/disruption", {"fields": {"lots": "x"}}, 422),
        ("POST", "/studies/balance", {"step": "1y"}, 404),
        ("POST", "/cuts", {"lost": [], "start": "2024-01-10"}, 422),
        ("POST", "/cuts", {"lost": ["x"], "start": "2024-01-10", "share": 2}, 422),
        ("POST", "/cuts", {"lost": ["x"], "start": "2024-01-10"}, 409),
    ],
)
def test_mistakes_are_told(programs: Programs, method: str, path: str, body: Any, status: int) -> None:
    """A wrong question has a status of its kind and says what is wrong; never an error of the server."""
    found = programs.ask("ana", method, path, **({"json": body} if body is not None else {}))
    assert found.status_code == status
    assert status == 202 or found.json()["detail"]
    if status == 202:
        programs.ask("ana", "DELETE", f"/jobs/{found.json()['job']}")


def test_everything_in_the_description_answers(programs: Programs) -> None:
    """Each address of the description is there, and asks for a login."""
    told = programs.ask("ana", "GET", "/openapi.json").json()
    assert len(told["paths"]) >= 15
    for path, methods in told["paths"].items():
        for method in methods:
            plain = programs.plain(method.upper(), path.removeprefix(API).replace("{", "").replace("}", ""))
            assert plain.status_code == (200 if path.endswith("/health") else 401)


def test_mistakes_in_the_file_of_people_are_all_told(tmp_path: Path) -> None:
    """Whoever writes the file by hand reads all of it at once."""
    path = tmp_path / "users.toml"
    path.write_text(
        '[people.ana]\nrole = "editr"\nsied = "KZ"\n[people."a b"]\nrole = "viewer"\n', encoding="utf-8"
    )
    with pytest.raises(UserError) as caught:
        read(path)
    text = str(caught.value)
    assert (
        text.startswith("3 mistakes") and 'Did you mean "editor"?' in text and 'Did you mean "side"?' in text
    )
    with pytest.raises(UserError, match="10 to 1024"):
        hashed("short")
    with pytest.raises(UserError, match="kelisim users add"):
        Register(tmp_path / "none.toml")


def test_the_command(cli: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add, list, give a token, take out; a name that is nobody's is told with the nearest."""
    monkeypatch.setenv("KELISIM_PASSWORD", "a long password")
    file = ("--file", str(tmp_path / "users.toml"))
    assert cli("users", "add", "ana", "--role", "editr", *file).returncode == 2
    assert cli("users", "add", "ana", "--role", "editor", "--side", "KZ", *file).returncode == 0
    assert (tmp_path / "users.toml").stat().st_mode & 0o077 == 0
    token = cli("users", "token", "ana", *file).stdout.strip()
    register = Register(tmp_path / "users.toml")
    assert (
        register.with_token(token) == register.get("ana") == register.with_password("ana", "a long password")
    )
    assert (
        register.with_password("ana", "another password")
        is None
        is register.with_password("bek", "a long password")
    )
    assert "editor" in cli("users", "list", *file).stdout
    assert 'Did you mean "ana"?' in cli("users", "remove", "anna", *file).stderr
    assert cli("users", "remove", "ana", *file).returncode == 0 and register.get("ana") is None


def test_who_asks_too_often_waits() -> None:
    """Three at once, then one each two seconds."""
    bucket = Bucket(3, 2.0)
    assert [bucket.wait("ana", 10.0) for _ in range(4)] == [0, 0, 0, 2]
    assert bucket.wait("bek", 10.0) == 0
    assert bucket.wait("ana", 11.0) == 1 and bucket.wait("ana", 12.1) == 0
