"""The rules that keep the house in order: where names, sentences and files may stand."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from kelisim.studies.study import names

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "kelisim"
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
QUIET = ("engine", "model", "lp", "results")  # layers that hold numbers and no sentences
MOST_FILES, MOST_WORDS = 5, 4


def where(path: Path, line: int = 0) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def test_no_private_name_is_imported() -> None:
    """A name that begins with an underscore may change without a word to others."""
    found = [
        where(path, node.lineno)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kelisim")
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    ]
    assert found == []


def test_no_class_name_stands_twice() -> None:
    """Two things of one name are taken for each other."""
    found = defaultdict(list)
    for path, tree in TREES.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(where(path, node.lineno))
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Strings of five or more words outside docstrings and errors."""
    quiet: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            quiet |= set(ast.walk(node.body[0]))
        if isinstance(node, ast.Raise) or (
            isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error")
        ):
            quiet |= set(ast.walk(node))
    for node in ast.walk(tree):
        if node in quiet:
            continue
        if isinstance(node, ast.JoinedStr):
            quiet |= set(node.values)
            text = "".join(str(v.value) if isinstance(v, ast.Constant) else "x" for v in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if len(re.findall(r"[A-Za-z]{2,}", text)) > MOST_WORDS and len(text.split()) > MOST_WORDS:
            yield node.lineno, text


def test_numbers_are_apart_from_words() -> None:
    """A sentence below the pages cannot be said in another language."""
    found = [
        (where(path, line), text)
        for path, tree in TREES.items()
        if path.relative_to(PACKAGE).parts[0] in QUIET
        for line, text in sentences(tree)
    ]
    assert found == []


def test_a_sentence_in_a_quiet_layer_is_seen() -> None:
    """A rule that sees nothing would be worse than none."""
    seen = list(
        sentences(
            ast.parse(
                '"""Docs of this module here."""\nx = "nobody goes short this year"\nraise ValueError("no such thing in here")'
            )
        )
    )
    assert seen == [(2, "nobody goes short this year")]


ASKING = {"run", "run_study", "find", "create", "answer"}


def named_studies(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Studies that a module imports, asks by name, or compares the study of a result with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kelisim.studies."):
            yield node.lineno, (node.module or "").split(".")[2]
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ASKING:
            texts = node.args
        elif isinstance(node, ast.Compare) and ast.unparse(node.left).endswith(".study"):
            texts = [leaf for one in node.comparators for leaf in ast.walk(one) if isinstance(leaf, ast.expr)]
        for text in texts:
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield node.lineno, text.value


def test_a_study_is_named_only_where_it_lives() -> None:
    """What knows a study by name has to be found and changed for the next one."""
    known, found = set(names()), []
    for path, tree in TREES.items():
        inside = [part.removesuffix(".py") for part in path.relative_to(PACKAGE).parts]
        own = inside[1] if inside[0] == "studies" else ""
        found += [(where(path, line), study) for line, study in named_studies(tree) if study in known - {own}]
    assert found == []


def test_a_study_is_small() -> None:
    """What a second study needs moves down before it is written again."""
    for folder in (PACKAGE / "studies").iterdir():
        if folder.is_dir():
            files = [path.name for path in folder.glob("*.py") if path.name != "__init__.py"]
            assert len(files) <= MOST_FILES, f"{folder.name}: {files}"


def test_modules_are_short() -> None:
    """A module that does not fit in a head has a second topic."""
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in TREES}
    assert {where(path): size for path, size in sizes.items() if size > 450} == {}
    real = sorted(size for path, size in sizes.items() if path.name != "__init__.py")
    assert real[len(real) // 2] <= 200
    long = {
        f"{where(path, node.lineno)} {node.name}": node.end_lineno - node.lineno + 1
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.end_lineno and node.end_lineno - node.lineno >= 80
    }
    assert long == {}


def test_few_places_are_kept_from_the_formatter() -> None:
    """A line that the formatter may not touch is a table that should be data."""
    count = sum(path.read_text(encoding="utf-8").count("# fmt: skip") for path in TREES)
    assert count < 60
