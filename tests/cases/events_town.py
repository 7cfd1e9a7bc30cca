"""The town behind one pipe (cut_town.py) with three events, and what was seen."""

from __future__ import annotations

from kelisim.case.assemble import assemble, require
from kelisim.case.case import Case, to_text
from kelisim.case.schema import tables
from tests.cases.cut_town import cut_town
from tests.cases.make import table

EVENTS = """
    event, start,      end,        what,             sources,     step
    cut,   2023-01-03, 2023-01-07, The pipe is cut,  A newspaper, day
    quiet, 2024-01-03, 2024-01-04, The spare is out, A newspaper, day
    hour,  2024-01-05, 2024-01-05, The CHP trips,    A newspaper, hour
"""
HEAD = "event, change_no, role, acts_on, value, unit, observed_effect, effect_unit, effect_period, compare_with, statistic, effect_kind, confidence, miss\n"
CHANGES = """
    cut,   1, cause, links:pipe:share_out,   1, share, -18, MW,    2023-01-03..2023-01-07, links.flow:pipe,                      change, cause,       A,
    cut,   2, cause, none,                   ,  ,      5,   days,  ,                       demand.unserved:town:heat,            ,       ,            A,
    cut,   3, cause, none,                   ,  ,      0.2, share, ,                       demand.unserved:town:natural_gas,     ,       ,            B, Industry was warned
    cut,   4, cause, none,                   ,  ,      30,  MW,    ,                       demand.unserved:t*:natural_gas,       mean,   bound,       C,
    quiet, 1, cause, assets:spare:share_out, 1, share, 0,   MWh,   ,                       demand.unserved:town,                 change, null,        B,
    quiet, 2, cause, none,                   ,  ,      7,   MWh,   ,                       some people saw less,                 ,       independent, B,
    hour,  1, cause, assets:chp:share_out,   1, share, 1.5, MW,    first hour,             first_hour.unserved:town:electricity, ,       independent, A,
"""


def events_town(changes: str = CHANGES, events: str = EVENTS, **more: str) -> Case:
    """Twelve days in January 2024. Raises CaseError with all problems.

    cut    of 2023: the pipe is lost from 3 to 7 January; gas of homes and industry, 14 MW, lacks 6 MW on three days and 14 on two
    quiet  the spare plant, which the plan does not use, is lost
    hour   the CHP trips: it gives all power, 2 MW
    more   other tables as text
    """
    plain = cut_town()
    raw = {name: to_text(tables()[name], frame) for name, frame in plain.tables.items()}
    raw |= {
        "events": table(events),
        "event_changes": table(changes if changes.startswith("event") else HEAD + changes.strip()),
    }
    raw |= {name: table(text) for name, text in more.items()}
    return require(assemble(plain.settings, raw, {}))
