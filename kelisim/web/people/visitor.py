"""Who is asking: the person of a session or token, or whoever sits at this machine where nobody has to log in."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from kelisim.errors import ForbiddenError
from kelisim.web.people.register import Person
from kelisim.web.people.roles import EDITOR, MAY, least

HERE = Person("", EDITOR)  # at this machine, without a login


@dataclass(frozen=True)
class Visitor:
    """One who asks.

    person  looks up who it is now: nobody where the session has ended, or the person was taken out
    is_here whether nobody has to log in, so that there are no sides
    """

    person: Callable[[], Person | None]
    is_here: bool = False

    @property
    def now(self) -> Person:
        """Raises ForbiddenError where the visitor is nobody any more."""
        found = self.person()
        if found is None:
            raise ForbiddenError("Your session has ended. Log in again.")
        return found

    def may(self, act: str) -> bool:
        """Whether the role allows something now."""
        found = self.person()
        return found is not None and act in MAY[found.role]

    def must(self, act: str) -> Person:
        """Who it is. Raises ForbiddenError where the role does not allow it."""
        person = self.now
        if act not in MAY[person.role]:
            raise ForbiddenError(f"A {person.role} may not do this; it takes the role {least(act)}.")
        return person


AT_HOME = Visitor(lambda: HERE, is_here=True)
NOBODY = Visitor(lambda: None)
_WHO: ContextVar[Visitor] = ContextVar("visitor", default=NOBODY)


def who() -> Visitor:
    """The visitor whose request, or whose click on a page, is being answered; nobody where none is."""
    return _WHO.get()


def answering(visitor: Visitor) -> None:
    """From now on, in this task, the request of a visitor is answered."""
    _WHO.set(visitor)
