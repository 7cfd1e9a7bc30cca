"""Worked pages say what their command prints today."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

WORKED = sorted((Path(__file__).parents[1] / "docs/worked").glob("*.md"))
COMMAND = re.compile(r"^```sh\nkelisim (.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTED = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLES = "Who goes short"


def sentences(text: str) -> str:
    """What is said before the tables, however its lines are broken."""
    return " ".join(text.partition(f"\n{TABLES}")[0].split())


@pytest.mark.parametrize("page", WORKED, ids=lambda path: path.stem)
def test_answer_on_the_page_is_the_answer(
    page: Path, cli: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """A page that shows another answer than its command gives is read once."""
    text = page.read_text(encoding="utf-8")
    (command,), (printed,) = COMMAND.findall(text), PRINTED.findall(text)
    done = cli(*shlex.split(command.replace("\\\n", " ")))
    assert done.returncode == 0, done.stderr
    assert TABLES in printed
    assert sentences(done.stdout) == sentences(printed)
    cells = [
        cell.strip() for line in printed.splitlines() if line.startswith("│") for cell in line.split("│")
    ]
    amounts = {cell for cell in cells if re.fullmatch(r"[\d.,]+ (million m3|[GTM]Wh|k?t)", cell)}
    assert amounts
    assert [amount for amount in sorted(amounts) if amount not in done.stdout] == []
