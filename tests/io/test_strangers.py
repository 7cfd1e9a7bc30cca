"""Files as they lie about in people's folders: each is read with the right value, or gets one line with place and remedy."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from kelisim import io
from kelisim.errors import MOST_LISTED, CaseError, UserError
from kelisim.io import csv_folder, text_file
from tests.conftest import Command
from tests.io.test_excel import changed, workbook

CASE = {
    "case.toml": 'name = "c"\n[horizon]\nstart = 2024-01-01\nend = 2024-12-31\nstep = "1mo"\n',
    "places.csv": "place,name,country\nfield,Field,KZ\ntown,Town,RU\n",
    "assets.csv": "asset,kind,place,capacity,unit\nwell,field,field,5,Mt/year\n",
    "asset_ports.csv": "asset,carrier,ratio\nwell,crude,1\n",
    "links.csv": "link,carrier,kind,from_place,to_place,capacity,unit\npipe,crude,pipeline,field,town,5,Mt/year\n",
    "demand.csv": "place,carrier,customer_class,amount,unit\ntown,crude,export_contract,4,Mt\n",
}
HORIZON = [["section", "key", "value"], ["horizon", "start", "2024-01-01"], ["horizon", "end", "2024-12-31"]]
TAKE_AWAY = "Put the file itself there, or take this away."
ABOVE = "Remove the rows above them: a table begins with the names of its columns."


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """A sound case of two places, for somebody to spoil."""
    home = tmp_path / "stranger"
    home.mkdir()
    for name, text in CASE.items():
        (home / name).write_text(text, encoding="utf-8")
    return home


def said(path: Path) -> list[str]:
    """What is wrong, a line for each problem."""
    return sorted(map(str, io.check(path)[1]))


def rows_of(name: str) -> list[list[Any]]:
    return [line.split(",") for line in CASE[name].splitlines()]


def book(path: Path, **sheets: list[list[Any]]) -> Path:
    """The case as a workbook, with other sheets or more."""
    tables = {name.removesuffix(".csv"): rows_of(name) for name in CASE if name.endswith(".csv")}
    return workbook(path, **{"case": HORIZON, **tables, **sheets})


# ---- rows above the header
TITLES = {
    "a title and an empty line": ("demand.csv", "Demand of 2024\n\n", 3, "Demand of 2024"),
    "a title as wide as the table": ("places.csv", "Places,,\nof the ministry,,\n", 3, "Places"),
    "a remark": ("links.csv", "# pipes, as of May\n", 2, "# pipes"),
}


@pytest.mark.parametrize("above", TITLES)
def test_rows_above_the_header_are_one_problem(above: str, stranger: Path) -> None:
    """Not an unknown column, four missing ones, and places that nobody knows."""
    file, title, row, words = TITLES[above]
    (stranger / file).write_text(title + CASE[file])
    line = f'{file} row 1: the names of the columns stand in row {row}, below "{words}". {ABOVE}'
    assert said(stranger) == [line]


@pytest.mark.parametrize(
    ("table", "above"),
    [
        ("demand", [["Demand 2024"], []]),
        ("places", [["Places", None, "source: x"]]),
        ("assets", [[], ["Wells"]]),
    ],
)
def test_rows_above_the_header_of_a_sheet(table: str, above: list[list[Any]], tmp_path: Path) -> None:
    """The sheet is named, and nothing that follows from it is told."""
    given = book(tmp_path / "b.xlsx", **{table: above + rows_of(f"{table}.csv")})
    (line,) = said(given)
    assert line.startswith(
        f"b.xlsx sheet {table} row {1 if above[0] else 2}: the names of the columns stand in row {len(above) + 1}"
    )


# ---- names of files and sheets
@pytest.mark.parametrize("name", ["demand.CSV", "demand.Csv", "demand.cSV"])
def test_an_ending_in_capitals_is_the_same_table(name: str, stranger: Path) -> None:
    """Before, the case was read without its demand, and sound."""
    (stranger / "demand.csv").rename(stranger / name)
    assert len(io.read(stranger).table("demand")) == 1
    (stranger / "demand.csv").write_text(CASE["demand.csv"])
    first, second = sorted([name, "demand.csv"])
    assert said(stranger) == [f"{second}: holds the same table as {first}. Remove one of them."]


def test_a_case_in_its_place_leaves_no_table_in_capitals(stranger: Path) -> None:
    """A table that stays comes alive in the next case."""
    case = io.read(stranger)
    (stranger / "markets.CSV").write_text("market\n")
    csv_folder.write(case, stranger)
    assert not (stranger / "markets.CSV").exists()
    (stranger / "mine.CSV").write_text("a\n")
    with pytest.raises(UserError, match=r"holds mine\.CSV"):
        csv_folder.write(case, stranger)


@pytest.mark.parametrize("name", ["_calc", "Notes", "NOTES"])
def test_a_sheet_of_ones_own_is_not_read(name: str, tmp_path: Path) -> None:
    """Neither its words nor its errors are the case's."""
    assert said(book(tmp_path / "b.xlsx", **{name: [["my sums"], ["=1/0"]]})) == []


def test_another_sheet_is_told_how_to_be_free(tmp_path: Path) -> None:
    """What could be a table with a wrong name stays a problem."""
    (line,) = said(book(tmp_path / "b.xlsx", sums=[["a"]]))
    assert line.startswith("b.xlsx sheet sums: no such table.")
    assert line.endswith("A sheet of your own is called Notes or begins with _.")


# ---- what cannot be opened
def _folder(path: Path) -> None:
    path.mkdir()


OPENED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a folder": (_folder, "is a folder, not a file"),
    "a pipe": (os.mkfifo, "is a pipe or a device, not a file"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "is a link to a file that is not there"),
}


@pytest.mark.parametrize("what", OPENED)
@pytest.mark.parametrize("name", ["case.toml", "demand.csv"])
def test_a_file_that_cannot_be_opened(what: str, name: str, stranger: Path) -> None:
    """A pipe kept the command waiting for ever."""
    put, words = OPENED[what]
    (stranger / name).unlink()
    put(stranger / name)
    assert said(stranger)[0] == f"{name}: {words}. {TAKE_AWAY}"


@pytest.mark.parametrize("name", ["a.xlsx", "a.geojson", "a.nc", "a"])
def test_a_path_that_cannot_be_opened(name: str, tmp_path: Path) -> None:
    """The same of a case in one file."""
    for what in ("a pipe", "a link to nothing"):
        put, words = OPENED[what]
        (tmp_path / what).mkdir()
        put(tmp_path / what / name)
        with pytest.raises(UserError) as caught:
            io.check(tmp_path / what / name)
        assert str(caught.value) == f'"{tmp_path / what / name}" {words}. Give a case folder or a workbook.'


@pytest.mark.parametrize("what", OPENED)
def test_a_table_of_pypsa_that_cannot_be_opened(what: str, tmp_path: Path) -> None:
    """The same of one file of a network; one whose ending is in capitals is read."""
    put, words = OPENED[what]
    (tmp_path / "buses.csv").write_text("name\nb\n")
    put(tmp_path / "loads.CSV")
    with pytest.raises(UserError) as caught:
        io.check(tmp_path)
    assert str(caught.value) == f'"{tmp_path / "loads.CSV"}" {words}. {TAKE_AWAY}'


# ---- sizes
def test_a_file_larger_than_is_read(stranger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured before it is read, settings and tables alike."""
    monkeypatch.setattr(text_file, "MOST_BYTES", 100)
    (stranger / "places.csv").write_text(CASE["places.csv"] + "x" * 100)
    assert said(stranger)[-1].startswith("places.csv: is larger than 0 MB, the most that is read.")


def test_a_short_row_under_a_wide_header(stranger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million names over a million rows are small as a file and endless in memory."""
    monkeypatch.setattr(csv_folder, "MOST_CELLS", 1000)
    (stranger / "places.csv").write_text(",".join(map(str, range(400))) + "\na\nb\nc\n")
    (line,) = said(stranger)
    assert line.startswith("places.csv: has more than 1,000 cells in 400 columns, the most that are read.")


def test_a_quotation_mark_that_is_not_closed(stranger: Path) -> None:
    """The row in which it opens."""
    (stranger / "places.csv").write_text('place,name,country\nfield,Field,KZ\ntown,"Town,RU\n')
    (line,) = said(stranger)
    assert line.startswith("places.csv row 3: cannot be read: ")


# ---- many problems
def test_at_most_fifty_problems_of_a_file_are_listed(stranger: Path) -> None:
    """A table moved by a column has a problem in each row; other files are not drowned in it."""
    rows = "".join(f"week,,{day},{hour},level,0.5\n" for day in range(1, 8) for hour in range(24))
    (stranger / "profiles.csv").write_text("profile,month,weekday,hour,value,meaning\n" + rows)
    (stranger / "places.csv").write_text(CASE["places.csv"].replace("RU", "Russia"))
    with pytest.raises(CaseError) as caught:
        io.read(stranger)
    count = len(caught.value.problems)
    lines = str(caught.value).splitlines()
    assert count == 2 * 168 + 1
    assert lines[0] == '337 problems in case "c"'
    assert sum(line.startswith("  profiles.csv row") for line in lines) == MOST_LISTED
    assert lines[-1] == "  profiles.csv: and 286 more."
    assert any(line.startswith("  places.csv row 3, country") for line in lines)


# ---- signs
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("To\\u001b[31mwn", "holds a control character, U+001B."),
        ("Town\\ud800", "holds half of a character, U+D800."),
        ("\\udfffTown", "holds half of a character, U+DFFF."),
    ],
)
def test_signs_that_nothing_can_write(name: str, words: str, tmp_path: Path) -> None:
    """JSON can hold half of a character; a page or a table could not be written with it."""
    file = tmp_path / "a.geojson"
    place = '{"type": "Feature", "properties": {"place": "town", "name": "NAME", "country": "RU"}, "geometry": {"type": "Point", "coordinates": [60, 50]}}'
    file.write_text(
        '{"type": "FeatureCollection", "features": [PLACE]}'.replace("PLACE", place).replace("NAME", name)
    )
    lines = [line for line in said(file) if "name:" in line]
    assert lines == [f"a.geojson features row 1, name: {words} Remove it."]


def test_a_sheet_of_formulas_alone(tmp_path: Path) -> None:
    """Nothing in it was ever computed: before, the sheet counted as empty."""
    given = book(tmp_path / "b.xlsx", storages=[[7777]])
    with zipfile.ZipFile(given) as archive:
        sheet = archive.read("xl/worksheets/sheet7.xml").decode()
    changed(given, sheet7=sheet.replace("<v>7777</v>", "<f>X1</f>").encode())
    assert said(given)[0].startswith(
        "b.xlsx sheet storages row 1, A: holds a formula that was never computed."
    )


# ---- found by spoiling files
def test_a_misspelt_property_of_a_link(tmp_path: Path, stranger: Path) -> None:
    """Places and links of a map share a file: the slip ended in a traceback, and was told of the first place."""
    file = io.write(io.read(stranger), tmp_path / "a.geojson")
    document = json.loads(file.read_text().replace('"kind":"pipeline"', '"kimd":"pipeline"'))
    document["features"].reverse()  # the link stands below the places
    file.write_text(json.dumps(document))
    (line,) = said(file)
    assert line.startswith(
        'a.geojson features row 3, kimd: unknown column. Did you mean "kind"? Known: link, name, '
    )


@pytest.mark.parametrize(("style", "number"), [("dd.mm.yyyy", 1e12), ("[h]:mm", -2e9), ("yyyy", 1e300)])
def test_a_number_that_is_no_date(style: str, number: float, tmp_path: Path) -> None:
    """The reader of workbooks stops at it; the same number in another format is a number."""
    for look, is_date in ((style, True), ('0.0" days"', False)):
        made = xlsxwriter.Workbook(tmp_path / "b.xlsx")
        sheet = made.add_worksheet("demand")
        sheet.write_row(0, 0, ["place", "amount"])
        sheet.write_number(1, 1, number, made.add_format({"num_format": look}))
        made.close()
        if is_date:
            with pytest.raises(UserError) as caught:
                io.check(tmp_path / "b.xlsx")
            assert str(caught.value) == (
                f'"{tmp_path / "b.xlsx"}" sheet demand, row 2, column 2: a number that is no date, in a cell with the format of one. '
                "Give the cell the format General, or write a date."
            )
        else:
            assert any(
                line.startswith("b.xlsx sheet demand row 2, place: is empty.")
                for line in said(tmp_path / "b.xlsx")
            )


def test_a_long_cell_is_quoted_in_part(stranger: Path) -> None:
    """Forty thousand letters hide the other problems."""
    (stranger / "demand.csv").write_text(CASE["demand.csv"].replace(",4,", f",{'9x' * 20_000},"))
    (line,) = said(stranger)
    assert line.startswith('demand.csv row 2, amount: "9x9x9x') and " ... " in line
    assert line.endswith('9x" is not a number. Write digits with a point, without separators.')
    assert len(line) < 1_200


def test_half_a_character_is_quoted_as_a_sign(tmp_path: Path, stranger: Path, cli: Command) -> None:
    """Neither a terminal nor a page can show it."""
    file = io.write(io.read(stranger), tmp_path / "a.geojson")
    file.write_text(file.read_text().replace('"amount":4', '"amount":"\\ud800"'))
    done = cli("check", str(file))
    assert 'amount: "\N{REPLACEMENT CHARACTER}" is not a number.' in done.stderr
    told = json.loads(cli("check", str(file), "--json").stdout)["problems"]
    assert [one["message"] for one in told] == ['"\N{REPLACEMENT CHARACTER}" is not a number.']


def test_a_bus_that_is_not_there(tmp_path: Path) -> None:
    """Component, name and the nearest right one, and the text that is no number beside it."""
    (tmp_path / "buses.csv").write_text("name,carrier\nNorth,AC\nSouth,AC\n")
    (tmp_path / "loads.csv").write_text("name,bus,p_set\nl,Nort,5\nm,South,5 MW\nn,,1\n")
    (tmp_path / "global_constraints.csv").write_text("name,type,bus,constant\nco2,primary_energy,,5\n")
    with pytest.raises(CaseError) as caught:
        io.check(tmp_path)
    name = tmp_path.name
    assert sorted(map(str, caught.value.problems)) == [
        f'{name}, loads, bus of "l": no bus "Nort". Did you mean "North"? Known: North, South.',
        f'{name}, loads, bus of "n": is empty, and each stands at a bus. Known: North, South.',
        f'{name}, loads, p_set of "m": "5 MW" is not a number. Write digits with a point, without separators.',
    ]


def test_half_a_character_in_a_name_of_a_thing(tmp_path: Path, stranger: Path) -> None:
    """As the name of a carrier or of a column it ended in a traceback: nothing can look it up."""
    file = io.write(io.read(stranger), tmp_path / "a.geojson")
    text = file.read_text()
    file.write_text(text.replace('"carrier":"crude"', '"carrier":"\\ud800"'))
    assert any('carrier: no carrier "\N{REPLACEMENT CHARACTER}".' in line for line in said(file))
    file.write_text(text.replace('"kind":"pipeline"', '"ki\\udfffd":"pipeline"'))
    (line,) = said(file)
    assert 'ki\N{REPLACEMENT CHARACTER}d: unknown column. Did you mean "kind"?' in line
