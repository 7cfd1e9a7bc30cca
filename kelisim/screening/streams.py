"""Reading a list that a stranger wrote: a record at a time, with no declarations, and never more memory than a record needs.

XML: a document type is refused before anything is read, so that no entity can be declared; the rest is read by pieces, and
each record is let go when the next one comes. Lines: each has a longest length.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element
from xml.parsers import expat

from kelisim.errors import UserError

PIECE = 65_536  # bytes that are read at a time, and within which a list has begun
LONGEST_RECORD = 4_194_304  # bytes
DEEPEST = 40  # elements within each other
MOST_BYTES = 400_000_000  # of a list, unless the user says otherwise


class ListError(UserError):
    """A list that cannot be read: which, where, and what to do."""


class ListFile:
    """A file that is read once, with its hash and the number of bytes so far."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self.path, self.most_bytes, self.count = path, most_bytes, 0
        self._hash = hashlib.sha256()
        if path.is_file():
            self._allow(path.stat().st_size)

    def __enter__(self) -> ListFile:
        self._file: BinaryIO = self.path.open("rb")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _allow(self, size: int) -> None:
        if size > self.most_bytes:
            raise self.error(
                f"it is larger than {self.most_bytes / 1e6:,.0f} MB, which no list of one authority is. "
                f"--most-mb lets more through."
            )

    def _took(self, data: bytes) -> bytes:
        self.count += len(data)
        self._allow(self.count)
        self._hash.update(data)
        return data

    def read(self) -> bytes:
        return self._took(self._file.read(PIECE))

    def line(self) -> bytes:
        """The next line; empty at the end."""
        data = self._took(self._file.readline(LONGEST_RECORD + 1))
        if len(data) > LONGEST_RECORD:
            raise self.error(f"a line is longer than {LONGEST_RECORD:,} bytes.")
        return data

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def error(self, what: str) -> ListError:
        return ListError(f"{self.path.name}: not a list that can be read: {what}")


def begins(path: Path) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(PIECE)


class _Reader:
    """Hands on each complete element at one depth below the outermost one; what lies above is never kept."""

    def __init__(self, source: ListFile, depth: int = 0) -> None:
        self.source, self.depth = source, depth
        self.path: list[Element] = []
        self.root: tuple[str, dict[str, str]] | None = None
        self.found: list[Element] = []
        self.short: dict[str, str] = {}
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.EntityDeclHandler = self.refuse
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text

    def refuse(self, *_: object) -> None:
        raise self.source.error("it declares a document type, which can hold entities; no list needs one.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        short = self.short.get(name) or self.short.setdefault(name, name.rpartition(":")[2])
        element = Element(short, attributes)
        path = self.path
        if len(path) > self.depth:
            path[-1].append(element)
            if len(path) > DEEPEST:
                raise self.source.error(f"more than {DEEPEST} elements lie within each other.")
        elif not path:
            self.root = (short, attributes)
        path.append(element)

    def end(self, _: str) -> None:
        element = self.path.pop()
        if len(self.path) == self.depth:
            self.found.append(element)

    def text(self, data: str) -> None:
        element = self.path[-1]
        if len(self.path) > self.depth and not len(element):
            element.text = data if element.text is None else element.text + data

    def feed(self, data: bytes, is_last: bool) -> None:
        try:
            self.parser.Parse(data, is_last)
        except (expat.ExpatError, ValueError, LookupError) as error:
            cut = is_last and not data
            why = (
                "It is cut: the file ends within it."
                if cut
                else "It may be in another encoding than it says."
            )
            raise self.source.error(f"{error}. {why}") from None


def root_of(data: bytes, source: ListFile) -> tuple[str, dict[str, str]]:
    """Name of the outermost element without its namespace, and what it says of itself, from the first bytes of a file."""
    reader = _Reader(source)
    reader.feed(data, False)
    if reader.root is None:
        raise source.error(f"no element begins within its first {PIECE:,} bytes.")
    return reader.root


def xml_records(source: ListFile, depth: int) -> Iterator[Element]:
    """Elements at this depth below the outermost one, one after the other, each complete and then forgotten.

    Their names come without a namespace. Raises ListError for what is cut, badly formed, too deep or too large.
    """
    reader, kept_from = _Reader(source, depth), 0
    while True:
        data = source.read()
        reader.feed(data, not data)
        if reader.found:
            yield from reader.found
            reader.found.clear()
            kept_from = source.count
        if source.count - kept_from > LONGEST_RECORD:
            raise source.error(f"one record is longer than {LONGEST_RECORD:,} bytes.")
        if not data:
            return
