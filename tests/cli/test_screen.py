"""The command `screen`: what it says, what it writes, and the log of what persons decided."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.conftest import Command

LIST = str(Path(__file__).parents[1] / "screening" / "lists" / "ofac.xml")
NAMES = "name,aliases,kind,born,country\nЖанибек Ермолов,Мельник,person,1975,KZ\nТихий Омут,,company,,\nMunai Boran,,company,,KZ\n"


def test_names_against_a_list(cli: Command, tmp_path: Path) -> None:
    """A reader must see which list it was, what is similar, what speaks against it, and that a person decides."""
    (tmp_path / "names.csv").write_text(NAMES, encoding="utf-8")
    done = cli("screen", "names.csv", LIST, "--out", "hits.csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "US Treasury, flat XML of 2025-10-22: 3 entries with 5 names.\nSHA-256 of the file: "
    )
    assert "BGN/PCGN 1947" in done.stdout and "differs" in done.stdout and "decided" not in done.stdout
    assert "2 of 3 names are similar to one on the list (score 0.85 or more)." in done.stdout
    assert "2 hits wait for a person to decide whether the party is the same" in done.stdout
    rows = list(csv.DictReader((tmp_path / "hits.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["entry"], row["score"], row["born_agrees"]) for row in rows] == [
        ("1001", "1.0", "False"),
        ("1002", "0.865", ""),
    ]
    assert all(len(row["list_sha256"]) == 64 and row["list_version"] == "2025-10-22" for row in rows)
    assert cli("screen", "names.csv", LIST, "--out", "hits.csv").returncode == 2


def test_a_decision_is_kept_and_taken_over(cli: Command, tmp_path: Path) -> None:
    """Who decided what, when, on which list and why must be there in a year, and the work not be done twice."""
    (tmp_path / "names.csv").write_text(NAMES, encoding="utf-8")
    decide = ["--log", "log.csv", "--decide", "different", "--name", "Жанибек Ермолов", "--entry", "1001"]
    done = cli("screen", "names.csv", LIST, *decide, "--by", "Compliance officer", "--reason", "born 1975")
    assert done.returncode == 0 and "decided" in done.stdout and "Compliance" in done.stdout
    (row,) = csv.DictReader((tmp_path / "log.csv").read_text(encoding="utf-8").splitlines())
    assert (row["decision"], row["reason"], row["family"], row["list_version"]) == (
        "different",
        "born 1975",
        "OFAC",
        "2025-10-22",
    )
    later = json.loads(cli("screen", "names.csv", LIST, "--log", "log.csv", "--json").stdout)
    assert [(h["decision"], h["changed_since"]) for h in later["hits"]] == [("different", False), ("", False)]
    changed = tmp_path / "changed.xml"
    changed.write_text(
        Path(LIST).read_text(encoding="utf-8").replace("3 Feb 1961", "3 Feb 1975"), encoding="utf-8"
    )
    again = json.loads(cli("screen", "names.csv", str(changed), "--log", "log.csv", "--json").stdout)
    assert [(h["decision"], h["changed_since"]) for h in again["hits"]] == [("different", True), ("", False)]
    assert cli("screen", "names.csv", LIST, *decide, "--by", "Head", "--reason", "seen again").returncode == 0
    assert len((tmp_path / "log.csv").read_text(encoding="utf-8").splitlines()) == 3


def test_what_is_wrong_is_said_at_once(cli: Command, tmp_path: Path) -> None:
    """All that is wrong with a question is told, with the row and the nearest right word; nothing is decided by half."""
    (tmp_path / "names.csv").write_text("name,knid\nA B,person\n", encoding="utf-8")
    (tmp_path / "more.csv").write_text(
        "name,kind,born,country\nA B,persn,soon,Atlantis\n---,,,\n", encoding="utf-8"
    )
    (tmp_path / "log.csv").write_text("a,b\n", encoding="utf-8")
    (tmp_path / "ok.txt").write_text("Munai Boran\n", encoding="utf-8")
    found = {
        ("names.csv", LIST): '1 problem in names.csv\n  row 1: no column "knid". Did you mean "kind"?\n',
        ("more.csv", LIST): (
            '4 problems in more.csv\n  row 2, kind: "persn". Known: person, company, vessel, aircraft. Did you mean "person"?\n'
            '  row 2, born: "soon" is no date such as 1961, 1961-02 or 1961-02-03.\n'
            '  row 2, country: "Atlantis" is no country. Write its name or its code in two letters.\n'
            '  row 3, name: "---" holds no letters to compare.\n'
        ),
        ("ok.txt", LIST, "--least", "0.2"): "least: a score between 0.5 and 1.\n",
        ("ok.txt", LIST, "--decide", "no"): (
            '--decide: "no". Known: same, different, open.\n--name: a decision needs it.\n--entry: a decision needs it.\n'
            "--by: a decision needs it.\n--reason: a decision needs it.\n--log: a decision is kept in a log; name its file.\n"
        ),
        ("ok.txt", LIST, "--by", "me"): "--name, --entry, --by and --reason go with --decide.\n",
        ("ok.txt", "nothing.xml"): '"nothing.xml" cannot be read or written: No such file or directory.\n',
    }
    for arguments, message in found.items():
        done = cli("screen", *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", message)
    assert (
        "not a log of decisions. Its columns are decided, by,"
        in cli("screen", "ok.txt", LIST, "--log", "log.csv").stderr
    )
    nobody = [
        "--log",
        "new.csv",
        "--decide",
        "same",
        "--name",
        "Munai Boran",
        "--entry",
        "9",
        "--by",
        "me",
        "--reason",
        "why",
    ]
    assert (
        cli("screen", "ok.txt", LIST, *nobody).stderr
        == 'No hit of "Munai Boran" with entry "9". Its entries: 1002.\n'
    )
    assert not (tmp_path / "new.csv").exists()


def test_the_entities_of_a_case(cli: Command, mycase: Path) -> None:
    """Who owns what a case holds is the first list of names that an analyst has."""
    assert cli("screen", "mycase", LIST).stderr == 'the case "mycase" has no entities to look for.\n'
    rows = "entity,name,country\nboran,Munai Boran,KZ\nomut,Omut,RU\n"
    (mycase / "entities.csv").write_text(rows, encoding="utf-8")
    found = json.loads(cli("screen", "mycase", LIST, "--json").stdout)
    assert [(hit["entry"], hit["country_agrees"]) for hit in found["hits"]] == [("1002", True)] and found[
        "names"
    ] == 2


def test_nothing_similar(cli: Command, tmp_path: Path) -> None:
    """No hit is an answer, and says of which list; with --json it is one value."""
    (tmp_path / "names.txt").write_text("Nobody At All\n", encoding="utf-8")
    done = cli("screen", "names.txt", LIST)
    assert done.stdout.endswith("No name is similar to one on the list (score 0.85 or more); 1 looked for.\n")
    assert json.loads(cli("screen", "names.txt", LIST, "--json").stdout)["hits"] == []
