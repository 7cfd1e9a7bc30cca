"""The README works as written: its blocks of files and commands, one after the other, in an empty folder."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from kelisim.cli import app
from tests.conftest import Command

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
HOUR = README[README.index("## Five minutes") : README.index("## More")]
BLOCK = re.compile(r"^```(\w+)(?: (title|change)=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(HOUR)
COMMANDS = [line for kind, _, _, text in BLOCKS if kind == "sh" for line in text.splitlines()]


def test_the_first_hour_goes_on() -> None:
    """Who has solved a first case wants to change it, compare, show it and do the next; each of these is a line."""
    assert [shlex.split(line)[:2] for line in COMMANDS] == [
        ["kelisim", command]
        for command in (
            "new",
            "check",
            "run",
            "run",
            "compare",
            "report",
            "explain",
            "runs",
            "new",
            "convert",
        )
    ]
    assert sum(len(text.splitlines()) for kind, _, _, text in BLOCKS if kind != "sh") <= 45


def test_each_line_works(cli: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newcomer whose first case fails does not write a second."""
    monkeypatch.setenv(
        "KELISIM_CACHE", str(tmp_path / "cache")
    )  # a list of runs that is empty, as a newcomer's
    said: dict[str, str] = {}
    for kind, how, name, text in BLOCKS:
        if how == "title":
            assert (tmp_path / name).read_text(encoding="utf-8") == text, f"{name} is not as `new` writes it"
        elif how == "change":
            before = (tmp_path / name).read_text(encoding="utf-8").splitlines()
            assert sum(a != b for a, b in zip(before, text.splitlines(), strict=True)) == 1
            (tmp_path / name).write_text(text, encoding="utf-8")
        for line in text.splitlines() if kind == "sh" else []:
            done = cli(*shlex.split(line)[1:])
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            said[line] = done.stdout
    assert (tmp_path / "after.html").is_file()
    by_start = {" ".join(line.split()[1:3]): text for line, text in said.items()}
    assert "No problem" in by_start["check mycase"]
    compared = by_start["compare before"]
    assert re.search(r"pipe +│ capacity +│ +2 │ +2\.5", compared)  # the change
    assert re.search(r"cost +│ value +│ +417,\S+ │ +144,", compared)  # 418 million before, 145 after
    assert re.search(r"KZ:natural_gas +│ unserved +│ +0\.29\d* │ +0 ", compared)
    assert {"before", "after"} <= set(re.findall(r"│ (\w+) ", by_start["runs"]))


def test_each_command_that_is_mentioned_is_there() -> None:
    """A command in a sentence is typed as well."""
    named = set(re.findall(r"`(?:kelisim|make) ([a-z]\w*)", README)) - {"test"}
    known = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    assert named <= known and {"run", "runs", "serve"} <= named
