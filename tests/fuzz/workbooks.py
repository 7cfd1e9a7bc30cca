"""Workbooks as they come: cells of other types, parts of XML that programs write otherwise, archives that are broken."""

from __future__ import annotations

import datetime
import io
import re
import struct
import warnings
import zipfile
from random import Random

import xlsxwriter

from tests.fuzz.bytes_of import spoilt
from tests.fuzz.folders import Files, rows_of, table
from tests.fuzz.values import SIGNS, TYPED, cell, slip

TAG = re.compile(r"<[^<>]*>")
VALUE = re.compile(r'="([^"<>]*)"')
BETWEEN = re.compile(r">([^<>]+)<")
VALUES = """
0 | 1 | -1 | 99999999 | 2147483648 | 99999999999999999999 | 1.5 | x | A1 | XFD1048576 | ZZZ9999999 | A0 | 1A | $A$1 | a1 | AA | s | n | b | e | d | str | inlineStr | q | true
rId1 | rId999 | rId | /xl/workbook.xml | ../../../x.xml | worksheets/sheet2.xml | worksheets/none.xml | http://x.invalid/ | styles.xml | preserve | veryHidden | 14 | 164
&lt; | &#0; | &#xD800; | &#x1F6B0; | &nbsp; | &x; | demand | Notes | _x | case | buses | [Red] | yyyy | 0001-01-01 | UTF-16 | utf-7
"""  # fmt: skip
TEXTS = [
    "", " ", "0", "-1", "1e999", "nan", "1,5", "x", "9" * 400, "1e-400", "2958466", "-5", "#REF!", "&#10;", "&amp;amp;", "true", "]]&gt;", "_x0000_", "_x001B_", "_xD800_", "2024-01-31",
]  # fmt: skip
PUT = [
    "<v>1</v>", "<f>A1</f>", "<f>1/0</f><v>#DIV/0!</v>", "<is><t>x</t></is>", "<c/>", '<c r="C2"><v>5</v></c>', '<row r="9"/>', "<row/>", "<t>x</t>", "<r><t>x</t></r>", "<si><t/></si>",
    '<mergeCell ref="A1:B2"/>', "<!-- -->", "<![CDATA[1]]>", "<?x y?>", '<!DOCTYPE x [<!ENTITY y "z">]>', "<", ">", "&", "</row>", "<sheetData>", '<c r="XFD1048576"><v>1</v></c>', "<a>" * 3_000,
]  # fmt: skip


def book(files: Files, random: Random) -> bytes:
    """A workbook of the tables of a folder, numbers as numbers, and now and then a cell of another type."""
    content = io.BytesIO()
    off = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    made = xlsxwriter.Workbook(
        content, {"in_memory": True, "nan_inf_to_errors": True, "date_1904": random.random() < 0.1, **off}
    )
    look = made.add_format(
        {"num_format": random.choice(["yyyy-mm-dd", "dd.mm.yy hh:mm", "[h]:mm", "0.0%", "@", '"x"0'])}
    )
    odd = random.random() < 0.5
    for name, rows in [
        (name.removesuffix(".csv"), rows_of(data)) for name, data in files.items() if name.endswith(".csv")
    ]:
        with warnings.catch_warnings():  # the writer tells of what it leaves out
            warnings.simplefilter("ignore")
            _sheet(made, name[:31], rows, look, odd, random)
    made.close()
    return content.getvalue()


def _sheet(
    made: xlsxwriter.Workbook, name: str, rows: list[list[str]], look: object, odd: bool, random: Random
) -> None:
    try:
        sheet = made.add_worksheet(name)
    except xlsxwriter.exceptions.XlsxWriterException:  # a name that no sheet may have
        return
    for number, row in enumerate(rows):
        for at, text in enumerate(row):
            if odd and random.random() < 0.02:
                value = random.choice(TYPED)
                if isinstance(value, (datetime.date, datetime.datetime, datetime.time)):
                    sheet.write_datetime(number, at, value, look)
                elif isinstance(value, str) or random.random() < 0.7:
                    sheet.write(number, at, value)
                else:
                    sheet.write_number(number, at, float(value), look)
            elif odd and random.random() < 0.01:
                sheet.write_formula(
                    number,
                    at,
                    random.choice(["=1+1", "=A1", "=NOW()", '="x"']),
                    None,
                    random.choice([0, "", 5, "x", "#N/A"]),
                )
            else:
                _cell(sheet, number, at, text)


def _cell(sheet: xlsxwriter.worksheet.Worksheet, number: int, at: int, text: str) -> None:
    try:
        value = float(text)
    except ValueError:
        sheet.write_string(number, at, text[:32_000])
    else:
        sheet.write_number(number, at, value) if value == value and abs(
            value
        ) < 1e300 else sheet.write_string(number, at, text)


def parts(data: bytes) -> Files:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(found: Files, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return out.getvalue()


def xml(data: bytes, random: Random) -> bytes:
    """A part whose tags, attributes and texts are others."""
    text = data.decode("utf-8", "replace")
    for _ in range(random.choice([1, 1, 2, 3])):
        pattern = random.choice([TAG, VALUE, VALUE, BETWEEN])
        found = list(pattern.finditer(text))
        if not found:
            continue
        one = random.choice(found)
        start, end = one.span(one.re.groups)
        if pattern is TAG:
            new = random.choice(
                [
                    "",
                    one[0] * 2,
                    one[0] + random.choice(PUT),
                    one[0].replace("<", "<x:"),
                    one[0].upper(),
                    random.choice(PUT),
                ]
            )
        elif random.random() < 0.3:
            new = slip(one[1], random).translate({60: None, 34: None, 38: None})
        else:
            new = random.choice(
                VALUES.strip().replace("\n", " | ").split(" | ") if pattern is VALUE else TEXTS
            )
        text = text[:start] + new + text[end:]
    return text.encode("utf-8", "replace")


def archive(data: bytes, random: Random) -> bytes:
    """An archive with parts lost, twice, of other names or packing, and with wrong sizes and flags."""
    found = parts(data)
    name = random.choice(list(found))
    kind = random.randrange(9)
    if kind == 0:
        del found[name]
    elif kind == 1:
        found[slip(name, random).replace("\0", "") or "x"] = found.pop(name)
    elif kind == 2:
        found[name] = random.choice(
            [
                b"",
                b"<a/>",
                b"\0" * 1_000,
                b"<a>" * 50_000,
                b"<a " + b"x" * 100_000 + b"='1'/>",
                random.randbytes(500),
            ]
        )
    elif kind == 3:
        other = random.choice(list(found))
        found[name], found[other] = found[other], found[name]
    elif kind == 4:
        found |= {f"xl/{number}.xml": b"<a/>" for number in range(random.choice([5, 1_100]))}
    elif kind == 5:
        found |= {name.upper(): found[name], "../x.xml": b"<a/>", "/x.xml": b"<a/>"}
    elif kind == 6:
        return packed(found, random.choice([zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))
    else:
        return _field(packed(found), random)
    return packed(found)


def _field(data: bytes, random: Random) -> bytes:
    """A field of a header of the archive: version, flags, packing, check sum, sizes, lengths, offsets."""
    mark, fields = random.choice(
        [
            (b"PK\x03\x04", (4, 6, 8, 14, 18, 22, 26, 28)),
            (b"PK\x01\x02", (8, 10, 16, 20, 24, 28, 30, 32, 42)),
            (b"PK\x05\x06", (8, 10, 12, 16, 20)),
        ]
    )
    found = [match.start() for match in re.finditer(re.escape(mark), data)]
    at = random.choice(found) + random.choice(fields)
    value = random.choice([0, 1, 8, 12, 99, 0x7FFF, 0xFFFF, random.randrange(0x10000)])
    return data[:at] + struct.pack("<H", value) + data[at + 2 :]


def xlsx(files: Files, base: bytes, random: Random) -> bytes:
    """A workbook spoilt in its cells, its parts, its archive or its bytes."""
    kind = random.random()
    if kind < 0.45:
        found = {name: data for name, data in files.items() if name.endswith(".csv")}
        for _ in range(random.choice([0, 1, 1, 2, 3])):
            table(found, random)
        if random.random() < 0.2:
            found[f"{slip(random.choice(list(found))[:-4], random)}.csv"] = (
                f"a,{cell(random)[:50]}\n".replace("\0", "").encode("utf-8", "replace")
            )
        return book(found, random)
    if kind < 0.75:
        found = parts(base)
        name = random.choice(
            [name for name in found if "sheet" in name or "shared" in name]
            if random.random() < 0.6
            else list(found)
        )
        found[name] = xml(found[name], random)
        if random.random() < 0.1:
            found[name] = found[name].replace(b">", b">" + random.choice(SIGNS).encode("utf-8", "replace"), 1)
        return packed(found)
    return archive(base, random) if kind < 0.88 else spoilt(base, random)
