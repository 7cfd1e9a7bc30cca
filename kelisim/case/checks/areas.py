"""Areas of the N-1 formula: each is made of regions and places that there are, and no place is named twice."""

from __future__ import annotations

from collections.abc import Iterator

from kelisim.case import schema
from kelisim.case.checks.view import CaseView, about, each
from kelisim.errors import InputProblem


@about("areas")
def within(view: CaseView) -> Iterator[InputProblem]:
    """An area of a region or place that is not there, or that lies in another area of the same carrier too."""
    places = view.rows("places")
    known = sorted((set(places["place"]) | set(places["region"])) - {""})
    doubtful = bool(view.wrong("places", "region").any()) or "places" in view.unread
    rows = view.rows("areas")
    unsure = view.wrong("areas", "carrier", "within")
    owner: dict[tuple[str, str], str] = {}
    for row, area, carrier, text in each(rows, "area", "carrier", "within"):
        if unsure[row]:
            continue
        for word in (part.strip() for part in str(text).split(";") if part.strip()):
            if word not in known and not doubtful:
                near = schema.nearest(word, known)
                remedy = "" if near else f"Known: {schema.some(known)}."
                message = f'no region and no place "{word}".'
                fixed = near and str(text).replace(word, near, 1)
                yield view.problem("areas", row, "within", message, remedy, fixed, "reference")
            elif (carrier, word) in owner:
                message = f'"{word}" lies in the area {owner[carrier, word]} of {carrier} already.'
                yield view.problem("areas", row, "within", message, "Name it in one of them.", rule="unique")
            owner.setdefault((carrier, word), str(area))
