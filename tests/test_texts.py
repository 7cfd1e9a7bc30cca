"""Numbers and words are apart: what computes holds no sentence, so that a language needs no code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kelisim import catalog

PACKAGE = Path(__file__).parents[1] / "kelisim"
LAYERS = ("engine", "model", "lp", "results")
MOST = 4  # words; more are a sentence
WORD = re.compile(r"[(\"']*[A-Za-z][a-z'-]*[.,:;)!?\"']*")


def sentences(source: str) -> Iterator[str]:
    """Texts of five words or more outside docstrings and errors; what an f-string puts in is one word."""
    tree = ast.parse(source)
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            passed.add(body[0].value)
        is_error = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("Error", "InputProblem"))
        if isinstance(node, ast.Raise) or is_error:
            passed.update(ast.walk(node))
    for node in ast.walk(tree):
        if node in passed:
            continue
        if isinstance(node, ast.JoinedStr):
            passed.update(node.values)
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "place" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if sum(WORD.fullmatch(word) is not None for word in text.split()) > MOST:
            yield f"line {node.lineno}: {text}"


MODULES = sorted(path for layer in LAYERS for path in (PACKAGE / layer).rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_computes_holds_no_sentence(path: Path) -> None:
    """A sentence that is made where the numbers are is kept in runs, and stays English for ever."""
    assert list(sentences(path.read_text(encoding="utf-8"))) == []


def test_a_sentence_is_seen() -> None:
    """A search that sees nothing would let every sentence in."""
    source = 'def f(x):\n    """One two three four five six."""\n    raise E("a b c d e f")\n    return f"{x} is at its limit"'
    assert list(sentences(source)) == ["line 4: place is at its limit"]


def test_keys_of_the_layers_have_texts() -> None:
    """A key without a text would be shown to the reader as it stands in the code."""
    sections = ("progress", "notice", "rebuild", "measures", "run")
    texts = {key for key in catalog.texts() if key.split(".")[0] in sections}
    code = "".join(path.read_text(encoding="utf-8") for path in MODULES)
    named = set(re.findall(rf'"((?:{"|".join(sections)})\.\w+)"', code)) - {"run.json"}
    columns = {key for key in named if key.startswith("measures.") and key not in texts}
    assert columns <= {
        "measures.use",
        "measures.total",
        "measures.called",
        "measures.harm",
    }  # blocks of the problem
    assert named - columns <= texts
    assert texts <= named
