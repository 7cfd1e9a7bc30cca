"""Wrong words are answered with the right ones: cases, studies, fields and their values."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kelisim import __version__
from kelisim.cli.printing import short_heads
from kelisim.studies.study import find, forms_of, names
from tests.conftest import ROOT, Command


def test_version(cli: Command) -> None:
    """The first question of whoever is asked for help."""
    done = cli("--version")
    assert (done.returncode, done.stdout) == (0, f"kelisim {__version__}\n")


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("mycse", 'Did you mean "mycase"?'),
        ("MyCase2", 'Did you mean "mycase"?'),
        ("deep/winterr", 'Did you mean "deep/winter.xlsx"?'),
        ("referense", 'Did you mean "reference"?'),
        ("qqq", "Give a case folder, a workbook"),
    ],
)
@pytest.mark.parametrize("command", [["check"], ["run", "balance"], ["convert"]])
def test_near_case(
    path: str, hint: str, command: list[str], cli: Command, mycase: Path, tmp_path: Path
) -> None:
    """A slip in a name sends people looking in folders."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "winter.xlsx").touch()
    done = cli(*command, path, *(["there"] if command == ["convert"] else []))
    assert (
        done.returncode == 2 and done.stderr.startswith(f'"{path}" does not exist.') and hint in done.stderr
    )
    assert done.stderr.count("\n") == 1


def test_inside_and_above_the_case(cli: Command, mycase: Path, tmp_path: Path) -> None:
    """Where one is, is what a newcomer gets wrong."""
    assert 'There is one inside: "mycase".' in cli("check", ".").stderr
    os.chdir(mycase)
    assert 'its name here is "."' in cli("check", "mycase").stderr
    assert cli("check", ".").returncode == 0


WRONG = [
    ("contingency", "--day", "15.01.2024", "a date such as 2024-01-15"),
    ("contingency", "--day", "2024-13-01", "a date such as 2024-01-15"),
    ("contingency", "--pairs", "two", "a whole number such as 3"),
    ("contingency", "--seconds", "1,5", "a number such as 0.5"),
    ("disruption", "--share", "nan", "a number such as 0.5"),
    ("balance", "--series", "maybe", "yes or no"),
]


@pytest.mark.parametrize(("study", "field", "value", "form"), WRONG)
def test_wrong_values_are_told_their_form(
    study: str, field: str, value: str, form: str, cli: Command, mycase: Path
) -> None:
    """ "Does not fit" leaves one guessing; day and month are swapped in silence elsewhere."""
    done = cli("run", study, field, value, "mycase")
    assert done.returncode == 2
    assert done.stderr.startswith(f'{field[2:]}: "{value}" is not {form} (')
    assert form in cli("run", study, "--help").stdout


def test_all_that_is_wrong_at_once(cli: Command, mycase: Path) -> None:
    """One slip at a time is a morning."""
    done = cli(
        "run", "contingency", "mycase", "--day", "soon", "--wrokers", "2", "--measure", "x", "--of", "links"
    )
    assert done.stderr.splitlines() == [
        'day: "soon" is not a date such as 2024-01-15 (the day; that of the highest use if not given).',
        'the study contingency has no field "wrokers". Did you mean "workers"?',
        'the study contingency has no field "measure". Known: day, of, carriers, pairs, worst, seconds, place_rule, help_rule, '
        "formula, workers.",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["balnce", "mycase"], 'no study "balnce". Did you mean "balance"?'),
        (["mycase", "balance"], "The study comes first: kelisim run balance mycase"),
        (["balance"], "Of which case? kelisim run balance CASE, such as kelisim run balance reference"),
        (["balance", "mycase", "yes"], '"yes" is not expected here; fields are written as --name value.'),
        (["balance", "mycase", "--series"], "--series needs a value: --series VALUE."),
        (["balance", "mycase", "--series", "--days", "3"], "--series needs a value: --series VALUE."),
        (["balance", "mycase", "--place-rule", "fair"], "Known: none, own_first, cooperative, by_contract."),
        (["balance", "mycase", "--step", "1w"], "Known: 1mo, 1d, 1h."),
    ],
)
def test_words_of_run(words: list[str], said: str, cli: Command, mycase: Path) -> None:
    """What is typed in the wrong place must not be taken for something else."""
    done = cli("run", *words)
    assert done.returncode == 2 and said in done.stderr and not done.stdout


def test_fields_may_stand_anywhere(cli: Command, mycase: Path, tmp_path: Path) -> None:
    """The value of a field before the case is not the case."""
    for at, words in enumerate(
        (["--series", "no", "balance", "mycase"], ["balance", "--series=no", "mycase"])
    ):
        done = cli("run", *words, "--out", f"run{at}")
        assert done.returncode == 0, done.stderr
        assert not (tmp_path / f"run{at}" / "links.flow.parquet").exists()


@pytest.mark.parametrize(
    ("first", "second", "heads"),
    [
        ("before", "after", ("before", "after")),
        ("runs/before", "after", ("before", "after")),
        ("a/run", "b/run", ("a/run", "b/run")),
        (
            "town-balance-20240101-080000-ab12",
            "town-balance-20240101-081500-cd34",
            ("080000-ab12", "081500-cd34"),
        ),
        ("town-balance-20240101-080000-ab12", "winter", ("town-balance-20240101-080000-ab12", "winter")),
    ],
)
def test_heads(first: str, second: str, heads: tuple[str, str]) -> None:
    """Two long names that begin alike leave no room for the numbers."""
    assert short_heads(first, second) == heads


FREE = {
    "study",
    "table",
    "against",
    "draft",
    "at",
    "carrier",
    "country",
    "cournot",
    "event",
    "floor_carrier",
    "from_place",
    "outlooks",
    "side_a",
    "side_b",
    "prefix",
    "state",
    "to_place",
}


@pytest.mark.parametrize("study", names())
def test_every_field_has_a_form(study: str, cli: Command) -> None:
    """Help that leaves out how a value is written sends the reader to the error; only free words need none."""
    words = cli("run", study, "--help").stdout
    assert "None" not in words and "(default: )" not in words
    free = {name for name, form in forms_of(find(study)).items() if not form and name not in FREE}
    assert all("comma" in find(study).__dataclass_fields__[name].metadata["help"] for name in free)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("run ba", ["backcast", "balance"]),
        ("run balance my", ["mycase"]),
        ("check ", ["reference", "mycase"]),
        ("compare be", ["before"]),
        ("ca", ["cache"]),
    ],
)
def test_completion(
    typed: str, offered: list[str], cli: Command, two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell asks at every press of a key."""
    words = ["kelisim", *typed.split(" ")]
    monkeypatch.setenv("COMP_WORDS", " ".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    monkeypatch.setenv("_KELISIM_COMPLETE", "complete_bash")
    assert cli().stdout.split() == offered


def test_completion_is_light(tmp_path: Path, two: None) -> None:
    """What is asked at every press of a key must not wait for pandas."""
    code = "from kelisim.cli.options import *; import sys\nprint(known_runs('af'), known_words('bor'), 'pandas' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == "['after'] ['border'] False\n"
