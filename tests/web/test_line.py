"""Those who wait for an answer: in turn, not too many, and nobody who has left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from fastapi import Response
from nicegui import core

from kelisim.errors import BusyError
from kelisim.io import read
from kelisim.web import answers, app
from kelisim.web.address import Cut
from kelisim.web.answers import Answers
from kelisim.web.line import Line, Turn
from kelisim.web.views.question import Question
from kelisim.web.workspace import Workspace

CUT = Cut(("pipe_a",), date(2024, 1, 10), 10)


def go(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run it on a loop in another thread: the browser tests have one in this."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(work())).result(timeout=60)


async def soon(holds: Callable[[], bool]) -> None:
    for _ in range(2000):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("waited in vain")


def test_turns() -> None:
    """Who waits sees how many are before; who leaves is not answered, and the others move up."""

    async def visits() -> None:
        line, free, answered = Line("test", most=3), threading.Event(), []
        turns = [Turn(str(at)) for at in range(4)]

        def answer(at: int) -> int:
            free.wait(5)
            answered.append(at)
            return at

        asked = [asyncio.create_task(line.take(turns[0], lambda: answer(0)))]
        await soon(lambda: line.doing == "0")
        asked += [asyncio.create_task(line.take(turns[at], lambda at=at: answer(at))) for at in (1, 2, 3)]  # type: ignore[misc]
        await soon(lambda: len(line) == 3)
        assert [line.before(turn) for turn in turns] == [0, 1, 2, 3]
        with pytest.raises(BusyError) as caught:
            await line.take(Turn("one more"), lambda: 9)
        assert (
            str(caught.value) == "So many questions wait already that no more can: 3. Try again in a moment."
        )
        for_all = asyncio.create_task(line.take(Turn("opening the year"), lambda: 7, is_asked=False))
        await soon(lambda: len(line) == 4)
        asked[1].cancel()
        await soon(lambda: len(line) == 3)
        assert [line.before(turn) for turn in turns] == [0, 0, 1, 2]
        free.set()
        assert [await asked[0], await asked[2], await asked[3], await for_all] == [0, 2, 3, 7]
        assert answered == [0, 2, 3] and len(line) == 0 and line.doing == ""
        line.close()

    go(visits)


def test_failed_question_leaves_the_line() -> None:
    """A question that cannot be answered must not stand before all others for ever."""

    async def visits() -> None:
        line = Line("test", most=1)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await line.take(Turn("dividing"), lambda: 1 / 0)
        assert len(line) == 0 and line.doing == ""

    go(visits)


def test_page_of_a_visitor_who_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of an answer is not made for nobody; where too many wait it is said when to come again."""
    monkeypatch.setattr(app, "LOOK", 0.01)

    async def visits() -> None:
        free, made = threading.Event(), []
        desk: Any = SimpleNamespace(files=Line("test", most=1))

        def request(is_left: bool) -> Any:
            async def is_disconnected() -> bool:
                return is_left

            return SimpleNamespace(url=SimpleNamespace(path="/answer/map"), is_disconnected=is_disconnected)

        def page(name: str) -> Response:
            free.wait(5)
            made.append(name)
            return Response(name)

        first = asyncio.create_task(app._made(desk, request(False), lambda: page("first")))
        await soon(lambda: bool(desk.files.doing))
        assert (await app._made(desk, request(True), lambda: page("left"))).status_code == 499
        waiting = asyncio.create_task(app._made(desk, request(False), lambda: page("second")))
        await soon(lambda: desk.files.is_full)
        refused = await app._made(desk, request(False), lambda: page("third"))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert (
            bytes(refused.body)
            == b"So many questions wait already that no more can: 1. Try again in a moment."
        )
        free.set()
        assert [(await first).body, (await waiting).body] == [b"first", b"second"] and made == [
            "first",
            "second",
        ]

    go(visits)


class Visitor:
    """What a page knows of its browser."""

    def __init__(self) -> None:
        self.has_socket_connection, self.is_deleted = True, False
        self.come: Any = None
        self.leave: Any = None

    def on_connect(self, act: Any) -> None:
        self.come = act

    def on_disconnect(self, act: Any) -> None:
        self.leave = act


@pytest.mark.parametrize("is_there", [False, True], ids=["before_the_visitor", "after_the_year_was_opened"])
def test_question_of_a_visitor_who_left(monkeypatch: pytest.MonkeyPatch, is_there: bool) -> None:
    """Closing a page takes its question out of the line; a connection that was lost for a moment does not lose it."""

    async def visits() -> None:
        monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
        asked: list[tuple[Cut, bool]] = []
        free, visitor = asyncio.Event(), Visitor()

        async def ask(cut: Cut, is_new: bool) -> None:
            asked.append((cut, is_new))
            try:
                await free.wait()
            finally:
                question.turn = None

        visitor.has_socket_connection = is_there
        question = Question(visitor, ask, CUT)  # type: ignore[arg-type]
        question.begin()
        if not is_there:
            assert question.turn is None
            visitor.has_socket_connection = True
            visitor.come()
        question.ask(CUT)  # another while it waits is none
        await soon(lambda: len(asked) == 1)
        visitor.leave()  # of an older connection: the visitor is there
        await asyncio.sleep(0.01)
        assert question.turn is not None
        visitor.has_socket_connection = False
        visitor.leave()
        await soon(lambda: question.turn is None)
        visitor.come()
        await soon(lambda: len(asked) == 2)
        free.set()
        await soon(lambda: question.turn is None)
        visitor.leave()
        visitor.come()
        await asyncio.sleep(0.01)
        assert asked == [(CUT, False), (CUT, False)]

    go(visits)


def test_same_question_is_solved_once(case_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten visitors who open one address must not wait for ten solves."""
    desk, solved = Workspace(str(case_folder), read(case_folder), "1d"), []
    reply = SimpleNamespace(results=SimpleNamespace(tables={}))
    plan = SimpleNamespace(ask=lambda cut, measures, on_first: solved.append((cut, measures)) or reply)
    monkeypatch.setattr(desk, "_open", lambda step: SimpleNamespace(plan=plan))

    async def visits() -> None:
        found = await asyncio.gather(*(desk.ask("1d", CUT) for _ in range(10)))
        assert found == [reply] * 10 and solved == [(CUT, False)]

    go(visits)
    desk.close()


def test_answers_have_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large answers must not fill the memory of the server; the latest used stay."""
    monkeypatch.setattr(answers, "ROOM", 100_000)
    kept, table = Answers(), pd.DataFrame({"value": [0.0] * 4000})
    replies: list[Any] = [SimpleNamespace(results=SimpleNamespace(tables={"t": table})) for _ in range(5)]
    for at in range(3):
        kept.keep(at, replies[at])
    assert kept.get(0) is replies[0]
    kept.keep(3, replies[3])
    assert [kept.get(at) is not None for at in range(4)] == [True, False, True, True]
    monkeypatch.setattr(answers, "ROOM", 1)
    kept.keep(4, replies[4])
    assert len(kept) == 1 and kept.get(4) is replies[4]  # the answer that is shown
