"""Tables and settings as other programs save them: what is no UTF-8 with commas gets one line that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from kelisim.io import csv_folder
from tests.io.conftest import FILES

SAVE = 'Save it as "CSV UTF-8 (comma delimited)", with commas between cells and points in numbers.'
RUSSIAN = FILES["places.csv"].replace("Өріс", "")
WINDOWS = "is not in UTF-8 (it seems to be Windows-1251)"

# what a program makes of a table -> what is said
SAVED = {
    "semicolons": ("links.csv", lambda text: text.replace(",", ";").encode(), f"is separated by semicolons, not by commas. {SAVE}", 0),
    "decimal commas": ("demand.csv", lambda text: text.replace(",", ";").replace(".", ",").encode(), f"is separated by semicolons, not by commas. {SAVE}", 0),
    "quotes": ("assets.csv", lambda text: '"' + text.replace(",", '";"').replace("\n", '"\n"').encode().decode()[:-1], f"is separated by semicolons, not by commas. {SAVE}", 0),
    "a hint for Excel": ("assets.csv", lambda text: "sep=;\n" + text.replace(",", ";"), f"is separated by semicolons, not by commas. {SAVE}", 0),
    "tabs": ("asset_ports.csv", lambda text: text.replace(",", "\t").encode(), f"is separated by tabs, not by commas. {SAVE}", 0),
    "bars": ("observations.csv", lambda text: text.replace(",", "|").encode(), f"is separated by bars, not by commas. {SAVE}", 0),
    "Windows": ("places.csv", lambda text: RUSSIAN.encode("cp1251"), f"{WINDOWS}. {SAVE}", 2),
    "Windows, semicolons": ("places.csv", lambda text: RUSSIAN.replace(",", ";").encode("cp1251"), f"{WINDOWS} and is separated by semicolons, not by commas. {SAVE}", 2),
    "DOS": ("places.csv", lambda text: RUSSIAN.encode("cp866"), f"is not in UTF-8. {SAVE}", 2),
    "UTF-16": ("places.csv", lambda text: text.encode("utf-16"), f"is in UTF-16, not in UTF-8. {SAVE}", 0),
    "UTF-16, tabs": ("places.csv", lambda text: text.replace(",", "\t").encode("utf-16"), f"is in UTF-16, not in UTF-8 and is separated by tabs, not by commas. {SAVE}", 0),
    "settings of Windows": ("case.toml", lambda text: text.replace("–", "-").encode("cp1251"), f"{WINDOWS}. Save it as UTF-8, in the editor under Save as, Encoding.", 2),
    "settings in UTF-16": ("case.toml", lambda text: text.encode("utf-16"), "is in UTF-16, not in UTF-8. Save it as UTF-8, in the editor under Save as, Encoding.", 0),
}  # fmt: skip


def together() -> list[list[str]]:
    """The names in groups in which each file stands once: they are spoilt in one case."""
    groups: list[list[str]] = []
    for name in SAVED:
        free = (group for group in groups if SAVED[name][0] not in {SAVED[other][0] for other in group})
        group = next(free, None)
        if group is None:
            groups.append(group := [])
        group.append(name)
    return groups


@pytest.mark.parametrize("names", together(), ids=lambda names: names[0])
def test_one_line_says_what_to_do(names: list[str], folder: Path) -> None:
    """Hundreds of unknown columns, or of dangling references, hide that a file was saved in another way."""
    expected = []
    for file, spoil, message, row in (SAVED[name] for name in names):
        content = spoil(FILES[file].lstrip("\n"))
        (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        expected.append(f"{file}{f' row {row}' if row else ''}: {message}")
    _, problems = csv_folder.check(folder)
    assert sorted(map(str, problems)) == sorted(expected)


def test_a_mark_of_utf_8_is_read_over(folder: Path) -> None:
    """Excel and editors of Windows begin their UTF-8 with a mark; the case is the same."""
    whole = csv_folder.read(folder).fingerprint
    for file in ("case.toml", "places.csv", "demand.csv"):
        (folder / file).write_bytes(b"\xef\xbb\xbf" + (folder / file).read_bytes())
    assert csv_folder.read(folder).fingerprint == whole


def test_a_comma_in_a_text_is_no_separator(folder: Path) -> None:
    """A table whose cells hold semicolons is separated by commas all the same."""
    (folder / "sources.csv").write_text("source,title\ns,a;b;c;d\n", encoding="utf-8")
    (folder / "bodies.csv").write_text("\n\nbody,name\nb,x;y\n", encoding="utf-8")
    (folder / "tasks.csv").mkdir()  # what cannot be read is named like any other mistake
    assert [str(one) for one in csv_folder.check(folder)[1]] == [
        "tasks.csv: is a folder, not a file. Put the file itself there, or take this away."
    ]
