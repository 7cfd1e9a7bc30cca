"""What a page shows, as the address bar holds it: carrier, day, what is chosen, what is cut, under which rules.

Identifiers and numbers only, no words of a language, which is a code: copying the address is sharing the answer. So it is with the fields
of a study, in an address and in a command.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from kelisim import catalog
from kelisim.case.horizon import LISTED
from kelisim.case.schema import nearest
from kelisim.case.settings import PLACE_RULES, TIME_RULES
from kelisim.model.help import RULES as HELP_RULES
from kelisim.studies.study import find, names, serving
from kelisim.web import texts

# what the map and the border page ask
CUT_STUDY, MEASURES_STUDY, BORDER = (serving(what) for what in ("cut", "cut_with_measures", "regions"))
GAME = serving("game")
MOST_DAYS = 366
_ASKED = {one.name: one.default for one in fields(find(CUT_STUDY))}  # what the study takes if nothing is said
PLACE_RULE, TIME_RULE, HELP_RULE = (str(_ASKED[f"{kind}_rule"]) for kind in ("place", "time", "help"))


@dataclass(frozen=True)
class Cut:
    """What is taken out: elements or shared tracks, from a day on, for some days, by a share of the capacity.

    at  part of the first day in which it begins; with the day if empty
    """

    lost: tuple[str, ...]
    start: date
    days: int = 30
    share: float = 1.0
    place_rule: str = PLACE_RULE
    time_rule: str = TIME_RULE
    help_rule: str = HELP_RULE
    at: str = ""


@dataclass(frozen=True)
class Address:
    """One state of the page. Empty or None is the page's own choice.

    part      of the day, or of a type of day, that the map shows where the carrier is in parts
    measures  the answer with the emergency measures of the case
    levels    the map shows the level of the crisis in each region
    language  in which it was sent on; the reader's own if empty
    """

    page: str = "map"
    step: str = ""
    carrier: str = ""
    day: date | None = None
    chosen: str = ""
    cut: Cut | None = None
    measures: bool = False
    levels: bool = False
    part: str = ""
    language: str = ""
    wrong: tuple[str, ...] = field(default=(), compare=False)

    def at(self, **changes: object) -> Address:
        """The same with other values."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def query(self) -> str:
        """The part of the address after the question mark; empty for the first view."""
        day = "" if self.day is None else self.day.isoformat()
        parts = {"step": self.step, "carrier": self.carrier, "day": day, "part": self.part}
        parts |= {"chosen": self.chosen}
        if self.cut is not None:
            parts |= {"cut": ",".join(self.cut.lost), "from": self.cut.start.isoformat()}
            parts |= {"days": str(self.cut.days), "share": f"{self.cut.share * 100:.12g}"}
            parts |= {"place": self.cut.place_rule, "time": self.cut.time_rule, "help": self.cut.help_rule}
            parts |= {"at": self.cut.at}
        parts |= {"measures": "1" if self.measures else "", "levels": "1" if self.levels else ""}
        parts |= {"lang": self.language}
        return urlencode({name: text for name, text in parts.items() if text}, safe=",:")

    def link(self, page: str = "") -> str:
        """The address of a page in this state."""
        wanted = page or self.page
        path = "/" if wanted == "map" else f"/{wanted}"
        query = self.query()
        return f"{path}?{query}" if query else path


def fields_said(study: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Fields of a study that are not as it has them, as text."""
    own = {one.name: field_text(one.default) for one in fields(find(study))} if study in names() else {}
    texts = {name: field_text(value) for name, value in values.items() if value is not None}
    return {name: text for name, text in texts.items() if text != own.get(name, text)}


def field_text(value: Any) -> str:
    """A value of a field as the command line reads it; nothing is empty."""
    if isinstance(value, (tuple, list)):
        return ",".join(map(field_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).removesuffix(".0")


def study_link(study: str, values: Mapping[str, Any], step: str = "", scenario: str = "") -> str:
    """The address of the form of a study with its fields filled."""
    about = {name: text for name, text in (("step", step), ("scenario", scenario)) if text}
    query = urlencode(about | fields_said(study, values), safe=",:")
    return f"/study/{study}?{query}" if query else f"/study/{study}"


def command(study: str, values: Mapping[str, Any], case: str, **options: str) -> str:
    """The command that asks the same; what a shell would read otherwise is quoted.

    case     folder, workbook or "reference"
    options  of the command beside the fields, such as the step
    """
    words = ["kelisim", "run", study, case]
    for name, text in (options | fields_said(study, values)).items():
        words += [f"--{name.replace('_', '-')}", text]
    return shlex.join(words)


def not_a_part(key: str, text: str, known: Sequence[str]) -> str:
    """What is wrong with a part of the day that the case does not have."""
    near = nearest(text, known)
    hint = (
        said("meant", near=near)
        if near
        else said("known", known=", ".join(known))
        if known
        else said("no_parts")
    )
    return said("not_a_part", key=key, value=text, hint=hint)


def said(key: str, /, **places: object) -> str:
    """What is wrong with an address."""
    return texts.text(f"address.{key}", **places)


def parse(page: str, query: Mapping[str, str]) -> Address:
    """The state that an address holds; what cannot be read is left out and named in `wrong`."""
    wrong: list[str] = []

    def day_of(key: str) -> date | None:
        text = query.get(key, "")
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            wrong.append(said("not_a_day", key=key, value=text))
            return None

    def number(key: str, default: float, low: float, high: float) -> float:
        text = query.get(key, "")
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            wrong.append(said("not_a_number", key=key, value=text, low=f"{low:g}", high=f"{high:g}"))
            return default
        return value

    def rule(key: str, known: tuple[str, ...], default: str) -> str:
        text = query.get(key, "") or default
        if text not in known:
            near = nearest(text, known)
            hint = said("meant", near=near) if near else said("known", known=", ".join(known))
            wrong.append(said("not_a_rule", key=key, value=text, hint=hint))
            return default
        return text

    def yes(key: str) -> bool:
        text = query.get(key, "")
        if text not in ("", "0", "1"):
            wrong.append(said("not_a_switch", key=key, value=text))
        return text == "1"

    lost = tuple(dict.fromkeys(part for part in query.get("cut", "").split(",") if part))
    day, start = day_of("day"), day_of("from")
    cut = None
    if lost:
        if start is None:
            wrong.append(said("no_first_day"))
        else:
            days, share = int(number("days", 30, 1, MOST_DAYS)), number("share", 100.0, 1.0, 100.0) / 100.0
            place, time = rule("place", PLACE_RULES, PLACE_RULE), rule("time", TIME_RULES, TIME_RULE)
            help_ = rule("help", HELP_RULES, HELP_RULE)
            cut = Cut(lost, start, days, share, place, time, help_, query.get("at", ""))
    step = query.get("step", "")
    if step and step not in ("1mo", "1d", "1h", LISTED):
        wrong.append(said("not_a_step", value=step))
        step = ""
    switched = yes("measures"), yes("levels")
    shown, part, language = (query.get(name, "") for name in ("chosen", "part", "lang"))
    if language and language not in catalog.languages():
        near = catalog.meant(language)
        hint = said("meant", near=near) if near else said("known", known=", ".join(catalog.languages()))
        wrong.append(said("not_a_language", value=language, hint=hint))
        language = ""
    carrier = query.get("carrier", "")
    return Address(page, step, carrier, day, shown, cut, *switched, part, language, tuple(wrong))
