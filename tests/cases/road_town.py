"""A town that waits for a pipeline: what was agreed, who works on it, who met, what is due.

RU: field --old 6--> town, KZ (uses 8; a dear well gives 2 at most) ; field --new 5, a candidate--> town
The project `pipe` has survey -> permits -> laying (rests in winter; begins with the permits of the first part) -> tests.
The project `line` is done but for its last test. `duty` has no project: it carries out a provision.
"""

from __future__ import annotations

from kelisim.case.case import Case
from tests.cases.make import make

PARTS = {
    "places": """
        place, name,  country
        field, Field, RU
        town,  Town,  KZ
    """,
    "links": """
        link, name,          carrier,     kind,     from_place, to_place, capacity, tariff, status
        old,  Old pipeline,  natural_gas, pipeline, field,      town,     6,        1,      base
        new,  New pipeline,  natural_gas, pipeline, field,      town,     5,        1,      candidate
    """,
    "assets": """
        asset, kind,  place, capacity, cost, confidence
        wells, field, field, 50,       5,    B
        well,  field, town,  1,        20,   C
    """,
    "asset_ports": """
        asset, carrier,     ratio
        wells, natural_gas, 1
        well,  natural_gas, 1
    """,
    "demand": """
        place, carrier,     customer_class, amount, unit,    confidence
        town,  natural_gas, household,      8,      MW year, B
    """,
    "agreements": """
        agreement, name,       parties, signed,     in_force_until, status
        deal,      Gas treaty, RU;KZ,   2025-01-01, 2035-12-31,     in force
    """,
    "provisions": """
        provision, agreement, topic,         obligor, beneficiary, quantity, unit, start,      end,        text,                          threshold
        build,     deal,      supply,        RU,      KZ,          5,        MW,   2025-01-01, 2027-12-31, build a second pipeline,
        account,   deal,      working_group, RU;KZ,   ,            ,         ,     2025-01-01, 2026-06-30, agree how gas is measured,
    """,
    "bodies": """
        body,  name,              chair,            meets,        every_days, level,       under, country
        board, Commission,        deputy premiers,  once a year,  365,        ministerial, ,
        group, Gas working group, deputy ministers, twice a year, 180,        technical,   board,
    """,
    "meetings": """
        meeting, body,  date,       decision
        board_1, board, 2025-11-08, A working group for gas
        group_1, group, 2025-05-20, Measure gas alike
        group_2, group, 2026-05-20, Not yet
    """,
    "actions": """
        action, body,  what,                             owner,                          due,        done_on,    meeting, provision, task,   confidence
        rules,  group, Draft rules of measuring gas,     Metering offices,               2025-12-01, ,           group_1, account,   ,       B
        labs,   group, Name the laboratories,            Metering offices;Gas company,   2026-02-15, ,           group_1, account,   method, B
        list,   group, Send the list of meters,          Gas company,                    2025-09-01, 2025-08-20, group_1, account,   ,       A
        future, group, Sign the rules,                   Metering offices,               2026-09-01, ,           group_2, account,   ,       B
        money,  board, Find money for the laboratories,  Ministry of Finance,            ,           ,           board_1, ,          ,       C
    """,
    "projects": """
        project, name,            builds,    capacity, unit, capex, earliest,   parties,     confidence, note
        pipe,    Second pipeline, links:new, 5,        MW,   120,   2028-01-01, Gas company, B,          to the town
        line,    Metering line,   links:old, 1,        MW,   ,      2025-09-01, Grid,        B,
    """,
    "tasks": """
        task,    name,                     provision, project, body,  owner,       starts_after, starts_with, lag_days, duration_days, optimistic, pessimistic, gate, months_off, planned_start, planned_finish, rescheduled_to, began_on,   done_on,    progress, confidence
        survey,  Second pipeline: survey,  build,     pipe,    group, Gas company, ,             ,            0,        200,           150,        400,         g1,   ,           2025-01-01,    2025-08-01,     ,               2025-02-01, 2025-10-01, 1,        B
        permits, Second pipeline: permits, build,     pipe,    group, Gas company, survey,       ,            30,       300,           200,        600,         g3,   ,           2025-08-01,    2026-06-01,     ,               2025-11-01, ,           0,        C
        laying,  Second pipeline: laying,  build,     pipe,    ,      Gas company, ,             permits,     180,      500,           400,        900,         g5,   12;1;2,     2026-03-01,    2027-10-01,     ,               ,           ,           0,        C
        tests,   Second pipeline: tests,   build,     pipe,    ,      Gas company, permits;laying, ,          0,        60,            30,         120,         g6,   ,           2027-10-01,    2027-12-31,     2028-06-30,     ,           ,           0,        C
        meters,  Metering line: building,  ,          line,    ,      Grid,        ,             ,            0,        100,           100,        100,         g5,   ,           ,              ,               ,               2025-01-01, 2025-06-01, 1,        A
        proof,   Metering line: proof,     ,          line,    ,      Grid,        meters,       ,            0,        40,            20,         60,          g6,   ,           ,              ,               ,               2025-06-01, ,           0,        B
        method,  Agree how gas is measured, account,  ,        group, Metering offices, ,        ,            0,        120,           60,         300,         ,     ,           2026-01-01,    2026-06-30,     ,               ,           ,           0.5,      C
    """,
}  # fmt: skip


def road_town(**parts: str) -> Case:
    """The case by months of 2024; other tables in place of its own."""
    return make(months=12, defaults={"home": "KZ"}, **(PARTS | parts))
