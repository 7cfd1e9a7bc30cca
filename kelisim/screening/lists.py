"""Which format a list has, and its entries one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from kelisim.screening.entries import Entry, Listing, ListVersion
from kelisim.screening.formats import eu, ftm, ofac, ofac_advanced, uk
from kelisim.screening.streams import MOST_BYTES, ListFile, begins, root_of

_BY_ROOT = {module.ROOT: module for module in (ofac, ofac_advanced, eu, uk)}
LONGEST_NAME = 300  # letters; what is longer is no name
MOST_NAMES = 500  # of one entry


def entries(path: Path, version: ListVersion, most_bytes: int = MOST_BYTES) -> Iterator[Entry | Listing]:
    """Entries of a list of any known format, and programmes that stand apart from them.

    version  is filled while the list is read, its hash at the end
    Raises ListError for what is no list, and for one that is cut, hostile or larger than `most_bytes`.
    """
    source = ListFile(path, most_bytes)
    head = begins(path)
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    root: dict[str, str] = {}
    module: ModuleType = ftm
    if not plain.startswith(b"{"):
        if not plain:
            raise source.error("it is empty.")
        if not plain.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
            raise source.error("it is neither XML nor lines of JSON.")
        name, root = root_of(head, source)
        if name not in _BY_ROOT:
            known = ", ".join(sorted(_BY_ROOT))
            raise source.error(f'its outermost element is "{name[:60]}", and known are {known}.')
        module = _BY_ROOT[name]
    version.family, version.title, version.format = (
        module.FAMILY,
        module.TITLE,
        module.__name__.rpartition(".")[2],
    )
    with source:
        for found in module.read(source, version, root):
            if isinstance(found, Entry):
                if len(found.names) > MOST_NAMES:
                    raise source.error(f"entry {found.id[:60]} has more than {MOST_NAMES} names.")
                if any(len(name.text) > LONGEST_NAME for name in found.names):
                    raise source.error(
                        f"entry {found.id[:60]} has a name of more than {LONGEST_NAME} letters."
                    )
                version.entries += 1
                version.names += len(found.names)
            yield found
        version.sha256 = source.sha256
    if not version.entries:
        raise source.error("it has no entries.")
