"""What a page, a report or a table says stands in the catalogue, so that it is said in each language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kelisim"
TAG = re.compile(r"<[^>]*>?")
TWO_WORDS = re.compile(r"[A-Za-z][a-z']+[,:;.]? [A-Za-z][a-z']+")
COLUMNS = re.compile(r"-?[\w{}]*(!u)?(:[\w. {}]+)?")  # how a table names its columns
HEADER = re.compile(r"[;=]|'self'|sans-serif")  # of an answer of a server, or a rule of style
NOT_SHOWN = (
    "props",
    "classes",
    "style",
    "_look",
    "getLogger",
    "exception",
    "compile",
)  # calls whose texts nobody reads
NAMES = {
    "Natural Earth": "who drew the ground",
    "boilers other": "an identifier",
    "other boiler houses": "an identifier as people read it, where the catalogue has no name",
    "pl big": "two classes of style",
    "top center": "where a chart writes",
    "Libertinus Serif": "a typeface",
    " is missing": "how an error names a field",
    "solved again": "a value of a result table",
    "does not bind": "a value of a result table",
    "Plots: {}; each gives a figure": "what Python shows of an object",
}
# errors of the command line, logs and what other programs read: they stay English
NOT_FOR_PAGES = (
    "web/listening.py",
    "report/frames.py",
    "web/api/",
    "web/people/audit.py",
    "web/people/register.py",
)


def texts_in_code(source: str) -> Iterator[str]:
    """Texts of two words or more that are neither docstrings nor errors nor names of columns."""
    tree = ast.parse(source)
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            passed.add(body[0].value)
        called = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Raise) or called.endswith("Error"):
            passed.update(ast.walk(node))
        elif isinstance(node, ast.Call) and called in NOT_SHOWN:
            passed.update(inner for own in (*node.args, *node.keywords) for inner in ast.walk(own))
    for node in ast.walk(tree):
        if node in passed:
            continue
        if isinstance(node, ast.JoinedStr):
            passed.update(node.values)
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        is_columns = all(COLUMNS.fullmatch(one) for one in text.split(", "))
        if (
            TWO_WORDS.search(TAG.sub(" ", text))
            and not is_columns
            and not HEADER.search(text)
            and text not in NAMES
        ):
            yield f"line {node.lineno}: {text}"


SHOWN = sorted(
    [
        *(PACKAGE / "web").rglob("*.py"),
        *(PACKAGE / "report").rglob("*.py"),
        *PACKAGE.glob("studies/*/page.py"),
    ]
)


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_text_stands_in_code(path: Path) -> None:
    """A text in code is English on every page, in whatever language the page is."""
    if not path.relative_to(PACKAGE).as_posix().startswith(NOT_FOR_PAGES):
        assert list(texts_in_code(path.read_text(encoding="utf-8"))) == []


def test_a_text_in_code_is_seen() -> None:
    """A search that sees nothing would let every text in."""
    source = (
        'def f(x):\n    """One two."""\n    ui.label(f"{x} is lost").props("dense outlined")\n'
        '    ui.html("<b>Two words</b>")\n    view(x, "name:text, -share:bar", "a:amount carrier")'
    )
    assert sorted(texts_in_code(source)) == ["line 3: {} is lost", "line 4: <b>Two words</b>"]


# ---- text in the scripts and templates of pages
IN_MARKUP = re.compile(
    r"""(?:aria-label|title|placeholder)=["'][A-Za-z]|>[A-Z][a-z]+(?: [a-z]+)*<|textContent = ["'`][A-Z]"""
)


@pytest.mark.parametrize(
    "path",
    sorted([*PACKAGE.rglob("*.js"), *(PACKAGE / "report" / "templates").glob("*.html")]),
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_no_text_stands_in_scripts(path: Path) -> None:
    """A label in a script or a template is English for a screen reader in any language."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line.strip() for line in lines if len(line) < 2_000 and IN_MARKUP.search(line)] == []
