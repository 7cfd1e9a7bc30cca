"""What tables.csv of results and studies may say, and that a formula there is one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kelisim.case import schema as case_schema
from kelisim.errors import InternalError
from kelisim.explain.formula import Formula, Term, parsed
from kelisim.results.schema import KINDS, ResultColumn, ResultTable, described, own_tables, shared_tables
from kelisim.studies.study import names


def tables() -> Iterator[tuple[str, str, ResultTable]]:
    """File, study whose tables a formula may name, table."""
    for table in shared_tables().values():
        yield "results", "balance", table
    for study in names():
        for table in own_tables(study).values():
            yield study, study, table


def columns() -> Iterator[tuple[str, str, ResultTable, ResultColumn]]:
    for file, study, table in tables():
        for column in table.columns.values():
            yield file, study, table, column


def test_every_row_says_what_it_must() -> None:
    """Docs, workbook and explanations print these words; an empty one is a hole in all of them."""
    homes = {*case_schema.tables(), ""}
    for file, _, table in tables():
        assert table.description and table.keys and table.case in homes | {"@table"}, (file, table.name)
    for file, _, table, column in columns():
        where = (file, table.name, column.name)
        assert column.type in KINDS and column.key in homes | {"yes"}, where
        assert column.description and not column.description.endswith("."), where
        assert column.unit or column.type != "number", where


def test_units_are_written_without_a_currency_of_their_own() -> None:
    """A case in tenge must not show dollars."""
    used = {column.unit for *_, column in columns()}
    assert not [unit for unit in used if "USD" in unit]
    for unit in used:
        unit.format(currency="KZT")  # no other place in it


def test_formulas_name_tables_and_columns_that_are_there() -> None:
    """A renamed column would leave its number without parts, and nobody would see it."""
    wrong = []
    for file, study, table, column in columns():
        for term in parsed(column.formula).terms:
            home = described(study).get(term.table or table.name)
            if not term.table.startswith("@") and (home is None or term.column not in home.columns):
                wrong.append(f"{file} {table.name}.{column.name}: {term.table}.{term.column}")
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("", Formula()),
        ("stock / use of a day", Formula("stock / use of a day")),
        ("share at the start = level", Formula("share at the start = level")),
        ("sum: a; -b", Formula("", "sum", (Term("", "a", "a", "", None), Term("", "b", "-b", "", None)))),
        (
            "in words = last: links.flow.loading: hours [link and loading >= 0.9]",
            Formula(
                "in words",
                "last",
                (Term("links.flow", "loading", "hours", "link == @link and loading >= 0.9", None),),
            ),
        ),
        (
            "sum: mix.energy * case_cost [side == 'buys'] if item is sold to markets",
            Formula(
                "",
                "sum",
                (Term("mix", "energy", "energy * case_cost", "side == 'buys'", ("item", "sold to markets")),),
            ),
        ),
        ("max: @uses.amount", Formula("", "max", (Term("@uses", "amount", "amount", "", None),))),
    ],
)
def test_formulas_are_read_as_written(text: str, formula: Formula) -> None:
    """A term that is read wrongly adds up other rows."""
    assert parsed(text) == formula


def test_a_term_that_is_none_is_named() -> None:
    """A slip in a formula must not turn it silently into words."""
    with pytest.raises(InternalError, match=r'"links of all" is no term'):
        parsed("sum: links of all")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sum: links.total.forward [link]; -back", "sum of links.total.forward, back"),
        ("share: taken", "in proportion to taken"),
        ("taken times price = share: taken", "taken times price"),
    ],
)
def test_a_formula_without_words_is_told(text: str, told: str) -> None:
    """The docs say of every number how it is computed, not only of those with a sentence."""
    assert parsed(text).told == told


def test_the_study_of_a_run_names_no_other_folder() -> None:
    """A run that somebody else wrote must not make its files descriptions of this package."""
    assert own_tables("../studies/disruption") == {} and own_tables("nobody") == {}
    assert described("../studies/disruption") == shared_tables()
