"""What may be let go at a place: yes, no, or carriers by name."""

from __future__ import annotations

from collections.abc import Iterator

from kelisim.case import schema
from kelisim.case.checks.view import CaseView
from kelisim.case.letting_go import NO, YES, words
from kelisim.errors import InputProblem


def allowed(view: CaseView) -> Iterator[InputProblem]:
    """A word that is no carrier, or yes and no beside other words."""
    if "carriers" in view.unread:
        return
    known = sorted(view.ids("carriers"))
    for row, cell in view.rows("places")["may_curtail"].items():
        found = words(str(cell))
        strange = [word for word in found if word not in (YES, NO, *known)]
        if strange:
            near = schema.nearest(strange[0], [YES, NO, *known])
            remedy = "" if near else f"Write yes, no, or carriers: {schema.some(known)}."
            message = f'"{strange[0]}" is neither yes, no nor a carrier.'
            yield view.problem("places", row, "may_curtail", message, remedy, near, "reference")
        elif len(found) > 1 and {YES, NO} & set(found):
            message = f'"{cell}" says {YES if YES in found else NO} and names carriers.'
            remedy = "Write yes for all carriers, no for none, or the carriers that may be let go."
            yield view.problem("places", row, "may_curtail", message, remedy, rule="reference")
