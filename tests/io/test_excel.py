"""The workbook: exact cells, rows named as Excel names them, and nothing that fills the memory."""

from __future__ import annotations

import csv
import io
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from kelisim import units
from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.case.settings import known
from kelisim.errors import CaseError, UserError
from kelisim.io import csv_folder, excel
from kelisim.io import read as read_any
from kelisim.io import workbook as parts
from kelisim.io.starter import start


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    """A workbook as a person would leave it."""
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, value in enumerate(cells):
                    if value is not None:
                        sheet.write(row, column, value)
    return path


def changed(path: Path, **parts: bytes) -> Path:
    """The same workbook with other parts; a name ends as the part does."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for ending, data in parts.items():
        name = next((name for name in content if name.endswith(f"/{ending}.xml")), f"xl/{ending}.xml")
        content[name] = data
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def message(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        excel.check(path)
    return str(caught.value)


@pytest.fixture
def written(case: Case, tmp_path: Path) -> Path:
    return excel.write(case, tmp_path / "case.xlsx")


# ---- both ways
def test_folder_workbook_folder(folder: Path, written: Path, tmp_path: Path) -> None:
    """Who works in Excel must get the same answer as who works in files."""
    given = csv_folder.read(folder)
    back = csv_folder.read(csv_folder.write(excel.read(written), tmp_path / "back"))
    assert back.diff(given).empty
    assert back.fingerprint == given.fingerprint


def test_settings_survive(case: Case, written: Path) -> None:
    """A list that comes back as text, or 300.0 as 300, is another case."""
    back = excel.read(written).settings
    assert {name: value for name, value in back.items() if name != "horizon"} == {
        name: value for name, value in case.settings.items() if name != "horizon"
    }
    assert [type(back["defaults"][name]) for name in ("level_price", "shortfall_price")] == [float, float]
    assert excel.read(written).horizon == case.horizon


def test_cells_are_typed(written: Path) -> None:
    """A column of numbers stored as text cannot be summed."""
    with CalamineWorkbook.from_path(written) as book:
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert next(iter(sheets)) == "case"
    links = [dict(zip(sheets["links"][0], row, strict=True)) for row in sheets["links"][1:]]
    assert links[0]["capacity"] == 0.1 + 0.2
    assert links[0]["note"] == "000123"
    assert links[0]["in_service_from"] == "1870-05-01"  # before the days that Excel counts
    assert links[1]["in_service_from"].isoformat() == "2024-07-01T06:00:00"
    assert sheets["customer_classes"][1][-1] == "yes"
    assert ["money", "price_year", 2024.0] in sheets["case"]


def test_sheets_help_who_fills_them(written: Path) -> None:
    """Without the header in sight, the column explained and the choices listed, people guess."""
    with zipfile.ZipFile(written) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}
    sheets = [text for name, text in parts.items() if "worksheets/" in name]
    assert all('state="frozen"' in text for text in sheets)
    assert any(
        "<formula1>&quot;yes,no&quot;</formula1>" in text or '<formula1>"yes,no"</formula1>' in text
        for text in sheets
    )
    assert any("base,candidate,idle,restricted" in text for text in sheets)
    comments = " ".join(text for name, text in parts.items() if "comments" in name)
    assert "Most that can flow forward. Required. In the unit of the column unit." in comments


def test_template(tmp_path: Path) -> None:
    """The empty workbook must offer each table, column and setting there is, and be a case when filled."""
    path = excel.template(tmp_path / "new.xlsx")
    with CalamineWorkbook.from_path(path) as book:
        heads = {
            name: book.get_sheet_by_name(name).to_python()[0] for name in book.sheet_names if name != "case"
        }
        settings = book.get_sheet_by_name("case").to_python()[1:]
    assert heads == {
        name: [column.name for column in table.columns] for name, table in schema.tables().items()
    }
    assert [(row[0], row[1]) for row in settings] == [
        (setting.section, setting.key) for setting in known().values()
    ]
    with zipfile.ZipFile(path) as archive:
        assert "none,own_first,cooperative,by_contract" in archive.read("xl/worksheets/sheet1.xml").decode()
    case, problems = excel.check(path)
    assert problems == []
    assert case.name == "new"


def test_a_filled_template_is_the_case(tmp_path: Path) -> None:
    """Who fills in the sheets must get what the files give; columns that stay empty are not there."""
    path, given = excel.template(tmp_path / "mycase.xlsx"), start(tmp_path / "mycase")
    with zipfile.ZipFile(path) as archive:
        names = re.findall(r'<sheet name="(\w+)"', archive.read("xl/workbook.xml").decode())
        heads = {
            f"sheet{at}": archive.read(f"xl/worksheets/sheet{at}.xml") for at in range(1, len(names) + 1)
        }
    filled = {}
    for (part, content), name in zip(heads.items(), names, strict=True):
        table = given / f"{name}.csv"
        if table.exists():
            known = [column.name for column in schema.tables()[name].columns]
            head, *rows = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
            filled[part] = with_rows(
                content, [[(known.index(c), t) for c, t in zip(head, row, strict=True)] for row in rows]
            )
        elif name == "case":
            settings = tomllib.loads((given / "case.toml").read_text(encoding="utf-8"))
            flat = settings | settings["horizon"] | settings["defaults"]
            filled[part] = with_values(
                content, {k: str(v) for k, v in flat.items() if not isinstance(v, dict)}
            )
    case = excel.read(changed(path, **filled))
    assert case.diff(csv_folder.read(given)).empty
    assert case.fingerprint == csv_folder.read(given).fingerprint


def with_rows(sheet: bytes, rows: list[list[tuple[int, str]]]) -> bytes:
    """The part of a sheet with texts typed into the cells below its header."""
    lines = "".join(
        f'<row r="{at}">'
        + "".join(
            f'<c r="{chr(65 + column)}{at}" t="inlineStr"><is><t>{text}</t></is></c>' for column, text in row
        )
        + "</row>"
        for at, row in enumerate(rows, 2)
    )
    return sheet.replace(b"</sheetData>", f"{lines}</sheetData>".encode())


def with_values(sheet: bytes, values: dict[str, str]) -> bytes:
    """The part of the sheet `case` with texts typed in beside the keys."""
    keys = [setting.key for setting in known().values()]
    for key, text in values.items():
        row = keys.index(key) + 2
        cell = f'<c r="C{row}" t="inlineStr"><is><t>{text}</t></is></c>'
        sheet = re.sub(
            rf'(<row r="{row}"[^>]*>.*?)</row>'.encode(), rf"\g<1>{cell}</row>".encode(), sheet, count=1
        )
    return sheet


def test_every_column_that_can_be_picked_has_a_list(tmp_path: Path) -> None:
    """A word typed from memory is the mistake that `check` finds most."""
    with zipfile.ZipFile(excel.template(tmp_path / "new.xlsx")) as archive:
        names = re.findall(r'<sheet name="(\w+)"', archive.read("xl/workbook.xml").decode())
        parts = {
            name: archive.read(f"xl/worksheets/sheet{at}.xml").decode() for at, name in enumerate(names, 1)
        }
    assert names[:6] == ["case", "places", "assets", "asset_ports", "links", "demand"]
    missing = []
    for table in schema.tables().values():
        lists = set(re.findall(r'sqref="([A-Z]+)2:', parts[table.name]))
        for at, column in enumerate(table.columns):
            known = column.type == "ref" and column.refers_to in schema.tables()
            usual = column.type == "unit" and table.dimension_of(column.name)
            letter = (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)
            if (column.choices or column.type == "flag" or known or usual) and letter not in lists:
                missing.append(f"{table.name}.{column.name}")
    assert missing == []
    assert "<formula1>places!$A$2:$A$1001</formula1>" in parts["links"]
    assert "MW,GW,Gcal/h,bcm/year" in parts["links"]


@pytest.mark.parametrize("dimension", ["power", "energy", "energy_price"])
@pytest.mark.parametrize("currency", ["USD", "KZT"])
def test_units_that_are_offered_are_read(dimension: str, currency: str) -> None:
    """A pick list that offers what `check` refuses is a trap."""
    gas, crude = units.Heat("volume", 0.01, 0.0008), units.Heat("mass", 12.5, 0.8)
    offered = units.usual(dimension, currency)
    assert len(offered) > 5
    for unit in offered:
        assert max(units.factor(unit, dimension, heat, 8784, currency) for heat in (gas, crude)) > 0


# ---- what is wrong
def test_problems_name_the_sheet_and_its_row(tmp_path: Path) -> None:
    """The row in the message must be the row that Excel shows, empty rows above and between included."""
    path = workbook(
        tmp_path / "winter.xlsx",
        case=[
            ["section", "key", "value"],
            [None, "name", "winter"],
            ["rules", "plase", "none"],
            ["money", None, 5],
        ],
        places=[["place", "name", "country"], ["a", "A", "RU"], [], ["b", "B", "KZ"]],
        links=[
            [None],
            ["link", "carrier", "from_place", "to_place", "capacity", "capacty", "link"],
            [],
            ["l", "natural_gas", "a", "zz", "ten", None, None],
            ["m", "natural_gas", "a", "b", -1, None, None, "stray"],
        ],
    )
    with pytest.raises(CaseError) as caught:
        excel.read(path)
    lines = str(caught.value).splitlines()
    for line in (
        '  winter.xlsx sheet case row 3, rules.plase: unknown setting. Did you mean "place"?',
        "  winter.xlsx sheet case row 4, key: is empty, and the row has a value. Name the setting.",
        "  winter.xlsx sheet links row 2, link: this column stands twice. Remove one.",
        '  winter.xlsx sheet links row 4, capacity: "ten" is not a number. '
        "Write digits with a point, without separators.",
        '  winter.xlsx sheet links row 4, to_place: no place "zz". Known: a, b.',
        "  winter.xlsx sheet links row 5, capacity: -1 is negative. At least 0.",
        "  winter.xlsx sheet links row 5, H: has a value, and the column has no name. Name it or empty it.",
    ):
        assert line in lines
    assert any("capacty: unknown column." in line and 'Did you mean "capacity"?' in line for line in lines)


def test_error_cells_are_problems(tmp_path: Path) -> None:
    """A broken formula reads as an empty cell and would become the default in silence."""
    path = tmp_path / "case.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("case")
        sheet = book.add_worksheet("places")
        sheet.write_row(0, 0, ["place", "name", "country", "lat"])
        sheet.write_row(1, 0, ["a", "A", "RU"])
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
        sheet.write_formula(1, 1, "=B9", None, "#REF!")
    _, problems = excel.check(path)
    assert [str(problem) for problem in problems] == [
        f"case.xlsx sheet places row 2, {cell}. Put the formula right or write the value."
        for cell in ("name: holds the error #REF!", "lat: holds the error #DIV/0!")
    ]


def test_unknown_sheet(tmp_path: Path) -> None:
    """A sheet that nobody reads is a table that somebody misses."""
    places = [["place", "name", "country"], ["a", "A", "RU"]]
    _, problems = excel.check(
        workbook(tmp_path / "c.xlsx", places=places, Linkz=[["link"], ["x"]], Sheet1=[])
    )
    assert [(problem.file, problem.message, problem.nearest) for problem in problems] == [
        ("c.xlsx sheet Linkz", "no such table.", schema.nearest("Linkz", schema.tables()))
    ]


def test_not_a_case(tmp_path: Path) -> None:
    """Another workbook was picked by mistake."""
    path = workbook(tmp_path / "budget.xlsx", Budget=[["a"]])
    known = schema.some(schema.tables(), 40)
    assert message(path) == (
        f'"{path}" has neither a sheet "case" nor one named as a table: it is not a case. '
        f"Its sheets: Budget. Tables: {known}."
    )


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"hello"])
def test_not_a_workbook(content: bytes, tmp_path: Path) -> None:
    """An old or protected file needs to be saved anew, and the user must hear it."""
    path = tmp_path / "old.xlsx"
    path.write_bytes(content)
    assert message(path) == (
        f'"{path}" is not a sound Excel workbook (File is not a zip file). '
        "Save it as .xlsx, without a password; an .xls file only renamed does not do."
    )


def damaged(path: Path, part: str, how: str) -> Path:
    """The same workbook with broken bytes in the packed content of a part, or cut off within it."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = next(one for one in archive.infolist() if one.filename.endswith(part))
    start = entry.header_offset + 30 + len(entry.filename)
    middle = start + entry.compress_size // 2
    if how == "cut":
        del data[middle:]
    elif how == "flipped":
        data[middle] ^= 1
    else:
        data[start : start + entry.compress_size] = b"\x55" * entry.compress_size
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("part", "how"),
    [("workbook.xml", "overwritten"), ("sheet2.xml", "cut"), ("sharedStrings.xml", "flipped")],
)
def test_a_damaged_workbook(part: str, how: str, written: Path) -> None:
    """A download that broke off was found by brute force to end in a traceback of the unpacker."""
    with pytest.raises(UserError) as caught:
        read_any(damaged(written, part, how))
    assert str(caught.value).startswith(f'"{written}" cannot be read, the file is damaged (')


@pytest.mark.parametrize(
    ("cell", "is_missing"),
    [
        ("<f>0.5/50</f>", True),
        ("<f>0.5/50</f><v></v>", True),
        ('<f t="shared" si="0"/><v/>', True),
        ("<f>0.5/50</f><v>0</v>", True),  # of a writer that cannot compute, and asks the reader to
        ("<f>0.5/50</f><v>0.01</v>", False),
        ("<v>0.01</v>", False),
    ],
)
def test_a_formula_without_its_value_is_a_problem(cell: str, is_missing: bool, tmp_path: Path) -> None:
    """A workbook that a program wrote and nobody opened was found to lose its formulas: the loss of a link was 0."""
    path = workbook(
        tmp_path / "case.xlsx",
        places=[["place", "name", "country"], ["a", "A", "RU"], ["b", "B", "KZ"]],
        links=[
            ["link", "carrier", "from_place", "to_place", "capacity", "loss"],
            ["ab", "electricity", "a", "b", 9, 7777],
        ],
    )
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
    assert sheet.count("<v>7777</v>") == 1
    changed(path, sheet2=sheet.replace("<v>7777</v>", cell).encode())
    said = [str(problem) for problem in excel.check(path)[1] if problem.column == "loss"]
    words = "case.xlsx sheet links row 2, loss: holds a formula that was never computed. Open and save the workbook in a spreadsheet program, or write the value."
    assert said == ([words] if is_missing else [])


def test_a_computed_nothing_is_a_value(tmp_path: Path) -> None:
    """A formula whose text is empty, or whose number is 0 in a book that was computed, would be refused."""
    path = workbook(tmp_path / "case.xlsx", places=[["place", "name", "country"], ["a", "A", "RU"]])
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        book = archive.read("xl/workbook.xml").decode()
    more = (
        '<c r="D2" t="str"><f>IF(FALSE,1,"")</f><v></v></c><c r="E2"><f>1-1</f><v>0</v></c></row></sheetData>'
    )
    changed(
        path,
        sheet1=sheet.replace("</row></sheetData>", more).encode(),
        workbook=book.replace(' fullCalcOnLoad="1"', "").encode(),
    )
    assert [str(problem) for problem in excel.check(path)[1] if "holds" in str(problem)] == []


def test_long_text_is_not_cut(case: Case, tmp_path: Path) -> None:
    """Excel would cut a long route in silence."""
    long = case.table("links").assign(note=["x" * 32_768, ""])
    with pytest.raises(UserError) as caught:
        excel.write(case.with_table("links", long), tmp_path / "c.xlsx")
    assert str(caught.value) == (
        "links, note, row 2: a cell of a workbook holds at most 32,767 letters, "
        "this text has 32,768. Write a case folder instead."
    )


# ---- what would fill the memory
def test_unpacks_to_too_much(written: Path) -> None:
    """A file of 200 kB can unpack to more than the machine has."""
    changed(written, blank=b" " * 201_000_000)
    assert message(written).startswith(
        f'"{written}" unpacks to 201 MB; a workbook of at most 200 MB is read.'
    )


def test_too_many_parts(written: Path) -> None:
    """Many small parts cost as much as a large one."""
    with zipfile.ZipFile(written, "a") as archive:
        for number in range(1_001):
            archive.writestr(f"xl/more/{number}.xml", "<a/>")
    assert re.search(r"has 1,0\d\d parts inside; a workbook of at most 1,000 is read", message(written))


def test_far_corner(written: Path) -> None:
    """Two cells in far corners are a table of seventeen thousand million cells in the reader."""
    far = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    changed(written, sheet2=far % cells)
    assert message(written) == (
        f'"{written}" has a sheet of 1,048,576 rows and 16,384 columns; at most 5,000,000 cells are read. '
        "Remove what stands far outside the table."
    )


def test_repeated_text(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long text stored once and shown in each cell is copied for each."""
    monkeypatch.setattr(parts, "MOST_BYTES", 500_000)
    with zipfile.ZipFile(written) as archive:
        texts = archive.read("xl/sharedStrings.xml")
    changed(
        written,
        sharedStrings=texts.replace(b"<t>links</t>", b"<t>links</t>").replace(
            b"<t>place</t>", b"<t>" + b"x" * 300_000 + b"</t>"
        ),
    )
    assert "of text; at most 0 MB is read" in message(written)


@pytest.mark.parametrize(
    "declaration", [b'<!DOCTYPE x [<!ENTITY a "aaaa">]>', b'<!DOCTYPE x SYSTEM "file:///etc/hosts">']
)
def test_entities_are_refused(declaration: bytes, written: Path) -> None:
    """Entities multiply texts and open files; a workbook has none."""
    with zipfile.ZipFile(written) as archive:
        head, body = archive.read("xl/sharedStrings.xml").split(b"?>", 1)
    changed(written, sharedStrings=head + b"?>" + declaration + body)
    assert "it declares a document type, which a workbook never does" in message(written)


def test_only_measured_parts_are_read(written: Path) -> None:
    """A part that states a smaller size than it has would pass the limits and unpack in the reader."""
    data = bytearray(written.read_bytes())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo("xl/sharedStrings.xml")
    at = data.rindex(b"xl/sharedStrings.xml") - 46 + 24  # the size in the list of parts
    data[at : at + 4] = (entry.file_size // 2).to_bytes(4, "little")
    written.write_bytes(bytes(data))
    assert "cannot be read, the file is damaged (Bad CRC-32" in message(written)
