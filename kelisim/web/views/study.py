"""Any study on the web: the list of all, and for each a form made of its fields, from which it is asked aside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from html import escape
from string import Formatter
from typing import Any, get_type_hints

from nicegui import ui

from kelisim import catalog
from kelisim.case.case import Case
from kelisim.case.scenarios import ENDS, words_of
from kelisim.case.scenarios import names as names_of_scenarios
from kelisim.errors import KelisimError, StudyError
from kelisim.report import moments
from kelisim.report.numbers import first_lower, first_upper, human, listed
from kelisim.report.words import OF_CASE, Words
from kelisim.studies.study import Study, find, names
from kelisim.web.address import Address, field_text, study_link
from kelisim.web.people.access import of_visitor
from kelisim.web.people.roles import ASK, STOP, least
from kelisim.web.people.visitor import who
from kelisim.web.texts import step_name, text
from kelisim.web.views.head import head
from kelisim.web.views.wait import follow
from kelisim.web.workspace import Workspace

_OF_FIELD = re.compile(
    r"(?:--)?([\w-]+)(?::| is missing:) ?(.+)"
)  # how studies name what is wrong with a field


SCENARIO = "scenario"  # of the address, and of the field of the form


def studies_page(desk: Workspace, address: Address) -> None:
    """All studies with what each asks; a link leads to its form."""
    head(desk, lambda: address)
    items = []
    for name in names():
        question = question_of(desk.words, name)
        items.append(
            f'<li><a class="to" href="{study_link(name, {}, address.step)}">{escape(desk.words.study(name))}</a>'
            f'<span>{escape(question)}</span><span class="asked">{escape(heading_of(desk.words, find(name)))}</span></li>'
        )
    with ui.element("div").classes("k-page"):
        title = text("head.studies")
        ui.html(f'<h2 class="k-title">{title}</h2><ul class="k-runs">{"".join(items)}</ul>', sanitize=False)


def question_of(words: Words, study: str) -> str:
    """The question of a study before anything is asked; nothing where it names what is asked about, or there is none."""
    key = f"{study}.question"
    if not catalog.has(key):
        return ""
    named = {place for _, place, _, _ in Formatter().parse(catalog.text(key, words.language)) if place}
    return words.text(key) if named <= set(OF_CASE) else ""


def heading_of(words: Words, study: type[Study]) -> str:
    """What a study asks: in English the first paragraph of its own text, else that of the catalogue."""
    return words.known(f"studies.{study.name}.asks", study.heading())


class Control:
    """One field of the form: what it is, where it is set, and what is wrong with it."""

    def __init__(
        self, field: Field[Any], hint: Any, case: Case, words: Words, value: str, study: str = ""
    ) -> None:
        self.name, self.default = field.name, field_text(None if field.default is MISSING else field.default)
        about = field.metadata
        label = words.field(field.name)
        is_tuple = str(hint).startswith("tuple")
        self.may_be_empty = is_tuple or hint is str  # else an empty field is as the study has it
        with ui.element("div").classes("k-field").props(f'data-field="{field.name}"'):
            if hint is bool:
                self.input: Any = ui.checkbox(label, value=value == "yes").props('dense color="grey-9"')
            else:
                ui.html(f"<b>{escape(label)}</b>", sanitize=False)
            is_picked = bool(about["choices"] or about["refers_to"] or about["of_case"])
            usual = words.known(f"helps.common.{field.name}", about["help"])
            help_text = words.known(f"helps.{study}.{field.name}", usual)
            help_text = help_text.replace(text("study.by_commas"), "") if is_picked else help_text
            ui.html(escape(first_upper(help_text)), sanitize=False).classes("k-note")
            if about["choices"]:
                self.input = ui.select(choices_of(words, field.name, about["choices"]), value=value)
            elif about["of_case"] == "parts":
                known = parts_of(case, words)
                self.input = ui.select(known, value=value if value in known else "")
            elif about["refers_to"]:
                chosen = [part for part in value.split(",") if part]
                rows = {part: part for part in chosen} | identifiers(case, words, about["refers_to"])
                shown: Any = chosen if is_tuple else chosen[0] if chosen else None
                self.input = ui.select(rows, value=shown, with_input=True, multiple=is_tuple, clearable=True)
                self.input.props("use-chips input-debounce=0 virtual-scroll-slice-size=20")
            elif about["has_lines"]:
                self.input = ui.textarea(value=value).props("autogrow")
            elif hint is not bool:
                kind = "date" if "date" in str(hint) else "number" if hint in (int, float) else "text"
                self.input = ui.input(value=value).props(f"type={kind} step=any")
                self.input.props["suffix"] = words.unit_of_field(about["unit"])
            if hint is not bool:
                self.input.props(f'dense outlined options-dense aria-label="{escape(label, quote=True)}"')
            self._wrong = ui.label().classes("k-wrong").props('role="alert"')
        self.tell("")

    def text(self) -> str:
        """What is set, as the command line would read it."""
        return field_text(self.input.value)

    def tell(self, wrong: str) -> None:
        """What is wrong with it; nothing if empty."""
        self._wrong.set_text(first_upper(wrong))
        self._wrong.set_visibility(bool(wrong))


def choices_of(words: Words, field: str, choices: Iterable[str]) -> dict[str, str]:
    """Values that a field may have, with what each means; rules are texts of the catalogue."""
    return {choice: choice_name(words, field, choice) for choice in choices}


def choice_name(words: Words, field: str, choice: str) -> str:
    """What a value of a field means; that of a rule is a text of the catalogue."""
    key = f"rules.{field.removesuffix('_rule')}_{choice}"
    return words.text(key) if catalog.has(key) else words.known(f"choices.{choice}", human(choice))


def parts_of(case: Case, words: Words) -> dict[str, str]:
    """Parts of the day in which something may begin, with their words; only the whole day where days have none."""
    parts = case.horizon.parts if case.horizon.has_parts else ()
    named = {name: first_upper(moments.part_name(name, words.language)) for name, _ in parts}
    return {"": words.text("parts.with_the_day"), **named}


def identifiers(case: Case, words: Words, tables: tuple[str, ...]) -> dict[str, str]:
    """Identifier -> name of the rows of some tables, in the order of names."""
    found: dict[str, str] = {}
    for table in tables:
        for key in map(str, case.table(table).iloc[:, 0]):
            found.setdefault(key, f"{words.element(table, key)} ({key})")
    return dict(sorted(found.items(), key=lambda pair: pair[1].lower()))


def scenarios_of(case: Case, words: Words) -> dict[str, str]:
    """Scenarios of a case, each also at either end of its range, with what people call them."""
    found: dict[str, str] = {}
    for scenario, name in names_of_scenarios(case).items():
        found[scenario] = name
        found |= {f"{scenario}:{end}": words.text(f"scenarios.{end}", name=name) for end in ENDS}
    return found


def study_page(desk: Workspace, name: str, query: Mapping[str, str]) -> None:
    """The form of a study; of a name that is none, the nearest."""
    try:
        StudyPage(desk, find(name), query).build()
    except StudyError as error:
        head(desk, lambda: Address("studies"))
        with ui.element("div").classes("k-page"):
            ui.label(text("study.there_is", error=error)).classes("k-warn")


class StudyPage:
    """The form of a study, and what becomes of it."""

    def __init__(self, desk: Workspace, study: type[Study], query: Mapping[str, str]) -> None:
        self.desk, self.study, self.query, self.visitor = desk, study, query, who()
        self.step = query.get("step", "") if query.get("step") in desk.steps else desk.step

    def build(self) -> None:
        address = Address("studies", self.step)
        head(self.desk, lambda: address)
        with ui.element("div").classes("k-page"):
            title = self.desk.words.study(self.study.name)
            question, more = heading_of(self.desk.words, self.study), ""
            if question == self.study.heading():
                more = (self.study.__doc__ or "").strip().partition("\n\n")[2]
            rest = f'<p class="k-note">{escape(more)}</p>' if more else ""
            ui.html(
                f'<h2 class="k-title">{escape(title)}</h2><p>{escape(question)}</p>{rest}', sanitize=False
            )
            with ui.element("div").classes("k-box k-fields"):
                self._form()
            self.wrong = ui.label().classes("k-warn").props('role="alert"')
            self.wrong.set_visibility(False)
            with ui.element("div").classes("k-do"):
                self.button = ui.button(text("study.run"), on_click=self._run, color=None).props(
                    "unelevated no-caps"
                )
                self.button.classes("k-cut k-run")
                if not self.visitor.may(ASK):
                    self.button.disable()
                    ui.label(text("people.may_not", role=text(f"people.{least(ASK)}"))).classes("k-note")
            self.progress = ui.element("div")

    def _form(self) -> None:
        hints = get_type_hints(self.study)
        case = self.desk.cases[self.step]
        self.controls: dict[str, Control] = {}
        for field in fields(self.study):
            default = field_text(None if field.default is MISSING else field.default)
            value, hint = self.query.get(field.name, default), hints[field.name]
            self.controls[field.name] = Control(field, hint, case, self.desk.words, value, self.study.name)
        self.steps: Any = None
        if len(self.desk.steps) > 1:
            with ui.element("div").classes("k-field"):
                ui.html(f"<b>{text('study.steps')}</b>", sanitize=False)
                ui.html(text("study.length"), sanitize=False).classes("k-note")
                options = {step: step_name(step) for step in self.desk.steps}
                self.steps = ui.select(options, value=self.step).props("dense outlined")
                self.steps.props["aria-label"] = text("study.steps")
        self._scenario(case)

    def _scenario(self, case: Case) -> None:
        """Under which scenarios of the case it is asked; nothing where the case has none."""
        self.scenario: Any = None
        options = scenarios_of(case, self.desk.words)
        if not options or SCENARIO in self.controls:
            return
        chosen = [word for word in words_of(self.query.get(SCENARIO, "")) if word in options]
        with ui.element("div").classes("k-field").props(f'data-field="{SCENARIO}"'):
            ui.html(f"<b>{escape(self.desk.words.text('scenarios.title'))}</b>", sanitize=False)
            ui.html(escape(self.desk.words.text("scenarios.help")), sanitize=False).classes("k-note")
            self.scenario = ui.select(options, value=chosen, with_input=True, multiple=True, clearable=True)
            self.scenario.props("use-chips dense outlined options-dense")
            self.scenario.props["aria-label"] = text("study.scenario")

    def _given(self) -> dict[str, str]:
        """Fields that are set; what is left empty is as the study has it."""
        found = {}
        for name, control in self.controls.items():
            value = control.text()
            if value or (control.may_be_empty and control.default):
                found[name] = value
        return found

    def _run(self) -> None:
        self._tell("")
        given, step = self._given(), str(self.steps.value) if self.steps else self.step
        scenario = field_text(self.scenario.value) if self.scenario else ""
        ui.navigate.history.replace(study_link(self.study.name, given, step, scenario))
        try:
            person = self.visitor.must(ASK)
            job = self.desk.run(self.study.name, step, given, scenario, of_visitor(self.visitor))
            self.desk.audit.write(person.name, ASK, self.study.name, job=job.key)
        except KelisimError as error:
            self._tell(str(error))
            return
        self.button.disable()

        def done() -> None:
            self.button.enable()
            if job.run:
                ui.navigate.to(f"/run/{job.run}")
            else:
                self._tell(job.failed)

        with self.progress:
            follow(job, str, done, None if self.visitor.may(STOP) else "")

    def _tell(self, wrong: str) -> None:
        """What is wrong, each line beside the field that it names; nothing if empty."""
        of_field: dict[str, list[str]] = {}
        others = []
        for line in wrong.splitlines():
            found = _OF_FIELD.match(line)
            name = found[1].replace("-", "_") if found else ""
            if found and name in self.controls:
                is_missing = " is missing" in line[: found.start(2)]
                of_field.setdefault(name, []).append(
                    text("study.must_be_given", what=found[2]) if is_missing else found[2]
                )
            else:
                others.append(first_upper(line) + ("" if line.endswith((".", "?")) else "."))
        for name, control in self.controls.items():
            control.tell(" ".join(of_field.get(name, [])))
        if of_field:
            named = [first_lower(self.desk.words.field(name)) for name in of_field]
            others.append(text("study.see_above", fields=listed(named)))
        self.wrong.set_text(" ".join(others))
        self.wrong.set_visibility(bool(others))
