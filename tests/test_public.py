"""The public names: one sorted list, loaded when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import kelisim

HEAVY = ("duckdb", "highspy", "networkx", "numpy", "pandas", "pint", "pyarrow", "scipy")
IMPORT = "import kelisim"
HELP = """
sys.argv = ["kelisim", "--help"]
from kelisim.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


def test_public_names_are_sorted() -> None:
    """A reader finds a name in the list at a glance, and sees one added twice."""
    assert list(kelisim.__all__) == sorted(set(kelisim.__all__))


@pytest.mark.parametrize("name", kelisim.__all__)
def test_public_name_loads(name: str) -> None:
    """A name that is promised and does not load fails at the user's desk."""
    assert getattr(kelisim, name) is not None
    assert name in dir(kelisim)


def test_unknown_name_is_an_attribute_error() -> None:
    """hasattr() and completion in notebooks rely on it."""
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        _ = kelisim.no_such_name


@pytest.mark.parametrize("code", [IMPORT, HELP], ids=["import kelisim", "kelisim --help"])
def test_start_is_light(code: str) -> None:
    """Help and completion must answer at once; numpy, pandas and the solver take longer than that to load."""
    show = f"print(*(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\n{show}"],
        cwd=Path(kelisim.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.split() == []


def test_a_report_does_not_hide_the_reference_case() -> None:
    """`kelisim.reference()` is the first line of the notebook page; a folder of the same name must not take its place."""
    code = "import kelisim, kelisim.report.basemap as g; g.routes(); print(callable(kelisim.reference))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert found.stdout.strip() == "True", found.stderr
