"""Texts of the pages in the language of the visitor."""

from __future__ import annotations

from collections.abc import Callable

from kelisim import catalog

Words = str | Callable[[], str]  # a text, or what makes it in the language of who reads it


def text(key: str, /, **places: object) -> str:
    """A text of the section [web], its places filled as they are; numbers and names are written by report/words.py."""
    return catalog.text(f"web.{key}").format(**places)


def step_name(step: str) -> str:
    """What steps of a length are called: "months"."""
    return text(f"steps.{'own' if step not in ('1mo', '1d', '1h') else step[1:]}")


def read(words: Words) -> str:
    """A text for who reads it now."""
    return words() if callable(words) else words
