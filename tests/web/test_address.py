"""The address bar holds what is shown."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from kelisim.case.settings import PLACE_RULES, TIME_RULES
from kelisim.web.address import Address, Cut, parse

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1, max_size=12)
DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))
CUTS = st.builds(
    Cut,
    st.lists(NAMES, min_size=1, max_size=4, unique=True).map(tuple),
    DAYS,
    st.integers(1, 366),
    st.integers(1, 100).map(lambda part: part / 100),
    st.sampled_from(PLACE_RULES),
    st.sampled_from(TIME_RULES),
)
ADDRESSES = st.builds(
    Address,
    st.sampled_from(["map", "border"]),
    st.sampled_from(["", "1mo", "1d"]),
    st.one_of(st.just(""), NAMES),
    st.one_of(st.none(), DAYS),
    st.one_of(st.just(""), NAMES),
    st.one_of(st.none(), CUTS),
    st.booleans(),
    st.booleans(),
)


def read(link: str) -> Address:
    parts = urlsplit(link)
    page = "border" if parts.path == "/border" else "map"
    return parse(page, {key: values[0] for key, values in parse_qs(parts.query).items()})


@given(ADDRESSES)
def test_round_trip(address: Address) -> None:
    """A copied address must show to another what was seen here."""
    assert read(address.link()) == address


def test_first_view_has_a_short_address() -> None:
    """A bare address is the first view, not an error."""
    assert Address().link() == "/"
    assert read("/") == Address()


def test_wrong_parts_are_named() -> None:
    """A mistyped address shows what it can and says what it could not read."""
    query = {
        "cut": "pipe_a,pipe_a",
        "from": "2024-01-05",
        "days": "0",
        "place": "own_frist",
        "day": "soon",
        "step": "2d",
    }
    found = parse("map", query)
    assert found.cut == Cut(("pipe_a",), date(2024, 1, 5))
    assert found.wrong == (
        'day: "soon" is not a day such as 2024-01-15.',
        'days: "0" is not a number from 1 to 366.',
        'place: "own_frist" is not a rule. Did you mean "own_first"?',
        'step: "2d" is not a step. Known: 1mo, 1d, 1h.',
    )


def test_cut_without_a_day() -> None:
    """A cut without its first day is not asked, and it is said why."""
    found = parse("map", {"cut": "pipe_a"})
    assert found.cut is None
    assert found.wrong == ("from: the first day of the cut is missing.",)
