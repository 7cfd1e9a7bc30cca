"""Lists of strangers: each ends with one sentence, and none with memory that grows with the file."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from kelisim.screening import matching
from kelisim.screening import screen as screening
from kelisim.screening.screen import screen
from kelisim.screening.sought import Sought
from kelisim.screening.streams import LONGEST_RECORD, ListError

HEAD = b'<?xml version="1.0" encoding="utf-8"?><sdnList>'
ENTRY = b"<sdnEntry><uid>1</uid><lastName>Boran Kit</lastName></sdnEntry>"
LONG = LONGEST_RECORD + 200_000
BOMB = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><sdnList>&c;</sdnList>'
DECLARED = "it declares a document type, which can hold entities; no list needs one."
BAD = {
    "laughs": (BOMB, DECLARED),
    "external": (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><sdnList/>', DECLARED),
    "late bomb": (b"<!-- " + b"x" * 60_000 + b" -->" + BOMB, DECLARED),
    "utf16 bomb": (BOMB.decode().encode("utf-16"), DECLARED),
    "undeclared": (HEAD + b"<sdnEntry>&nothing;</sdnEntry></sdnList>", "undefined entity"),
    "encoding": (
        HEAD + "<sdnEntry><lastName>Жук</lastName>".encode("cp1251"),
        "It may be in another encoding than it says.",
    ),
    "unknown encoding": (b'<?xml version="1.0" encoding="no-such"?><sdnList/>', "unknown encoding"),
    "cut": (HEAD + ENTRY + b"<sdnEntry><uid>2</uid>", "It is cut: the file ends within it."),
    "two roots": (HEAD + ENTRY + b"</sdnList><more/>", "junk after document element"),
    "text": (
        HEAD + b"<sdnEntry><lastName>" + b"x" * LONG,
        f"one record is longer than {LONGEST_RECORD:,} bytes.",
    ),
    "attribute": (
        HEAD + b'<sdnEntry a="' + b"x" * LONG,
        f"one record is longer than {LONGEST_RECORD:,} bytes.",
    ),
    "comment": (HEAD + b"<!-- " + b"x" * LONG, f"one record is longer than {LONGEST_RECORD:,} bytes."),
    "head": (b"<!-- " + b"x" * 70_000, "no element begins within its first 65,536 bytes."),
    "deep": (HEAD + b"<a>" * 1000, "more than 40 elements lie within each other."),
    "other xml": (
        b"<html><body/></html>",
        'its outermost element is "html", and known are Designations, Sanctions, export, sdnList.',
    ),
    "no entries": (HEAD + b"</sdnList>", "it has no entries."),
    "empty": (b" \n", "it is empty."),
    "no list": (b"name;born\n", "it is neither XML nor lines of JSON."),
    "long name": (
        HEAD + ENTRY.replace(b"Boran", b"B" * 400) + b"</sdnList>",
        "entry 1 has a name of more than 300 letters.",
    ),
    "line": (b'{"id": "' + b"x" * LONG, f"a line is longer than {LONGEST_RECORD:,} bytes."),
    "lists in lists": (b"{" + b'"a": [' * 200_000, "line 1 is no entity in UTF-8"),
    "no json": (
        b'{"id": "1", "schema": "Person", "properties": {"name": ["A B"]}}\n{"id"',
        "line 2 is no entity in UTF-8",
    ),
    "other json": (
        b'{"id": "1", "schema": "Person", "properties": {"name": "A B"}}',
        "line 1 is no entity in UTF-8",
    ),
    "bytes": (
        b'{"id": "\xff", "schema": "Person", "properties": {"name": ["A B"]}}',
        "line 1 is no entity in UTF-8",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_hostile_list_is_one_sentence(name: str, tmp_path: Path) -> None:
    """A list is read on the machine of a ministry: what is in it must not open a file, fill the memory or end in a traceback."""
    data, expected = BAD[name]
    path = tmp_path / "list.xml"
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(ListError) as raised:
            screen([Sought("Somebody Else")], path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    message = str(raised.value)
    assert message.startswith("list.xml: not a list that can be read: ") and expected in message
    assert "\n" not in message and raised.value.exit_code == 2 and peak < 60_000_000


def test_a_large_list_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """Half an hour of reading is no answer; who means it can say so."""
    path = tmp_path / "list.xml"
    path.write_bytes(HEAD + ENTRY * 1000 + b"</sdnList>")
    with pytest.raises(ListError, match="it is larger than 0 MB, which no list of one authority is"):
        screen([Sought("Boran Kit")], path, most_bytes=10_000)
    assert screen([Sought("Boran Kit")], path).version.entries == 1000


def test_a_list_of_one_name_does_not_stop_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every entry is like every name a part of the pairs is scored, and the rest is counted."""
    monkeypatch.setattr(matching, "MOST_NEAR", 20)
    monkeypatch.setattr(matching, "PAIRS", 1000)
    path = tmp_path / "list.xml"
    body = b"".join(ENTRY.replace(b"<uid>1<", b"<uid>%d<" % at) for at in range(300))
    path.write_bytes(HEAD + body + b"</sdnList>")
    found = screen([Sought(f"Boran Kit {at}") for at in range(8)], path)
    assert len(found.hits) == 8 * 20 and found.left_out == 8 * 280


def test_memory_does_not_grow_with_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times the list must not need three times the memory, nor thousands of hits of one name thousands of rows."""
    monkeypatch.setattr(screening, "PART_OF_LIST", 200)
    long = ENTRY.replace(b"</lastName>", b"</lastName><remarks>" + b"x" * 800 + b"</remarks>")
    peaks, path = [], tmp_path / "list.xml"
    for count in (800, 2_400):
        body = b"".join(long.replace(b"<uid>1<", b"<uid>%d<" % at) for at in range(count))
        path.write_bytes(HEAD + body + b"</sdnList>")
        screen([Sought("Boran Kit")], path)
        tracemalloc.start()
        found = screen([Sought("Boran Kit")], path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(found.hits) == 50 and found.left_out == count - 50
    assert peaks[1] < 1.5 * peaks[0], peaks
