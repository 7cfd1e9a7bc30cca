"""Pages that are made from the schema and the commands say what these say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_generated_pages_are_up_to_date() -> None:
    """A column or an option that the pages do not know is not there for the user."""
    command = [sys.executable, "-m", "tools.docs", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_table_and_column_is_described() -> None:
    """Who writes a case by hand needs a sentence for each cell."""
    page = (ROOT / "docs/tables.md").read_text(encoding="utf-8")
    missing = [
        path.stem
        for path in (ROOT / "kelisim/case/tables").glob("*.csv")
        if f"\n## {path.stem}\n" not in page
    ]
    assert missing == []
    assert "|  |" not in page, "a column without a description"
