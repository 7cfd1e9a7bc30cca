"""What a check says: each rule broken once in a small case, with the whole message in tests/golden/checks.txt.

UPDATE_GOLDEN=1 writes the file again; read the difference before it is handed in.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kelisim.errors import InputProblem
from tests.cases.make import made

GOLDEN = Path(__file__).parents[1] / "golden" / "checks.txt"

# a (gas field) --5--> b (homes and a boiler with homes on its heat)
TABLES = {
    "places": """
        place, name, country, lat, lon
        a,     A,    XA,      50,  60
        b,     B,    XB,      51,  60
        c,     C,    XB,      52,  60""",
    "assets": """
        asset, kind,   place, capacity, unit
        well,  field,  a,     6,        bcm/year
        oven,  boiler, b,     100,      MW""",
    "asset_ports": """
        asset, carrier,     ratio, unit
        well,  natural_gas, 1,
        oven,  heat,        1,
        oven,  natural_gas, -0.1,  1000 m3/MWh""",
    "links": """
        link, carrier,     from_place, to_place, capacity, unit
        pipe, natural_gas, a,          b,        5,        bcm/year""",
    "demand": """
        place, carrier,     customer_class, amount, unit
        b,     natural_gas, household,      1,      bcm
        b,     heat,        heat,           300,    GWh""",
}


def said(**tables: str) -> list[str]:
    """What a check says of the small case with some tables changed or added; \"+\" adds rows."""
    return [str(problem) for problem in problems(**tables)]


def problems(**tables: str) -> list[InputProblem]:
    whole = dict(TABLES)
    for name, text in tables.items():
        whole[name] = whole[name] + text[1:] if text.startswith("+") else text
    return made(**whole)[1]


def months(name: str, value: float, meaning: str, leave: int = 0) -> str:
    """A profile with the same value in each month; one month may be left out."""
    rows = [f"{name}, {month}, {value}, {meaning}" for month in range(1, 13) if month != leave]
    return "\n".join(["profile, month, value, meaning", *rows])


def changed(table: str, old: str, new: str) -> dict[str, str]:
    """A table of the small case with a text replaced."""
    assert old in TABLES[table]
    return {table: TABLES[table].replace(old, new, 1)}


def contracts(*rows: str) -> dict[str, str]:
    """Contracts whose last cells are empty where a row ends early."""
    commas = CONTRACTS.count(",")
    return {"contracts": "\n".join([CONTRACTS, *(row + "," * (commas - row.count(",")) for row in rows)])}


def streams(row: str, links: str = "") -> dict[str, str]:
    """A contract that books transit, and links beside the pipe."""
    head = "contract, kind, carrier, delivery_place, over, daily_max, stream"
    places = "+\n        d,     D,    XA,      53,  60"
    return {"contracts": f"{head}\n{row}"} | ({"links": links, "places": places} if links else {})


CONTRACTS = "contract, kind, carrier, delivery_place, return_place, over, annual_quantity, unit, daily_max, daily_min, daily_unit, swing_down, take_or_pay"
PROFILED = "place, carrier, customer_class, amount, unit, profile\nb, natural_gas, household, 1, bcm, winter"

BROKEN: dict[str, dict[str, str]] = {
    "identifier": changed("places", "        c, ", "        C-1, "),
    "element_twice": {"storages": "storage, place, carrier, working_capacity\npipe, b, natural_gas, 5"},
    "class_twice": {
        "customer_classes": "customer_class, carrier, order, voll\nhousehold, natural_gas;heat, 1, 9000\nhousehold, heat;lpg, 1, 9000"
    },
    "country": changed("places", "XA", "xa"),
    "country_of_three": changed("places", "XA", "XAA"),
    "control": {"places": TABLES["places"].replace(" B,", " B\x1b[2J,").replace(" C,", " C\x9b0m,").replace("XA", "\x1b[1mXA"),
                "sources": "source, title\nfi\x07rst, One\nsecond, T\x00wo"},
    "colour": {
        "carriers": "carrier, name, display_unit, energy_per_unit, colour\npeat, Peat, Mt, 3, 7a5230\nwood, Wood, Mt, 3, red\n"
                    "dung, Dung, Mt, 3, #ff\nsteam, Steam, TWh, 1, #fff\"/><script>x()</script>\nwind, Wind, TWh, 1, #aAbB09"
    },
    "dangling": changed("links", " b, ", " bb, "),
    "dangling_far": changed("demand", "household", "emperors"),
    "dangling_other_table": {"resources": "resource, amount, unit\nr, 5, MW", "resource_uses": "resource, table, element\nr, links, well"},
    "dangling_empty_table": changed("links", "unit\n", "unit, profile\n") | {"links": TABLES["links"].replace("unit\n", "unit, profile\n") + ", winter"},
    "dangling_two": {"contracts": "contract, kind, carrier, over, daily_max\nk, band, natural_gas, pipe;cable;canal, 5"},
    "class_of_demand": changed("demand", "heat,        heat", "heat,        transport"),
    "rate_of_nothing": {"outage_rates": "table, element, kind, failures_per_year, repair_hours\nlinks, , , 1, 5"},
    "rate_of_kind": {"outage_rates": "table, element, kind, failures_per_year, repair_hours\nlinks, , pipelin, 1, 5"},
    "owner": {"entities": "entity, name\nx, X", "owners": "element, entity, share\npipes, x, 1"},
    "owner_table": {"entities": "entity, name\nx, X", "owners": "element, entity, share, table\npipe, x, 1, link"},
    "observation": {"observations": "observation, table, element, period, value, unit\no, links, tube, 2024, 5, bcm"},
    "measure_words": {"measures": "measure, acts_on, value\nm, save gas, 1"},
    "measure_table": {"measures": "measure, acts_on, value\nm, link:pipe:capacity, 1"},
    "measure_element": {"measures": "measure, acts_on, value\nm, links:pip:capacity, 1"},
    "measure_column": {"measures": "measure, acts_on, value\nm, links:pipe:capacitie, 1"},
    "measure_unit": {"measures": "measure, acts_on, value, unit\nm, links:pipe:capacity, 1, bcm"},
    "project_words": {"projects": "project, builds\np, a pipe"},
    "project_element": {"projects": "project, builds\np, links:tube"},
    "project_unit": {"projects": "project, builds, capacity, unit\np, links:pipe, 3, Mt/year"},
    "restriction": {
        "restrictions": "restriction, programme, target_type, target, effect\nr, P, link, big_pipe, prohibit\ns, P, link, all pipes, prohibit"
    },
    "licence": {
        "restrictions": "restriction, programme, target_type, target, effect\nr, P, link, pipe, prohibit",
        "licences": "licence, number, lifts, acts\nl, GL 1, rr, operate\nm, GL 2, r, operating",
    },
    "bank": {"entities": "entity, name\nbank, Bank", "dealings": "dealing, name, parties\np, Pay, bnk"},
    "tasks": {"tasks": "task, name, starts_after, duration_days\nx, X, z, 5\ny, Y, x, 5\nz, Z, y, 5"},
    "carrier_unit": {"carriers": "carrier, name, display_unit, energy_per_unit\npeat, Peat, Mtt, 3"},
    "carrier_energy_zero": {"carriers": "carrier, name, display_unit, energy_per_unit, density\npeat, Peat, Mt, 0, 0"},
    "carrier_energy_missing": {"carriers": "carrier, name, display_unit\npeat, Peat, Mt"},
    "carrier_energy_twice": {"carriers": "carrier, name, display_unit, energy_per_unit\nsteam, Steam, TWh, 0.7"},
    "unit_misspelt": changed("links", "bcm/year", "bcm/yaer"),
    "unit_capitals": changed("assets", "MW", "Mw"),
    "unit_dimension": changed("demand", "GWh", "USD/MWh"),
    "unit_rate": changed("demand", "GWh", "MW"),
    "unit_mass_of_gas": changed("links", "bcm/year", "Mt/year"),
    "unit_currency": {"links": TABLES["links"].replace("unit\n", "unit, tariff, tariff_unit\n") + ", 5, EUR/1000 m3"},
    "unit_tons": {"demand": "+\n        b, coal_low_ash, household, 5, kton"},
    "unit_of_several": {"customer_classes": "customer_class, carrier, order, voll, voll_unit\nhousehold, gasoline;lpg, 9, 100, USD/t"},
    "port_unit": changed("asset_ports", "1000 m3/MWh", "1000 m3/MWhh"),
    "port_unit_reference": changed("asset_ports", "heat,        1,", "heat,        1, MWh/GWh"),
    "limit_unit": {"resources": "resource, amount, unit\nr, 5, MWW", "resource_uses": "resource, table, element\nr, links, pipe"},
    "limit_amount": {"resources": "resource, amount, unit\nr, 5, bcm", "resource_uses": "resource, table, element\nr, links, pipe"},
    "use_unit": {
        "resources": "resource, amount, unit\nr, 5, wagon",
        "resource_uses": "resource, table, element, use, unit\nr, links, pipe, 1, wagon_day/t\nr, assets, well, 1, wagon_day/1000 m3",
    },
    "free_unit": {"events": "event, start, what\ne, 2024-01-01, x", "event_changes": "event, change_no, acts_on, unit\ne, 1, links:pipe:share_out, shares"},
    "port_of_nothing": {"asset_ports": "+\n        ,      heat,        1,"},
    "port_of_both": {
        "asset_ports": "asset, kind, carrier, ratio, unit\nwell, field, natural_gas, 1,\noven, , heat, 1,\noven, , natural_gas, -0.1, 1000 m3/MWh"
    },
    "port_zero": changed("asset_ports", "-0.1", "0"),
    "asset_without_port": {"assets": "+\n        mill,  refinery,  b,     100,      MW"},
    "no_reference": changed("asset_ports", "heat,        1,", "heat,        1.1,"),
    "supply_takes": {
        "assets": "+\n        pump,  field,  a,     6,        bcm/year",
        "asset_ports": "+\n        pump,  natural_gas, -1,",
    },
    "sink_makes": {
        "assets": "+\n        torch, sink,   a,     6,        bcm/year",
        "asset_ports": "+\n        torch, natural_gas, -1,\n        torch, heat,  0.2,",
    },
    "converter_makes_nothing": {
        "assets": "+\n        torch, boiler, a,     6,        bcm/year",
        "asset_ports": "+\n        torch, natural_gas, -1,",
    },
    "converter_takes_nothing": {
        "assets": "+\n        torch, boiler, a,     6,        MW\n        mill,  power_plant, b, 5, MW",
        "asset_ports": "+\n        torch, heat,        1,\n        mill,  electricity, 1,\n        mill,  heat,        0.5,",
    },
    "converter_of_kind_takes_nothing": {
        "assets": "+\n        torch, boiler, b,     6,        MW",
        "asset_ports": "asset, kind, carrier, ratio, unit\nwell, , natural_gas, 1,\n, boiler, heat, 1,",
    },
    "more_energy_out": changed("asset_ports", "-0.1,  1000", "-0.09, 1000"),
    "more_energy_out_of_two": {
        "assets": "+\n        engine, chp,   b,     6,        MW",
        "asset_ports": "+\n        engine, electricity, 1,\n        engine, heat,        1.2,\n        engine, natural_gas, -2, MWh/MWh",
    },
    "more_energy_into_the_reference": {
        "assets": "+\n        engine, converter, b,  6,        MW",
        "asset_ports": "+\n        engine, natural_gas, -1,\n        engine, electricity, 0.6,\n        engine, heat, 0.5,",
    },
    "link_to_itself": {"links": "+\n        loop, natural_gas, c,          c,        5,        bcm/year"},
    "shared_alone": {"links": TABLES["links"].replace("unit\n", "unit, shared_with\n") + ", duct"},
    "shared_differ": {
        "links": "link, carrier, kind, from_place, to_place, capacity, unit, shared_with\n"
        "pipe, natural_gas, pipeline, a, b, 5, bcm/year, \nx, diesel, rail, a, b, 5, Mt/year, r\ny, jet, rail, a, b, 5, Mt/year, r\n"
        "z, gasoline, rail, a, b, 6, Mt/year, r\nw, jet, rail, a, b, 5, Mt/year, r"
    },
    "profile_gap": {"demand": PROFILED, "profiles": months("winter", 1, "level", leave=5)},
    "profile_clock": {
        "profiles": "profile, month, value, clock\n"
        + "\n".join(f"winter, {m}, 1, {'UTC+5' if m < 11 else 'Astana'}" for m in range(1, 13))
    },
    "profile_two_clocks": {
        "profiles": "profile, month, value, clock\n"
        + "\n".join(f"winter, {m}, 1, UTC+{5 if m < 11 else 6}" for m in range(1, 13))
    },
    "profile_gap_first": {"demand": PROFILED, "profiles": months("winter", 1, "level", leave=1)},
    "profile_gap_weekday_hour": {
        "demand": PROFILED,
        "profiles": "profile, weekday, hour, value\n"
        + "\n".join(f"winter, {day}, {hour}, 1" for day in range(1, 8) for hour in range(24) if (day, hour) not in ((3, 7), (6, 0))),
    },
    "profile_step_and_month": {"profiles": "profile, month, step, value\nwinter, 1, 2024-01-01, 1"},
    "profile_steps_late": {"profiles": "profile, step, value\nwinter, 2024-02-01, 1\nwinter, 2024-03-01, 1"},
    "profile_steps_gap": {
        "profiles": "profile, step, value\n" + "\n".join(f"winter, 2024-{m:02}-{d:02}, 1" for m in range(1, 13) for d in (1, 11, 21) if (m, d) != (6, 11))
    },
    "profile_steps_end": {
        "profiles": "profile, step, value\n" + "\n".join(f"winter, 2024-{m:02}-{d:02}, 1" for m in range(1, 9) for d in (1, 11, 21))
    },
    "profile_above_one": {"profiles": months("wind", 1.2, "availability").replace("1.2", "0.2").replace("7, 0.2", "7, 20")},
    "profile_negative": {"demand": PROFILED, "profiles": months("winter", 1, "level").replace("7, 1", "7, -1")},
    "profile_share_negative": {"profiles": months("winter", 0.1, "share").replace("7, 0.1", "7, -0.1")},
    "profile_two_meanings": {"demand": PROFILED, "profiles": months("winter", 1, "level").replace("9, 1, level", "9, 1, share")},
    "profile_sum": {"demand": PROFILED, "profiles": months("winter", 0.08, "share")},
    "profile_percent": {"demand": PROFILED, "profiles": months("winter", 8.3333, "share")},
    "profile_zero": {"demand": PROFILED, "profiles": months("winter", 0, "level")},
    "profile_shape_as_availability": {
        "profiles": months("winter", 1, "level"),
        "assets": "asset, kind, place, capacity, unit, profile\nwell, field, a, 6, bcm/year, winter\noven, boiler, b, 100, MW,",
    },
    "profile_availability_as_shape": {"demand": PROFILED, "profiles": months("winter", 1, "availability")},
    "contract_without_place": contracts("k, supply, natural_gas, , , , 1, bcm"),
    "contract_without_links": contracts("k, transport, natural_gas, , , , 1, bcm"),
    "contract_swap": contracts("k, swap, natural_gas, a, , , 1, bcm", "l, swap, natural_gas, a, a, , 1, bcm"),
    "stream_of_a_supply": streams("k, supply, natural_gas, a, , 5, yes"),
    "stream_without_end": streams("k, transport, natural_gas, , pipe, 5, yes"),
    "stream_ends_elsewhere": streams("k, transport, natural_gas, c, pipe, 5, yes"),
    "stream_gap": streams("k, transport, natural_gas, b, pipe;far, 5, yes", "+\n        far,  natural_gas, c,          d,        5,        bcm/year"),
    "stream_sideways": streams(
        "k, transport, natural_gas, b, pipe;near;side, 5, yes",
        "+\n        near, natural_gas, c,          b,        5,        bcm/year\n        side, natural_gas, a, c, 5, bcm/year",
    ),
    "stream_two_starts": streams("k, transport, natural_gas, b, pipe;near, 5, yes", "+\n        near, natural_gas, c,          b,        5,        bcm/year"),
    "stream_closed": streams("k, transport, natural_gas, a, pipe, 5, yes"),
    "contract_carrier": contracts("k, balance, diesel, , , pipe, 1, Mt"),
    "contract_says_nothing": contracts("k, balance, natural_gas, , , pipe"),
    "contract_share_of_nothing": contracts("k, supply, natural_gas, a, , , , , 5, , MW, , 0.8"),
    "minimum": contracts("k, supply, natural_gas, a, , , , , 5, 6, MW"),
    "minimum_of_asset": {
        "assets": "asset, kind, place, capacity, unit, annual_min, annual_max, annual_unit\nwell, field, a, 6, bcm/year, 5, 4, bcm\n"
        "oven, boiler, b, 100, MW, 900, , GWh"
    },
    "minimum_of_contract": contracts("k, supply, natural_gas, a, , , 10, TWh, 1000, , MW, 0.1, 0.8"),
    "dates": {"outages": "table, element, start, end\nlinks, pipe, 2024-05-01, 2024-04-01"},
    "outage_before": {"outages": "table, element, start, end\nlinks, pipe, 2023-05-01, 2023-12-31\nlinks, pipe, 2023-12-31, 2024-01-01"},
    "outage_after": {"outages": "table, element, start\nassets, well, 2024-01-03\nassets, well, 2024-01-02"},
    "contract_outside": {
        "contracts": "contract, kind, carrier, over, daily_max, start, end\nk, balance, natural_gas, pipe, 5, 2019-01-01, 2023-12-31\n"
        "l, balance, natural_gas, pipe, 5, 2025-01-01,\nm, balance, natural_gas, pipe, 5, , 2023-06-30\nn, balance, natural_gas, pipe, 5, , 2024-01-01"
    },
    "too_large": {
        "demand": TABLES["demand"].replace(" 1, ", " 1e6, "), "links": TABLES["links"].replace(" 5, ", " 1e10, ").replace("unit\n", "unit, tariff, tariff_unit\n") + ", 1e9, USD/kWh",
        "resources": "resource, amount, unit\nr, 1e13, MW", "resource_uses": "resource, table, element, use\nr, links, pipe, -2e12",
    },
    "shares": {"entities": "entity, name\nx, X\ny, Y", "owners": "element, entity, share\npipe, x, 0.7\npipe, y, 0.4\noven, x, 1"},
    "curve": {
        "storages": "storage, place, carrier, working_capacity, unit, withdrawal, rate_unit, withdrawal_curve\n"
        "s, b, natural_gas, 1, bcm, 5, MW, full\nt, b, natural_gas, 1, bcm, 5, MW, 0:1\nu, b, natural_gas, 1, bcm, 5, MW, 0:0.2;1:2\n"
        "v, b, natural_gas, 1, bcm, 5, MW, 0:0.2;0:1\nw, b, natural_gas, 1, bcm, 5, MW, 0:1;1:0.5\nx, b, natural_gas, 1, bcm, 5, MW, 0:0;0.5:0.1;1:1\n"
        "y, b, natural_gas, 1, bcm, , MW, 0:0.5;1:1"
    },
    "norm": {
        "storages": "storage, place, carrier, working_capacity, unit, norm_days, norm_use, norm_season, role\n"
        "s, b, natural_gas, 1, bcm, 5, , , strategic\nt, c, jet, 1, kt, 5, , , commercial\nu, b, natural_gas, 1, bcm, , 3, , commercial\n"
        "v, b, natural_gas, 1, bcm, , , flat, commercial\nw, b, natural_gas, 1, bcm, 5, , flat, commercial\nx, b, natural_gas, 1, bcm, 5, , , commercial\n"
        "y, c, jet, 1, kt, 5, 3, , commercial",
        "profiles": "profile, value, meaning\nflat, 1, level",
    },
    "norm_between_no_classes": {  # of 1 MWh out of the store 0.01 reaches the homes, who are protected, and all of it the mill
        "places": "place, name, country, region, lat, lon\na, A, XA, , 50, 60\nb, B, XB, XB-1, 51, 60\nc, C, XB, XB-1, 52, 60",
        "links": "link, carrier, from_place, to_place, capacity, unit, loss\npipe, natural_gas, a, b, 5, bcm/year, 0\nfar, natural_gas, b, c, 50, bcm/year, 0.99",
        "storages": "storage, place, carrier, working_capacity, unit, norm_days\ns, b, natural_gas, 1, bcm, 5",
        "demand": "place, carrier, customer_class, amount, unit\nb, heat, heat, 300, GWh\nb, natural_gas, industry, 1, bcm\nc, natural_gas, household, 0.01, bcm",
    },
    "target": {
        "storages": "storage, place, carrier, working_capacity, unit, target\ns, b, natural_gas, 1, bcm, full\nt, b, natural_gas, 1, bcm, 11-01:90\n"
        "u, b, natural_gas, 1, bcm, 02-29:0.5\nv, b, natural_gas, 1, bcm, 11-01:0.9; 13-01:0.5\nw, b, natural_gas, 1, bcm, 11-01:0.9; 04-01:0.3"
    },
    "order": {
        "customer_classes": "customer_class, carrier, order, voll, voll_unit\nhousehold, natural_gas, 2, 50, USD/MWh\nother, natural_gas, 6, 15000, USD/1000 m3"
    },
    "order_of_shipped": {"customer_classes": "customer_class, carrier, order, voll\nmill, natural_gas, 12, 2000"},
    "override_above": {"demand": "place, carrier, customer_class, amount, unit, voll\nb, natural_gas, household, 1, bcm,\nc, heat, heat, 0, GWh,\n"
                       "b, natural_gas, industry, 1, bcm, 5000"},
    "override_below": {"demand": "place, carrier, customer_class, amount, unit, voll\nb, natural_gas, household, 1, bcm, 90\nb, natural_gas, industry, 1, bcm,"},
    "no_path": {"demand": "+\n        c,     natural_gas, household,      1,      bcm\n        c,     natural_gas, industry,       1,      bcm"},
    "no_path_at_all": {"demand": "+\n        c,     jet,         transport,      1,      kt"},
    "no_path_for_a_plant": {
        "assets": "+\n        stove, boiler, c,     100,      MW",
        "asset_ports": "+\n        stove, heat,        1,\n        stove, natural_gas, -0.1,  1000 m3/MWh",
        "demand": "+\n        c,     heat,        heat,           1,      GWh",
    },
    "no_outlet": {"asset_ports": "+\n        well,  raw_gas,     0.2,   1000 m3/1000 m3"},
    "no_outlet_here": {
        "places": "place, name, country, may_curtail\na, A, KZ, no\nb, B, RU, yes\nc, C, UZ, natral_gas",
        "asset_ports": "+\n        well,  heat,        0.2,   MWh/MWh",
    },
}  # fmt: skip


def golden() -> dict[str, list[str]]:
    """Messages of each broken case, as they were read and found right."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            found[name].append(line[2:])
        elif line:
            name = line
            found[name] = []
    return found


def test_the_case_is_right_before_it_is_broken() -> None:
    """A message that is there anyway would prove nothing."""
    assert said() == []


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_said(name: str) -> None:
    """The message is the feature: where it is wrong, what is wrong, and what to do."""
    lines = [line for message in said(**BROKEN[name]) for line in message.splitlines()]
    if os.environ.get("UPDATE_GOLDEN"):
        kept = golden() if GOLDEN.exists() else {}
        parts = {key: lines if key == name else kept.get(key, []) for key in BROKEN}
        text = "\n".join(
            "\n".join([key, *(f"  {line}" for line in part)]) + "\n" for key, part in parts.items()
        )
        GOLDEN.write_text(text, encoding="utf-8")
    assert lines, "nothing is said"
    assert lines == golden()[name]


def test_what_draws_on_its_surroundings_may_give_more() -> None:
    """A heat pump gives three times its electricity, and so may a kind of the case's own."""
    tables = changed("asset_ports", "-0.1,  1000 m3/MWh", "-0.3, MWh/MWh")
    for kind in ("heat_pump", "geothermal"):
        kinds = "kind, name, from_surroundings\ngeothermal, Geothermal plant, yes"
        assets = TABLES["assets"].replace("boiler,", f"{kind},")
        assert said(**tables, assets=assets, asset_kinds=kinds) == []
    assert len(said(**tables)) == 1


def test_every_message_has_its_case() -> None:
    """Messages that nothing is compared with look like a proof and are none."""
    assert list(golden()) == list(BROKEN)
