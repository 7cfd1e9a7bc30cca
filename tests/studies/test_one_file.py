"""A study of one short file, dropped into a copy of the package, has at once all that the shipped ones have."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = "gas_field_hub"  # moves most in this case
CASE = ROOT / "tests" / "cases" / "two_sides"
Run = Callable[..., str]

STUDY = '''\
"""The links that move most energy in the least-cost year."""

from __future__ import annotations

from dataclasses import dataclass

from kelisim.engine import Engine
from kelisim.results.facts import Fact
from kelisim.results.results import Results
from kelisim.results.tables import Tables
from kelisim.studies.study import Study, param


@dataclass(frozen=True)
class Busiest(Study):
    """Which links move most energy in the least-cost year?"""

    name, lets_go = "busiest", False
    tables = """
    table, column, type, unit, key, description, formula
    moved, , , , links, one of the links that move most,
    moved, link, text, , links, link,
    moved, carrier, text, , , what it moves,
    moved, energy, number, MWh, , sent in both directions, forward + back over the year
    moved, share, number, share, , of all that links of its carrier move, share: energy
    """
    most: int = param("links to name", default=3)

    def run(self, engine: Engine) -> Results:
        if engine.base.status != "optimal":
            return self.unanswered(engine)
        links = Tables(engine.case, engine.base).links_total
        links["energy"] = links["forward"] + links["back"]
        links["share"] = links["energy"] / links.groupby("carrier")["energy"].transform("sum")
        moved = links.nlargest(self.most, "energy")[["link", "carrier", "energy", "share"]]
        facts = [
            Fact(f"most_{at}", row.energy, "MWh", "{link:element} moves {value:amount carrier}.", **row._asdict())
            for at, row in enumerate(moved[["link", "carrier", "energy"]].itertuples(index=False), 1)
        ]
        return self.results(engine, {"moved": moved.reset_index(drop=True)}, facts)
'''

CHECK = """
import dataclasses, sys
from kelisim.errors import InternalError
from kelisim.io import read
from kelisim.results.facts import Fact, facts_frame
from kelisim.studies.busiest import Busiest
from kelisim.studies.conformance import check_study

case = read(sys.argv[1]).at_step("1mo")
print(sorted(check_study(Busiest(), case)))

def found(change):
    class Wrong(Busiest):
        '''Wrong.'''
        def run(self, engine):
            results = super().run(engine)
            return dataclasses.replace(results, tables=change(dict(results.tables)))
    try:
        check_study(Wrong(), case)
    except InternalError as error:
        print(error)

class Silent(Busiest):
    '''Silent.'''
    lets_go = True
try:
    check_study(Silent(), case)
except InternalError as error:
    print(error)

moved = lambda change: lambda tables: tables | {"moved": change(tables["moved"])}
told = lambda *facts: lambda tables: tables | {"facts": facts_frame(facts)}
found(moved(lambda frame: frame.assign(loss="none")))
found(moved(lambda frame: frame.drop(columns="share")))
found(moved(lambda frame: frame.assign(share="much")))
found(lambda tables: {"facts": tables["facts"]})
found(told(Fact("one", say="busiest.one")))
found(told(Fact("one", say="no number: {how:text}", how="nan")))
found(told())
found(lambda tables: {"moved": tables["moved"]})
found(told(Fact("one", say="a b"), Fact("one", say="a b")))
"""


COMMANDS = """
import contextlib, io, json, sys
from kelisim.cli import main

told = []
for command in json.loads(sys.argv[1]):
    sys.argv = ["kelisim", *command]
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        main()
    told.append(out.getvalue())
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run lines of Python in a copy of the package with one study more; gives what they print."""
    home = tmp_path_factory.mktemp("copy")
    for folder in ("kelisim", "docs", "tools"):
        shutil.copytree(ROOT / folder, home / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (home / "kelisim" / "studies" / "busiest.py").write_text(STUDY, encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(home),
        "KELISIM_CACHE": str(home / "cache"),
        "COLUMNS": "100",
    }

    def call(lines: str, *arguments: str) -> str:
        command = [sys.executable, "-c", lines, *arguments]
        done = subprocess.run(
            command, cwd=home, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def test_the_study_is_short() -> None:
    """Who has a question of his own writes it before lunch."""
    assert len(STUDY.splitlines()) <= 40


def test_a_new_study_is_run_reported_and_explained(python: Run, tmp_path: Path) -> None:
    """A study that needs a line in the command line, the report or the explanations is not one file."""
    page, text = tmp_path / "first.html", tmp_path / "first.md"
    commands = [
        ["run", "busiest", str(CASE), "--most", "2", "--step", "1mo", "--out", "first"],
        *(["report", "first", "--out", str(path)] for path in (page, text)),
        ["explain", "first"],
        ["explain", "first", "moved", f"{LINK}:energy"],
        ["explain", "first", "facts", "most_1:value"],
    ]
    told, _, _, tables, number, fact = json.loads(python(COMMANDS, json.dumps(commands)))
    assert told.count(" moves ") == 2
    for path in (page, text):
        written = path.read_text(encoding="utf-8")
        assert told.splitlines()[0] in written and "Which links move most energy" in written
        assert "One of the links that move most" in written
    assert f"moved {LINK}:energy" in tables and "facts most_1:value" in tables
    assert "What it is: sent in both directions." in number and "How: forward + back" in number
    assert f"links {LINK}" in number and "study busiest" in number
    assert fact.startswith("facts most_1:value = ") and f"links {LINK}" in fact
    assert f"What it is: {told.splitlines()[0]}" in " ".join(fact.split())


def test_a_new_study_has_a_row_in_the_docs(python: Run) -> None:
    """A page that lists eleven of twelve studies hides one."""
    pages = python("from tools import docs; print(docs.commands_page(), docs.results_page())")
    assert "## kelisim run busiest\n\nWhich links move most energy" in pages
    assert "| `--most` | links to name | a whole number such as 3 | - | `3` |" in pages
    assert "| `energy` | MWh | sent in both directions | forward + back over the year |" in pages
    assert "[moved](#busiest-moved)" in pages and "## busiest: moved" in pages


def test_a_new_study_is_held_to_what_all_keep(python: Run) -> None:
    """A check that finds nothing in a wrong study would let it be merged."""
    fine, *wrong = python(CHECK, str(CASE)).splitlines()
    assert fine == "['facts', 'moved']"
    assert wrong == [
        "places.let_go is not there: what an answer lets go has a row with its reason",
        "moved.loss: no description",
        "moved.share: described, not there",
        "moved.share: O, not number",
        "moved: described, not there",
        "busiest.one is no text of the catalogue",
        "a hole in en: no number: nan",
        "the page says nothing in en, or has an empty table",
        "the answer has no facts",
        "the page says nothing in en, or has an empty table",
        "a key of a fact stands twice",
    ]
