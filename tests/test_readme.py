"""The README's first case works as written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.conftest import Command

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```\w+ title=(\S+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL))
COMMANDS = [
    shlex.split(line)[1:]
    for block in re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line.startswith("kelisim ")
]


def test_first_case_is_short() -> None:
    """Five minutes are promised: a case that is longer takes longer to type."""
    assert sum(len(text.splitlines()) for text in FILES.values()) <= 20
    assert [command[0] for command in COMMANDS] == ["check", "run", "report"]


def test_first_case_works(process: Command, tmp_path: Path) -> None:
    """A newcomer whose first case fails does not write a second."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for command in COMMANDS:
        done = process(*command)
        assert done.returncode == 0, f"kelisim {shlex.join(command)}\n{done.stdout}{done.stderr}"
    assert (tmp_path / "first.html").is_file()
