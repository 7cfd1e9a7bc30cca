"""case.toml is checked against settings.csv as a table is against its columns: type, range, choice, and what goes together."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kelisim.case.assemble import assemble
from kelisim.case.case import Case
from kelisim.case.setting_values import fault
from kelisim.case.settings import SECTIONS, horizon_of, known, sound
from kelisim.io import csv_folder
from kelisim.io.settings import lines_of, settings_of
from tests.case.mutations import TOML

DATE = "Write it as 2024-01-31, without a time zone."
NUMBER = "Write digits with a point, without quotes."

# what stands in the file -> what is said of it
SAID = {
    # dates: ISO or TOML, nothing that two readers read in two ways
    'horizon.start = "01.02.2024"': [f'horizon.start: "01.02.2024" is not a date. {DATE}'],
    'horizon.start = "1/2/2024"': [f'horizon.start: "1/2/2024" is not a date. {DATE}'],
    'horizon.start = "2 January 2024"': [f'horizon.start: "2 January 2024" is not a date. {DATE}'],
    'horizon.start = "20240102"': [f'horizon.start: "20240102" is not a date. {DATE}'],
    'horizon.start = "2024"': [f'horizon.start: "2024" is not a date. {DATE}'],
    "horizon.start = 2024": [f"horizon.start: 2024 is a number, not a date. {DATE}"],
    "horizon.start = 2024-01-01T00:00:00Z": [f"horizon.start: 2024-01-01 00:00:00+00:00 is not a date. {DATE}"],
    'horizon.end = "2024-02-30"': [f'horizon.end: "2024-02-30" is not a date. {DATE}'],
    "horizon.end = 0024-02-28": ["horizon.end: 24 is below 1900. At least 1900."],
    "horizon.end = 9999-12-31": ["horizon.end: 9999 is above 2200. At most 2200."],
    "horizon.end = 2023-12-31\nhorizon.start = 2024-01-01": ["horizon.end: the end lies before the start. The end is the last day, included."],
    "horizon.end = 2024-03-31T12:00:00": ["horizon.end: has an hour, and the step is 1mo. Write the day; a day that begins at another hour has day_starts."],
    'horizon.start = 2024-01-02T06:00:00\nhorizon.step = "1d"': ["horizon.start: has an hour, and the step is 1d. Write the day; a day that begins at another hour has day_starts."],
    'horizon.end = 2024-03-31T12:30:00\nhorizon.step = "1h"': ["horizon.end: 2024-03-31 12:30:00 is not at a whole hour. Write 2024-01-31T05:00."],
    'horizon.start = 2000-01-01\nhorizon.end = 2024-12-31\nhorizon.step = "1h"': ["horizon.end: there are 219,168 steps. At most 100,000 are solved."],
    # steps and hours
    'horizon.step = "2d"': ['horizon.step: "2d" is not one of its values. Known: 1mo, 1d, 1h, 30min, 20min, 15min, 10min, 5min, blocks.'],
    'horizon.step = "blocks"': ["horizon.blocks: is missing, and the step is blocks. Write {night = 8, day = 11, evening = 5}."],
    'horizon.step = "1d"\nhorizon.blocks = {all = 24}': ['horizon.step: "1d" stands beside blocks, which are steps already. Remove one of them, or write parts.'],
    "horizon.blocks = {night = 8, day = 8}": ["horizon.blocks: the hours of the parts add up to 16, not to 24."],
    'horizon.step = "1h"\nhorizon.parts = {all = 24}': ['horizon.parts: the step is 1h, and only days and months have parts. Write step = "1d".'],
    "horizon.parts = {all = 24}\nhorizon.blocks = {all = 24}": ["horizon.blocks: stands beside parts, which say the same. Remove it."],
    'horizon.clock = "UTC5"': ['horizon.clock: "UTC5" is not a clock. Write it as "UTC+5".'],
    "horizon.blocks = {night = -8, day = 32}": ["horizon.blocks: night: -8 is below 1. At least 1."],
    "horizon.blocks = {night = 0, day = 24}": ["horizon.blocks: night: 0 is below 1. At least 1."],
    "horizon.blocks = {night = 7.5, day = 16.5}": ["horizon.blocks: night: 7.5 is not a whole number."],
    "horizon.blocks = [8, 16]": ["horizon.blocks: is a list, not a table. Write {night = 8, day = 11, evening = 5}."],
    "horizon.day_starts = 24": ["horizon.day_starts: 24 is above 23. At most 23."],
    "horizon.stages = 2030": ["horizon.stages: 2030 is a number, not a list. Write [2024, 2030]."],
    # rules and other numbers
    "rules.tranches = 0": ["rules.tranches: 0 is below 1. At least 1."],
    "rules.tranches = 2.5": ["rules.tranches: 2.5 is not a whole number."],
    'rules.tranches = "5"': [f'rules.tranches: "5" is a text, not a number. {NUMBER}'],
    "rules.tranches = true": [f"rules.tranches: true is a yes or no, not a number. {NUMBER}"],
    "rules.tranche_span = nan": [f"rules.tranche_span: nan is not a number. {NUMBER}"],
    "rules.tranche_span = -0.05": ["rules.tranche_span: -0.05 is negative. At least 0."],
    "rules.tranche_span = 5": ["rules.tranche_span: 5 is above 0.5. At most 0.5."],
    'rules.place = "own-first"': ['rules.place: "own-first" is not one of its values. Did you mean "own_first"? Known: none, own_first, cooperative, by_contract.'],
    "crisis.alert = 5": ["crisis.alert: 5 is above 1. At most 1. Write a percentage as a share: 5 % is 0.05."],
    "crisis.early_warning = 0.2": ["crisis: the levels do not rise. early_warning is at most alert, and alert at most emergency."],
    "defaults.shortfall_price = inf": [f"defaults.shortfall_price: inf is not a number. {NUMBER}"],
    'money.currency = "usd"': ['money.currency: "usd" is not one of its values. Did you mean "USD"? Known: USD, EUR, RUB, KZT, CNY, GBP, UZS, KGS, TMT, TRY, AZN, GEL, JPY, CHF.'],
    'defaults.home = "Kazakhstan"': ['defaults.home: "Kazakhstan" is not a country. Two capital letters, such as "KZ".'],
    # texts
    "name = 2024": ["name: 2024 is a number, not a text. Write the text in quotes."],
    'name = "a\\nb"': ['name: "a\\nb" is no name. One line of 1 to 100 letters.'],
    'title = "a\\u0000b"': ['title: "a\\u0000b" has a control character. Remove it.'],
    'display.credits = "us"': ['display.credits: "us" is a text, not a list. Write ["one", "another"].'],
    # sections and keys
    'rules = "none"': ['rules: is "none", not a section. Write [rules] once, and its settings below.'],
    "horizon = []": ["horizon: is a list, not a section. Write [horizon] once, and its settings below."],
    "[[money]]": ["money: is a list, not a section. Write [money] once, and its settings below."],
    "[name]\na = 1": ["name: is a section, not a text. Write the text in quotes."],
    "[rule]\na = 1": ['rule: unknown section. Did you mean "rules"?'],
    "[zebra]": ["zebra: unknown section. Known: horizon, money, defaults, crisis, display, rules."],
    "rules.tranche = 5": ['rules.tranche: unknown setting. Did you mean "tranches"?'],
    "rules.start = 2024-01-01": ["rules.start: unknown setting. It stands under [horizon]."],
    'place = "none"': ["place: unknown setting. It stands under [rules]."],
    'rules.title = "x"': ["rules.title: unknown setting. It stands above all sections."],
    '"a\\nb" = 1': ['"a\\nb": unknown setting. Known: name, title, description, licence, horizon, money, defaults, crisis, display, rules.'],
}  # fmt: skip


def said(text: str) -> list[str]:
    kept, problems = sound(tomllib.loads(text), "case.toml")
    _, more = horizon_of(kept, "case.toml")
    return [str(problem).removeprefix("case.toml, ") for problem in [*problems, *more]]


@pytest.mark.parametrize("text", SAID)
def test_what_is_said(text: str) -> None:
    """A setting that is read as something else, or not at all, changes every answer in silence."""
    assert said(text) == SAID[text]


def test_all_is_said_at_once() -> None:
    """Who is told of one mistake at a time needs as many runs as there are mistakes."""
    every = [text for text in SAID if "." in text.split("=")[0] and "\n" not in text]
    chosen = list({text.partition(" ")[0]: text for text in every}.values())
    found = said("\n".join(chosen))
    assert len(chosen) > 10
    assert len(found) >= len(chosen) - 1  # what goes together is looked at where each alone is right


@pytest.mark.parametrize(
    ("section", "end", "steps"),
    [
        ({"start": date(2024, 1, 1), "end": date(2024, 1, 3), "step": "1h"}, "2024-01-04", 72),
        ({"start": "2024-01-01T05:00", "end": "2024-01-01 06:00", "step": "1h"}, "2024-01-01 07:00", 2),
        ({"start": "2024-01-01", "end": "2024-01-01T00:00", "step": "1h"}, "2024-01-01 01:00", 1),
        ({"start": "2024-01-01", "end": "2024-01-02T07:00", "blocks": {"a": 8, "b": 16}}, "2024-01-02 08:00", 3),
        ({"start": "2025-01-01"}, "2026-01-01", 12),
        ({"end": "2023-02-28", "step": "1d"}, "2023-03-01", 59),
        ({}, "2025-01-01", 12),
    ],
)  # fmt: skip
def test_horizon(section: dict[str, object], end: str, steps: int) -> None:
    """The last day or hour is included; a horizon that ends elsewhere has other years and other totals."""
    settings = {"horizon": section}
    kept, problems = sound(settings, "")
    horizon, more = horizon_of(kept, "")
    assert [*problems, *more] == []
    assert horizon.end == pd.Timestamp(end)
    assert horizon.count == steps
    written = settings_of(settings, horizon)
    assert horizon_of(sound(written, "")[0], "")[0] == horizon


def test_each_row_is_right() -> None:
    """A default that its own check refuses, or a type that nobody checks, would stop every case."""
    for setting in known().values():
        if setting.default:
            assert fault(setting, setting.value) is None, setting.path
        assert fault(setting, object()), setting.path
        assert setting.description and setting.section in ("", *SECTIONS)
    defaults = {section: {s.key: s.value for s in known().values() if s.section == section and s.default} for section in SECTIONS}  # fmt: skip
    assert said_of(defaults) == []


def said_of(settings: dict[str, object]) -> list[str]:
    _, problems = assemble(settings, {}, {})
    return [str(problem) for problem in problems]


def test_what_is_wrong_is_not_used() -> None:
    """Checks of the tables go on after a wrong setting, and must not stumble over it."""
    case, problems = assemble(
        tomllib.loads('rules = 5\n[money]\ncurrency = ["USD"]\n[horizon]\nblocks = 24'), {}, {}
    )
    assert len(problems) == 3
    nothing, problems = assemble({"name": None, "horizon": {"start": None}, "title": "\ud800"}, {}, {})
    assert [str(one) for one in problems][:1] == [
        "case.toml, name: is null, not a text. Write the text in quotes."
    ]
    assert len(problems) == 3 and nothing.fingerprint
    assert (case.currency, case.setting("rules", "tranches"), case.horizon.step) == ("USD", 5, "1mo")


def test_home_is_a_country_of_the_case() -> None:
    """With another home the first page is about nowhere."""
    places = pd.DataFrame({"place": ["a"], "name": ["A"], "country": ["KZ"]}, index=[2], dtype=object)
    _, problems = assemble({"defaults": {"home": "KG"}}, {"places": places}, {})
    assert [str(one) for one in problems] == ['case.toml, defaults.home: no place lies in "KG". Known: KZ.']


# ---- the file
def test_the_line_is_named() -> None:
    """In a file of many lines the reader wants to know where."""
    lines = lines_of(
        TOML + 'x = """\n[rules]\nplace = 1\n"""\n["money"]\n "price_year" = 1\n[horizon . stages]\n'
    )
    found = TOML.split("\n")
    assert found[lines["rules.tranches"] - 1] == "tranches = 5"
    assert found[lines["horizon"] - 1] == "[horizon]"
    assert lines["rules"] == found.index("[rules]") + 1
    assert lines["money.price_year"] == found.index("price_year = 2024") + 1
    assert lines["horizon.stages"] == found.index("stages = [2024, 2030]") + 1


def folder(home: Path, text: str | None) -> tuple[Case, list[str]]:
    (home / "places.csv").write_text("place,name,country\na,A,KZ\n", encoding="utf-8")
    if text is not None:
        (home / "case.toml").write_text(text, encoding="utf-8")
    case, problems = csv_folder.check(home)
    return case, [str(problem) for problem in sorted(problems)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('name = "a"\n\n[rules]\nplase = "none"\n', ['case.toml row 4, rules.plase: unknown setting. Did you mean "place"?']),
        ('name = "a"\nrules.tranches = 0\n', ["case.toml row 2, rules.tranches: 0 is below 1. At least 1."]),
        ("[horizon]\nstep = 1\nstep = 2\n", ["case.toml row 3: cannot be read: cannot overwrite a value. Remove one."]),
        ("[horizon]\n[horizon]\n", ["case.toml row 2: cannot be read: cannot declare horizon twice. Remove one."]),
        ("name = a\n", ["case.toml row 1: cannot be read: invalid value. A line is a section [rules] or a setting key = value, a text stands in straight quotes, a date is 2024-01-31."]),
        ("x = " + "9" * 5_000, ["case.toml: cannot be read: a number too long, or lists too deep. A line is a section [rules] or a setting key = value, a text stands in straight quotes, a date is 2024-01-31."]),
        (None, ["case.toml: is missing. Write one with the name of the case and its horizon: start, end and step."]),
    ],
)  # fmt: skip
def test_lines_of_problems(text: str | None, expected: list[str], tmp_path: Path) -> None:
    """The file, the key and the line: all that is needed to put it right."""
    assert folder(tmp_path, text)[1] == expected


def test_a_file_by_another_name_is_seen(tmp_path: Path) -> None:
    """A system that hides endings makes case.toml.txt of it, and the case would be another one in silence."""
    (tmp_path / "case.toml.txt").write_text('name = "a"\n', encoding="utf-8")
    assert 'Did you mean "case.toml.txt"?' in folder(tmp_path, None)[1][0]


def test_a_mark_at_the_beginning_is_no_text(tmp_path: Path) -> None:
    """An editor that marks its files as UTF-8 spoils nothing."""
    case, problems = folder(tmp_path, '\ufeffname = "marked"\n')
    assert (case.name, problems) == ("marked", [])


def test_numbers_of_a_file_are_kept(tmp_path: Path) -> None:
    """What is checked must be written back as it was, or a converted case is another one."""
    case, problems = folder(tmp_path, TOML.replace("home", "#"))
    assert problems == []
    written = csv_folder.write(case, tmp_path / "again")
    back, _ = csv_folder.check(written)
    assert json.dumps(back.settings["rules"]) == json.dumps(case.settings["rules"])
    assert back.fingerprint == case.fingerprint
